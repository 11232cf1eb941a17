import type { Request, RequestHandler, Response } from 'express';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import type { Deed, Shelf } from './deeds.js';
import type { Live } from './live.js';
import { NO_MONGODB, Problem } from './problems.js';
import { promiseOf, summaryOf } from './sentences.js';
import { imageReceiver, type Received } from './uploads.js';

export interface ActorParts extends Shelf {
  /** A folder on the same disk for uploads that were not checked yet. */
  readonly incoming: string;
  readonly live: Live;
}

/** Creates request handlers from actions. */
export interface Actor {
  (deed: (request: Request, response: Response) => Promise<Deed>): RequestHandler;
  /** With the images of a form. If their document cannot be saved, nothing uses the images, and they are removed. */
  withImages(deed: (request: Request, received: Received) => Promise<Deed>): RequestHandler;
  /** With the images of a form that has no document yet, and may never have one. */
  withImagesInAdvance(deed: (request: Request, received: Received) => Promise<Deed>): RequestHandler;
}

/**
 * Request handlers that perform an action, describe in one sentence what it did to documents and files, and show the
 * call.
 */
export function actor({ Album, bin, uploads, incoming, live }: ActorParts): Actor {
  const act =
    (deed: (request: Request, response: Response) => Promise<Deed>): RequestHandler =>
    async (request, response) => {
      if (Album.db.readyState !== 1) throw new Problem(503, NO_MONGODB);
      try {
        const { result, lines } = await live.gather(() => deed(request, response));
        const { said, call, waiting = 0 } = result;
        const isWaiting = waiting > 0 && bin.graceMs > 0;
        const outcome = isWaiting ? promiseOf(waiting, bin.graceMs) : summaryOf(lines);
        response.json({ said: said.endsWith('.') ? said : `${said}: ${outcome}.`, call });
      } finally {
        live.changed();
      }
    };
  const receive = imageReceiver({ incoming, uploads });
  const receiveInAdvance = imageReceiver({
    incoming,
    uploads,
    // before they are stored, so that a crash at any time leaves no orphan
    announce: (images) => cleanupFor(Album).removeUnused(images, { after: bin.graceMs }),
  });

  return Object.assign(act, {
    withImages: (deed: (request: Request, received: Received) => Promise<Deed>) =>
      act(async (request, response) => {
        const received = await receive(request, response);
        try {
          return await deed(request, received);
        } catch (error) {
          await cleanupFor(Album).removeUnused([...received.images, received.avatar]);
          throw error;
        }
      }),
    withImagesInAdvance: (deed: (request: Request, received: Received) => Promise<Deed>) =>
      act(async (request, response) => deed(request, await receiveInAdvance(request, response))),
  });
}
