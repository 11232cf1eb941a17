import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { IMAGE_NAME } from './image-type.js';
import { Problem, problemHandler } from './problems.js';
import { albumRoutes, deletionRoutes, storageRoutes, undoRoutes } from './routes.js';
import { actor, type ActorParts } from './actor.js';
import { HEADERS, refuseOtherSites } from './safety.js';
import type { FaultyStorage } from './faulty-storage.js';

export interface Parts extends ActorParts {
  readonly storage: FaultyStorage;
  readonly log: (error: unknown) => void;
}

/** The gallery's routes. The caller starts and stops the given parts. */
export function createApp(parts: Parts): Express {
  const { Album, bin, uploads, live, storage, log } = parts;
  const shelf = { Album, bin, uploads };
  const act = actor(parts);
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet(HEADERS));
  app.use(refuseOtherSites);
  app.get('/uploads/:name', serveImage(uploads));
  app.use(express.static(path.join(__dirname, 'public'), { index: 'index.html', cacheControl: false }));
  app.use(express.json({ limit: '20kb' }));
  app.get('/api/live', (request, response) => live.listen(request, response));
  app.use('/api', albumRoutes(shelf, act), deletionRoutes(shelf, act), undoRoutes(shelf, act));
  app.use('/api', storageRoutes(storage, live));
  app.use(() => {
    throw new Problem(404, 'There is nothing at this address.');
  });
  app.use(problemHandler(log));
  return app;
}

/** Serves only regular image files of this one folder: no links, no folders, no other names. */
function serveImage(uploads: string): RequestHandler<{ name: string }> {
  return async ({ params: { name } }, response) => {
    const isServed = IMAGE_NAME.test(name) && (await isPlainFile(path.join(uploads, name)));
    if (!isServed) throw new Problem(404, 'This image does not exist.');
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
