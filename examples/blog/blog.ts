import mongoose from 'mongoose';
import type { Express } from 'express';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import { Live } from '../gallery/live.js';
import { lineOfEvent } from '../gallery/sentences.js';
import { createApp } from './app.js';
import { postModel, type PostModel } from './models.js';
import { readState } from './state.js';

export interface BlogOptions {
  readonly mongodbUri: string;
  /** Default: the one that the URI names. */
  readonly database?: string | undefined;
  /** Gets the folder `uploads`. */
  readonly dataFolder: string;
  /** Milliseconds that a picture stays which was uploaded into a post that nobody saves. */
  readonly unsavedMs?: number;
  /** How often the worker looks for files whose time is over. */
  readonly workEvery?: string;
  readonly logger?: ImageCleanupOptions['logger'];
  readonly log?: (error: unknown) => void;
}

export interface Blog {
  readonly app: Express;
  readonly Post: PostModel;
  readonly uploads: string;
  close(options?: { dropDatabase?: boolean }): Promise<void>;
}

/** An app would write `'1h'`; here one wants to see the end of it. */
const UNSAVED_MS = 120_000;

/** Connects and puts the parts of the blog together. @throws when there is no MongoDB or no such folder. */
export async function openBlog(options: BlogOptions): Promise<Blog> {
  const { mongodbUri, database, dataFolder, logger = console, log = console.error } = options;
  const { unsavedMs = UNSAVED_MS, workEvery = '1s' } = options;
  await mkdir(path.join(dataFolder, 'uploads'), { recursive: true });
  const uploads = await realpath(path.join(dataFolder, 'uploads'));
  const connection = mongoose.createConnection(mongodbUri, {
    ...(database !== undefined && { dbName: database }),
    serverSelectionTimeoutMS: 4000,
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    throw error;
  }
  const incoming = await mkdtemp(path.join(dataFolder, '.incoming-'));
  const Post = postModel(connection, {
    provider: localProvider({ root: uploads }),
    logger,
    onEvent: (event) => {
      live.tell(lineOfEvent(event));
    },
  });
  const live = new Live(uploads, () => readState(Post, uploads));
  const worker = cleanupFor(connection).work({ every: workEvery, onError: log });

  return {
    app: createApp({ Post, uploads, incoming, unsavedMs, live, log }),
    Post,
    uploads,
    async close({ dropDatabase = false } = {}) {
      live.close();
      await Promise.all([cleanupFor(connection).close({ timeoutMs: 5000 }), worker.stop()]);
      if (dropDatabase) await connection.dropDatabase().catch(log);
      await connection.destroy();
      await rm(incoming, { recursive: true, force: true });
    },
  };
}
