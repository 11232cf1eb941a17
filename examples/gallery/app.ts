import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { isObjectIdOrHexString } from 'mongoose';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import { albumActions, type AlbumTexts, type Deed } from './actions.js';
import { FAULTS, type Fault, type FaultyStorage } from './faulty-storage.js';
import { IMAGE_NAME } from './image-type.js';
import type { Live } from './live.js';
import type { AlbumModel } from './models.js';
import { NO_MONGODB, Problem, problemHandler } from './problems.js';
import { summaryOf } from './sentences.js';
import { imageReceiver, type Received } from './uploads.js';

export interface Parts {
  readonly Album: AlbumModel;
  /** The folder with the images and nothing else. */
  readonly uploads: string;
  /** A folder on the same disk for uploads that nobody has looked at yet. */
  readonly incoming: string;
  readonly storage: FaultyStorage;
  readonly live: Live;
  readonly log: (error: unknown) => void;
}

/** The gallery's routes over parts that somebody else has started and will end. */
export function createApp({ Album, uploads, incoming, storage, live, log }: Parts): Express {
  const app = express();
  const albums = albumActions(Album, uploads);
  const receive = imageReceiver({ incoming, uploads });

  /** Does it, says in one sentence what it did to documents and files, and shows the call. */
  const act =
    (deed: (request: Request, response: Response) => Promise<Deed>): RequestHandler =>
    async (request, response) => {
      if (Album.db.readyState !== 1) throw new Problem(503, NO_MONGODB);
      try {
        const { result, lines } = await live.gather(() => deed(request, response));
        const said = result.said.endsWith('.') ? result.said : `${result.said}: ${summaryOf(lines)}.`;
        response.json({ said, call: result.call });
      } finally {
        live.changed();
      }
    };

  /** The same with the images of a form. When their document could not be saved, nothing uses them: they go again. */
  const actWithImages = (deed: (request: Request, received: Received) => Promise<Deed>): RequestHandler =>
    act(async (request, response) => {
      const received = await receive(request, response);
      try {
        return await deed(request, received);
      } catch (error) {
        await cleanupFor(Album).removeUnused([...received.images, received.avatar]);
        throw error;
      }
    });

  app.disable('x-powered-by');
  app.use(helmet(HEADERS));
  app.use(refuseOtherSites);
  app.get('/uploads/:name', serveImage(uploads));
  app.use(express.static(path.join(__dirname, 'public'), { index: 'index.html', cacheControl: false }));
  app.use(express.json({ limit: '20kb' }));

  app.get('/api/live', (request, response) => live.listen(request, response));

  app.post(
    '/api/albums',
    actWithImages((request, received) => albums.create(textsOf(request), received)),
  );
  app.put(
    '/api/albums/:id/cover',
    actWithImages((request, received) => albums.replaceCover(idOf(request), received)),
  );
  app.put(
    '/api/albums/:id/avatar',
    actWithImages((request, received) => albums.replaceAvatar(idOf(request), received)),
  );
  app.post(
    '/api/albums/:id/gallery',
    actWithImages((request, received) => albums.addImages(idOf(request), received)),
  );
  app.put(
    '/api/albums/:id/gallery',
    act((request) => albums.reorder(idOf(request), imagesOf(request))),
  );
  app.delete(
    '/api/albums/:id/gallery',
    act((request) => albums.removeImage(idOf(request), textOf(request, 'image'))),
  );
  app.post(
    '/api/albums/:id/share',
    act((request) => albums.shareCover(idOf(request), idIn(request, 'with'))),
  );
  app.delete(
    '/api/albums',
    act((request) => albums.removeByTag(textOf(request, 'tag'))),
  );
  app.delete(
    '/api/albums/:id',
    act((request) => {
      const id = idOf(request);
      const how = textOf(request, 'how');
      if (how === 'plain') return albums.remove(id);
      if (how === 'without cleanup') return albums.removeWithoutCleanup(id);
      if (how === 'commit' || how === 'rollback') return albums.removeInTransaction(id, how);
      throw new Problem(400, '“how” must be plain, commit, rollback or without cleanup.');
    }),
  );
  app.post(
    '/api/files/remove-unused',
    act((request) => {
      const name = textOf(request, 'file');
      if (!IMAGE_NAME.test(name)) throw new Problem(400, 'This is no name of a file in the folder.');
      return albums.removeUnused(`/uploads/${name}`);
    }),
  );
  app.put('/api/storage', (request, response) => {
    storage.fault = faultOf(textOf(request, 'fault'));
    live.changed();
    response.json({ said: FAULT_SAID[storage.fault], call: `storage.fault = '${storage.fault}'` });
  });

  app.use(() => {
    throw new Problem(404, 'There is nothing at this address.');
  });
  app.use(problemHandler(log));
  return app;
}

const FAULT_SAID: Record<Fault, string> = {
  none: 'The storage works.',
  busy: 'From now on the storage is busy: every file refuses its first two removals (EBUSY).',
  denied: 'From now on the storage refuses permission to remove anything (EACCES).',
};

/** Nothing from other places, no scripts but the page's own. It runs on loopback without TLS. */
const HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  strictTransportSecurity: false,
};

/** A form on somebody else's page must not fill this gallery. */
const refuseOtherSites: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`) {
    throw new Problem(403, 'Requests from other sites are refused.');
  }
  next();
};

/** Only plain image files of this one folder: no links, no folders, no other names. */
function serveImage(uploads: string): RequestHandler<{ name: string }> {
  return async ({ params: { name } }, response) => {
    const isServed = IMAGE_NAME.test(name) && (await isPlainFile(path.join(uploads, name)));
    if (!isServed) throw new Problem(404, 'There is no such image (any more).');
    response.sendFile(name, {
      root: uploads,
      dotfiles: 'deny',
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    });
  };
}

async function isPlainFile(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isFile();
  } catch {
    return false;
  }
}

function idOf({ params }: Request): string {
  return checkedId(params['id']);
}

function idIn(request: Request, key: string): string {
  return checkedId(textOf(request, key));
}

function checkedId(id: unknown): string {
  if (typeof id !== 'string' || !isObjectIdOrHexString(id))
    throw new Problem(400, 'This is no id of an album.');
  return id;
}

function bodyOf(request: Request): Record<string, unknown> {
  return typeof request.body === 'object' && request.body !== null
    ? (request.body as Record<string, unknown>)
    : {};
}

/** Only strings get through, so no query operator does. */
function textOf(request: Request, key: string): string {
  const text = bodyOf(request)[key];
  if (typeof text !== 'string' || text === '' || text.length > 200)
    throw new Problem(400, `“${key}” is missing or no text.`);
  return text;
}

function textsOf(request: Request): AlbumTexts {
  const { title, tag, owner } = bodyOf(request);
  const texts = { title, tag, owner };
  for (const [key, text] of Object.entries(texts)) {
    if (text !== undefined && typeof text !== 'string') throw new Problem(400, `“${key}” must be a text.`);
  }
  return texts as AlbumTexts;
}

function imagesOf(request: Request): string[] {
  const { images } = bodyOf(request);
  if (!Array.isArray(images) || images.length > 50 || !images.every((image) => typeof image === 'string')) {
    throw new Problem(400, '“images” must be the images of the album in their new order.');
  }
  return images as string[];
}

function faultOf(text: string): Fault {
  const fault = FAULTS.find((one) => one === text);
  if (!fault) throw new Problem(400, `“fault” must be one of ${FAULTS.join(', ')}.`);
  return fault;
}
