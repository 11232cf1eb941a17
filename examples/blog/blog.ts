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
  /** The folder in which `uploads` is created. */
  readonly dataFolder: string;
  /** How many milliseconds an image stays that was uploaded into a post that is not saved. */
  readonly unsavedMs?: number;
  /** How often the worker looks for files that are due. */
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

/** An app would use `'1h'`. The demo uses a time that is short enough to watch. */
const UNSAVED_MS = 120_000;

/** Connects and starts the parts of the blog. @throws if MongoDB cannot be reached, or the folder does not exist. */
export async function openBlog(options: BlogOptions): Promise<Blog> {
  const { mongodbUri, dataFolder, logger = console, log = console.error } = options;
  const { unsavedMs = UNSAVED_MS, workEvery = '1s' } = options;
  await mkdir(path.join(dataFolder, 'uploads'), { recursive: true });
  const uploads = await realpath(path.join(dataFolder, 'uploads'));
  const connection = mongoose.createConnection(mongodbUri, {
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
