import { Mongoose, type Connection } from 'mongoose';
import {
  cleanupFor,
  localProvider,
  type Asset,
  type CleanupEvent,
  type ImageCleanupOptions,
} from '../../lib/index.js';
import type { AnyDocumentModel } from '../support/test-app.js';
import { HeldTimers } from '../support/held-timers.js';
import { INTENTS, letTimePass } from '../support/journal.js';
import { MemoryStorage } from '../support/memory-storage.js';
import { Uploads } from '../support/uploads.js';
import { disableSessions } from '../support/async-storages.js';
import { ANCHOR } from './files.js';
import { defineModels } from './models.js';
import { folderNaming, plainNaming, type Naming } from './naming.js';
import type { History, ModelName } from './steps.js';
import { Disk, type Storage } from './storage.js';

/** A raw document, and the model over its collection. */
export interface Stored {
  readonly model: 'Album' | 'Concert';
  readonly document: Record<string, unknown>;
}

/** The models over one choice of options, on a connection of their own; made once and used by many histories. */
export interface World {
  readonly connection: Connection;
  readonly storage: Storage;
  readonly naming: Naming;
  readonly clock: HeldTimers;
  readonly events: CleanupEvent[];
  readonly log: string[];
  /** Files that the `references` function says are in use. */
  readonly pinned: Set<string>;
  /** Every file that is or was stored in this history. */
  readonly known: readonly string[];
  readonly hasObjects: boolean;
  /** Are collections searched for mentions? */
  readonly isSearched: boolean;
  /** A file of which nothing tells may not stay; where it is false, an event must say why. */
  readonly isStrict: boolean;
  listener: History['listener'];
  put(name: string): Promise<void>;
  model(name: ModelName): AnyDocumentModel;
  /** The raw documents of all collections. */
  documents(): Promise<Stored[]>;
  reset(history: History): Promise<void>;
  /** How much time has gone by for the journal, in milliseconds. */
  readonly passed: number;
  /** Time goes by for the journal, and a worker of another process comes. */
  pass(ms: number): Promise<void>;
  /** Lets the hours pass until everything has an outcome. */
  settle(): Promise<void>;
}

const HOUR = 3_600_000;

/** Of models that have one. */
export const GRACE_MS = 24 * HOUR;

/** In all, of one removal. */
export const ATTEMPTS = 3;

const COLLECTIONS = { Album: 'albums', Concert: 'concerts' } as const;

type Kind = Pick<History, 'storage' | 'removal' | 'references' | 'mentions' | 'journal'>;

/** Where the files are, and what is told, in one world. */
interface Parts {
  readonly connection: Connection;
  /** Of the process of a worker. */
  readonly worker: Connection;
  readonly storage: Storage;
  readonly naming: Naming;
  readonly provider: ImageCleanupOptions['provider'];
  /** Of the folder that the models read by different providers. */
  readonly root: string | undefined;
}

/** All worlds of one run; `close` ends them. */
export class Worlds {
  readonly #worlds = new Map<string, Promise<World>>();
  readonly #clock = new HeldTimers().install();
  readonly #connections: Connection[] = [];
  readonly #folders: Uploads[] = [];
  /** Sessions of `connection.transaction()` shall be found where hooks do not show them. */
  readonly #mongoose = new Mongoose({ transactionAsyncLocalStorage: true });
  readonly #mongooseOfWorkers = new Mongoose();

  constructor(readonly freshDatabase: () => string) {}

  of({ storage, removal, references, mentions, journal }: History): Promise<World> {
    const key = `${storage} ${removal} ${references} ${mentions} ${journal ?? ''}`;
    const known = this.#worlds.get(key);
    if (known) return known;
    const made = this.#make({ storage, removal, references, mentions, ...(journal && { journal }) });
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
    disableSessions(this.#mongoose);
  }

  async #make(kind: Kind): Promise<World> {
    const uri = this.freshDatabase();
    const connection = await this.#connect(this.#mongoose, uri);
    const worker = kind.journal ? await this.#connect(this.#mongooseOfWorkers, uri) : connection;
    const parts = { connection, worker, ...(await this.#storageOf(kind.storage)) };
    const world = worldOf(kind, parts, this.#clock);
    const definition = { options: optionsOf(kind, parts, world), root: parts.root, own: graceOf(kind) };
    defineModels(this.#mongoose, connection, definition);
    if (worker !== connection) defineModels(worker.base, worker, definition);
    await Promise.all(Object.values(connection.models).map((model) => model.createCollection()));
    await connection.model('Anchor').collection.insertOne({ image: ANCHOR } as never);
    return world;
  }

  async #connect(mongoose: Mongoose, uri: string): Promise<Connection> {
    const connection = mongoose.createConnection(uri, { maxPoolSize: 10 });
    this.#connections.push(connection);
    return connection.asPromise();
  }

  async #storageOf(kind: Kind['storage']): Promise<Omit<Parts, 'connection' | 'worker'>> {
    if (kind === 'memory') {
      const memory = new MemoryStorage();
      return { storage: inMemory(memory), naming: plainNaming, provider: memory.provider(), root: undefined };
    }
    const uploads = await Uploads.create();
    this.#folders.push(uploads);
    const isOne = kind === 'disk';
    return {
      storage: new Disk(uploads),
      naming: isOne ? plainNaming : folderNaming(uploads.root),
      provider: localProvider({ root: uploads.root, ...(!isOne && { hosts: ['example.com'] }) }),
      root: isOne ? undefined : uploads.root,
    };
  }
}

function worldOf({ storage: kind, mentions }: Kind, parts: Parts, clock: HeldTimers): World {
  const { connection, worker, storage, naming } = parts;
  const time = { passed: 0 };
  const known = new Set<string>();
  const world: World = {
    connection,
    storage,
    naming,
    clock,
    events: [],
    log: [],
    pinned: new Set(),
    get known() {
      return [...known];
    },
    get passed() {
      return time.passed;
    },
    async pass(ms) {
      time.passed += ms;
      await letTimePass(connection, ms);
      await clock.until(cleanupFor(worker).runDue());
      await clock.until(cleanupFor(worker).idle());
    },
    hasObjects: kind === 'memory',
    isSearched: mentions === 'default',
    isStrict: kind !== 'folders',
    listener: 'fine',
    async put(name) {
      known.add(name);
      await storage.put(name);
    },
    model: (name) => connection.model(name) as AnyDocumentModel,
    async documents() {
      const found = await Promise.all(
        (['Album', 'Concert'] as const).map(async (model) =>
          (await connection.collection(COLLECTIONS[model]).find().toArray()).map((document) => ({
            model,
            document,
          })),
        ),
      );
      return found.flat();
    },
    async reset({ listener }) {
      for (const list of [world.events, world.log]) list.length = 0;
      for (const set of [world.pinned, known]) set.clear();
      world.listener = listener;
      const names = [...naming.ordinary, ...naming.protected, ANCHOR].filter(isInside);
      await storage.reset(names);
      for (const name of names) known.add(name);
      time.passed = 0;
      const all = [...Object.values(COLLECTIONS), INTENTS];
      const collections = all.map((name) => connection.collection(name));
      await Promise.all(collections.map((collection) => collection.deleteMany({})));
    },
    async settle() {
      await clock.until(cleanupFor(connection).idle());
    },
  };
  return world;
}

/** Which models let their files stay for a while. */
function graceOf({ journal }: Kind): Record<string, ImageCleanupOptions> {
  const grace = { gracePeriod: GRACE_MS };
  if (journal === 'grace') return { Album: grace, Concert: grace };
  return journal === 'mixed' ? { Album: grace } : {};
}

function inMemory(memory: MemoryStorage): Storage {
  return {
    put: (name) => memory.put(name),
    contents: () => memory.contents(),
    async reset(names) {
      await memory.clear();
      for (const name of names) await memory.put(name);
    },
    fail: (fault, times) => {
      memory.fail(fault, times);
    },
    heal: () => {
      memory.heal();
    },
    removed: memory.removed,
  };
}

/** Of the names that never go, some lead out of the folder. */
function isInside(name: string): boolean {
  return !/^(?:\.\.|link)\//.test(name);
}

function optionsOf(
  { removal, references, mentions, journal }: Kind,
  { provider, naming }: Parts,
  world: World,
): ImageCleanupOptions {
  const note = (message: string): void => {
    world.log.push(message);
  };
  const isPinned = (asset: Asset): boolean => world.pinned.has(naming.nameOf(asset));
  const list: ImageCleanupOptions['references'] = [
    'Album',
    'Concert',
    { model: 'Anchor', fields: ['image'] },
    (assets) => Promise.resolve(assets.map(isPinned)),
  ];
  return {
    provider,
    removal,
    ...(journal && { journal: true }),
    ...(mentions === 'never' && { mentionsUpTo: 0 }),
    keep: ['/uploads/kept.png', /system-\d/, (_value, { asset }) => asset.key.includes('vetoed')],
    references: references === 'connection' ? 'connection' : list,
    retry: { attempts: ATTEMPTS, minDelayMs: HOUR, maxDelayMs: 4 * HOUR },
    logger: { warn: note, error: note },
    onEvent(event) {
      world.events.push(event);
      if (world.listener === 'throws') throw new Error('a listener that throws');
      return world.listener === 'rejects' ? Promise.reject('a listener that rejects') : undefined;
    },
  };
}
