import fse from 'fs-extra';
import { Mongoose, type Connection } from 'mongoose';
import {
  cleanupFor,
  imageCleanup,
  localProvider,
  type Asset,
  type CleanupEvent,
  type ImageCleanupOptions,
} from '../../lib/index.js';
import type { AnyDocumentModel } from '../support/album.js';
import { HeldTimers } from '../support/held-timers.js';
import { MemoryStorage } from '../support/memory-storage.js';
import { Uploads } from '../support/uploads.js';
import { ANCHOR, ORDINARY, OUTSIDE, PROTECTED } from './files.js';
import type { History, ModelName, StorageKind } from './steps.js';

/** Where the files of a history live. */
export interface Storage {
  put(name: string): Promise<void>;
  /** `name#version` of everything stored. */
  contents(): Promise<string[]>;
  clear(): Promise<void>;
  fail(fault: StorageKind, times: number): void;
  heal(): void;
  /** Every `name#version` removed, where the storage knows. */
  readonly removed?: readonly string[];
}

/** A folder, behind the local provider. Its versions are what the system tells of a file. */
class Disk implements Storage {
  #arrived = 0;

  constructor(readonly uploads: Uploads) {}

  async put(name: string): Promise<void> {
    // a new file each time, as uploads come: over the old one the inode would stay
    const arriving = this.uploads.path(`../arriving-${String(++this.#arrived)}`);
    await fse.outputFile(arriving, name);
    await fse.move(arriving, this.uploads.path(name), { overwrite: true });
  }

  async contents(): Promise<string[]> {
    const names = await this.uploads.names();
    const outside = await fse.pathExists(this.uploads.path('../outside.png'));
    const files = names.filter((name) => name !== 'link');
    const versions = await Promise.all(
      files.map(async (name) => {
        try {
          const { ino, mtimeNs } = await fse.stat(this.uploads.path(name), { bigint: true });
          return [`${name}#${String(ino)}:${String(mtimeNs)}`];
        } catch {
          return []; // removed since
        }
      }),
    );
    return [...versions.flat(), ...(outside ? OUTSIDE.map((name) => `${name}#1`) : [])];
  }

  async clear(): Promise<void> {
    await fse.emptyDir(this.uploads.root);
    await fse.outputFile(this.uploads.path('../outside.png'), 'outside');
    await fse.symlink(this.uploads.outside, this.uploads.path('link'));
  }

  fail(): void {
    // faults of the disk are injected in specs of their own
  }

  heal(): void {
    // nothing to heal
  }
}

/** The models over one choice of options, on a connection of their own; made once and used by many histories. */
export interface World {
  readonly connection: Connection;
  readonly storage: Storage;
  readonly clock: HeldTimers;
  readonly events: CleanupEvent[];
  readonly log: string[];
  /** Files that the `references` function says are in use. */
  readonly pinned: Set<string>;
  readonly hasObjects: boolean;
  listener: History['listener'];
  model(name: ModelName): AnyDocumentModel;
  /** The raw documents of all collections. */
  documents(): Promise<Record<string, unknown>[]>;
  reset(history: History): Promise<void>;
  /** Lets the hours pass until everything has an outcome. */
  settle(): Promise<void>;
}

const HOUR = 3_600_000;

/** In all, of one removal. */
export const ATTEMPTS = 3;

/** All worlds of one run; `close` ends them. */
export class Worlds {
  readonly #worlds = new Map<string, Promise<World>>();
  readonly #clock = new HeldTimers().install();
  readonly #connections: Connection[] = [];
  readonly #folders: Uploads[] = [];

  constructor(readonly freshDatabase: () => string) {}

  of({ storage, removal, references }: History): Promise<World> {
    const key = `${storage} ${removal} ${references}`;
    const known = this.#worlds.get(key);
    if (known) return known;
    const made = this.#make(storage, removal, references);
    this.#worlds.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    this.#clock.uninstall();
    for (const connection of this.#connections) {
      await connection.dropDatabase();
      await connection.destroy(true);
    }
    for (const uploads of this.#folders) await uploads.destroy();
  }

  async #make(
    kind: History['storage'],
    removal: History['removal'],
    references: History['references'],
  ): Promise<World> {
    // sessions of `connection.transaction()` shall be found where hooks do not show them
    const mongoose = new Mongoose({ transactionAsyncLocalStorage: true });
    const connection = mongoose.createConnection(this.freshDatabase(), { maxPoolSize: 10 });
    this.#connections.push(connection);
    await connection.asPromise();
    const events: CleanupEvent[] = [];
    const log: string[] = [];
    const pinned = new Set<string>();
    const clock = this.#clock;
    let storage: Storage;
    let provider: ImageCleanupOptions['provider'];
    if (kind === 'memory') {
      const memory = new MemoryStorage();
      storage = memory;
      provider = memory.provider();
    } else {
      const uploads = await Uploads.create();
      this.#folders.push(uploads);
      storage = new Disk(uploads);
      provider = localProvider({ root: uploads.root });
    }
    const note = (message: string): void => {
      log.push(message);
    };
    const world: World = {
      connection,
      storage,
      clock,
      events,
      log,
      pinned,
      hasObjects: kind === 'memory',
      listener: 'fine',
      model: (name) => connection.model(name) as AnyDocumentModel,
      async documents() {
        const found = await Promise.all(
          ['albums', 'concerts'].map((name) => connection.collection(name).find().toArray()),
        );
        return found.flat() as Record<string, unknown>[];
      },
      async reset({ listener }) {
        events.length = 0;
        log.length = 0;
        pinned.clear();
        world.listener = listener;
        await storage.clear();
        await Promise.all(['albums', 'concerts'].map((name) => connection.collection(name).deleteMany({})));
        for (const name of [...ORDINARY, ...PROTECTED, ANCHOR]) await storage.put(name);
      },
      async settle() {
        await clock.until(cleanupFor(connection).idle());
      },
    };
    const options: ImageCleanupOptions = {
      provider,
      removal,
      fields: ['image', 'cover', 'profile.avatar', 'gallery', 'photos.url', 'thumbs', 'card'],
      keep: ['/uploads/kept.png', /system-\d/, (_value, { asset }) => asset.key.includes('vetoed')],
      references:
        references === 'connection'
          ? 'connection'
          : [
              'Album',
              'Concert',
              { model: 'Anchor', fields: ['image'] },
              (assets: readonly Asset[]) =>
                Promise.resolve(assets.map(({ key }) => pinned.has(key.replace(/^.*\//, '')))),
            ],
      retry: { attempts: ATTEMPTS, minDelayMs: HOUR, maxDelayMs: 4 * HOUR },
      logger: { warn: note, error: note },
      onEvent(event) {
        events.push(event);
        if (world.listener === 'throws') throw new Error('a listener that throws');
        return world.listener === 'rejects' ? Promise.reject('a listener that rejects') : undefined;
      },
    };
    defineModels(mongoose, connection, options);
    await Promise.all(Object.values(connection.models).map((model) => model.createCollection()));
    await connection.model('Anchor').collection.insertOne({ image: ANCHOR } as never);
    return world;
  }
}

function defineModels({ Schema }: Mongoose, connection: Connection, options: ImageCleanupOptions): void {
  const definition = {
    group: { type: Number, default: 0 },
    count: Number,
    image: String,
    cover: { type: String, default: 'default.png' },
    profile: { avatar: String },
    gallery: { type: [String], default: undefined },
    photos: { type: [new Schema({ url: String }, { _id: false })], default: undefined },
    thumbs: { type: Map, of: String },
    card: Schema.Types.Mixed,
    untracked: String,
  };
  for (const name of ['Album', 'Concert']) {
    const schema = new Schema(definition, { collection: `${name.toLowerCase()}s`, autoIndex: false });
    schema.plugin(imageCleanup, options);
    connection.model(name, schema);
  }
  connection.model('Album').discriminator('Live', new Schema({ venue: String }));
  const anchor = new Schema({ image: String }, { collection: 'anchors', autoIndex: false });
  anchor.plugin(imageCleanup, { ...options, fields: ['image'] });
  connection.model('Anchor', anchor);
}
