import express, { type Express, type Request, type RequestHandler } from 'express';
import helmet from 'helmet';
import { isObjectIdOrHexString } from 'mongoose';
import path from 'node:path';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import type { Live } from '../gallery/live.js';
import { Problem, problemHandler } from '../gallery/problems.js';
import { HEADERS, refuseOtherSites } from '../gallery/safety.js';
import { imageReceiver } from '../gallery/uploads.js';
import type { PostModel } from './models.js';

export interface Parts {
  readonly Post: PostModel;
  readonly uploads: string;
  /** A folder on the same disk for uploads that were not checked yet. */
  readonly incoming: string;
  readonly unsavedMs: number;
  readonly live: Live;
  readonly log: (error: unknown) => void;
}

const QUILL = path.dirname(require.resolve('quill/dist/quill.js'));

/** The routes. None of them removes a file; the plugin does. */
export function createApp({ Post, uploads, incoming, unsavedMs, live, log }: Parts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet(HEADERS), refuseOtherSites);
  app.use('/quill', express.static(QUILL));
  app.use('/uploads', express.static(uploads, { index: false, cacheControl: false }));
  app.use(express.static(path.join(__dirname, 'public'), { cacheControl: false }));
  app.use(express.json({ limit: '1mb' }));
  app.get('/api/live', (request, response) => live.listen(request, response));

  app.get('/api/posts/:id', async (request, response) => {
    const { title, body } = await Post.findById(idOf(request)).lean().orFail(gone);
    response.json({ title, body });
  });
  app.post('/api/posts', async (request, response) => {
    const post = await Post.create(textsOf(request));
    response.json({ id: post.id as string, said: `“${post.title}” was published.` });
    live.changed();
  });
  app.put('/api/posts/:id', async (request, response) => {
    const post = await Post.findById(idOf(request)).orFail(gone);
    await post.set(textsOf(request)).save();
    response.json({ id: post.id as string, said: `“${post.title}” was saved.` });
    live.changed();
  });
  app.delete('/api/posts/:id', async (request, response) => {
    const post = await Post.findByIdAndDelete(idOf(request)).orFail(gone);
    response.json({ said: `“${post.title}” was deleted.` });
    live.changed();
  });
  app.post('/api/images', takeImage({ Post, uploads, incoming, unsavedMs }));

  app.use(() => {
    throw new Problem(404, 'There is nothing at this address.');
  });
  app.use(problemHandler(log));
  return app;
}

/**
 * The editor uploads an image as soon as it is inserted, before its post is saved. If the post is never saved, the file
 * is removed.
 */
function takeImage({ Post, uploads, incoming, unsavedMs }: Omit<Parts, 'live' | 'log'>): RequestHandler {
  const receive = imageReceiver({
    incoming,
    uploads,
    announce: (images) => cleanupFor(Post).removeUnused(images, { after: unsavedMs }),
  });
  return async (request, response) => {
    const { images } = await receive(request, response);
    if (images.length === 0) throw new Problem(400, 'Choose an image.');
    response.json({ images });
  };
}

function gone(): Problem {
  return new Problem(404, 'This post does not exist.');
}

function idOf({ params }: Request): string {
  const id = params['id'];
  if (typeof id !== 'string' || !isObjectIdOrHexString(id))
    throw new Problem(400, 'This is not the id of a post.');
  return id;
}

/**
 * Accepts only strings. The body is the HTML of the editor, stored unchanged: the page gives it to the editor, which
 * ignores unknown elements.
 */
function textsOf(request: Request): { title: string; body: string } {
  const { title, body } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof title !== 'string' || typeof body !== 'string')
    throw new Problem(400, '“title” and “body” must be strings.');
  return { title, body };
}
