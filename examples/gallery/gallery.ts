import type { Express } from 'express';
import mongoose from 'mongoose';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import { createApp } from './app.js';
import { Bin, binModel } from './bin.js';
import { faultyStorage, type FaultyStorage } from './faulty-storage.js';
import { Live } from './live.js';
import { albumModel, GRACE_PERIOD, type AlbumModel } from './models.js';
import { lineOfEvent, lineOfRefusal } from './sentences.js';
import { readState } from './state.js';

export interface GalleryOptions {
  readonly mongodbUri: string;
  /** The folder in which `uploads` is created. */
  readonly dataFolder: string;
  /** Milliseconds; 0: dropped files are removed at once, and nothing can be undone. */
  readonly gracePeriod?: number | undefined;
  /** How often the worker looks for files that are due. */
  readonly workEvery?: string;
  readonly retry?: ImageCleanupOptions['retry'];
  readonly logger?: ImageCleanupOptions['logger'];
  readonly log?: (error: unknown) => void;
}

export interface Gallery {
  readonly app: Express;
  readonly Album: AlbumModel;
  readonly uploads: string;
  /**
   * Ends the pages' streams, lets the library finish, and closes the connection. Resolves with the number of removals
   * that were given up.
   */
  close(options?: { dropDatabase?: boolean }): Promise<{ givenUp: number }>;
}

/** Slow enough to watch. */
const RETRY = { attempts: 5, minDelayMs: 1500, maxDelayMs: 10_000 };

/** Connects and starts the parts of the gallery. @throws if MongoDB cannot be reached, or the folder does not exist. */
export async function openGallery(options: GalleryOptions): Promise<Gallery> {
  const { mongodbUri, dataFolder, logger = console, log = console.error } = options;
  const { gracePeriod = GRACE_PERIOD, workEvery = '1s', retry = RETRY } = options;
  await mkdir(path.join(dataFolder, 'uploads'), { recursive: true });
  const uploads = await realpath(path.join(dataFolder, 'uploads'));
  const incoming = await mkdtemp(path.join(dataFolder, '.incoming-'));
  const closeFolder = () => rm(incoming, { recursive: true, force: true });

  const connection = mongoose.createConnection(mongodbUri, {
    serverSelectionTimeoutMS: 4000,
    bufferCommands: false,
  });
  try {
    await connection.asPromise();

    const storage: FaultyStorage = faultyStorage(localProvider({ root: uploads }), (refusal) => {
      live.tell(lineOfRefusal(refusal));
    });
    const Album = albumModel(connection, {
      provider: storage,
      gracePeriod,
      retry,
      logger,
      onEvent: (event) => {
        live.tell(lineOfEvent(event));
      },
    });
    const Entry = binModel(connection);
    const bin = new Bin(Entry, gracePeriod);
    await Promise.all([Album.init(), Entry.init()]);
    const live = new Live(uploads, () => readState({ Album, bin, uploads, fault: storage.fault }));
    // Removes files whose grace period is over. In an app, any number of processes do so every 10 seconds.
    const worker = cleanupFor(connection).work({
      every: workEvery,
      onError: (error) => {
        if (connection.readyState === mongoose.STATES.connected) log(error);
      },
    });
    for (const change of ['connected', 'disconnected'] as const) {
      connection.on(change, () => {
        live.changed();
      });
    }

    return {
      app: createApp({ Album, bin, uploads, incoming, storage, live, log }),
      Album,
      uploads,
      async close({ dropDatabase = false } = {}) {
        live.close();
        const [ended] = await Promise.all([cleanupFor(connection).close({ timeoutMs: 5000 }), worker.stop()]);
        if (dropDatabase) await connection.dropDatabase().catch(log);
        await connection.destroy();
        await closeFolder();
        return ended;
      },
    };
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    await closeFolder();
    throw error;
  }
}
