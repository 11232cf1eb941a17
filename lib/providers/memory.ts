import type {
  Asset,
  DroppedAsset,
  ListOptions,
  RemovalOutcome,
  RemoveOptions,
  StorageProvider,
  StoredAsset,
} from './provider.js';
import { derivedNames, type Derived } from './derived.js';
import { formsOf, idIn, idsIn, isId, namingOf, refusalOf, valueOf } from './memory-values.js';

/** Options of `memoryProvider`. */
export interface MemoryOptions {
  /** The name of the provider, which is also the scheme of the values: `memory:a/b.png`. Default: `'memory'`. */
  readonly name?: string;
  /**
   * For tests of an app that stores the paths of `localProvider`: where the app serves its files, as a path or a whole
   * URL. Values may then also be `/static/a.png`, `static/a.png`, `a.png`, multer's `uploads/a.png` and its file
   * object. Default: none.
   */
  readonly baseUrl?: string;
  /** With `baseUrl`: the folder with which multer's paths begin. Default: `'uploads'`. */
  readonly root?: string;
  /** The stored files at the beginning: id → content. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** The maximum number of assets for one call of `remove`. Default: 100. */
  readonly batchSize?: number;
  /** Returns the ids of the files derived from a file, given its id. Default: none. */
  readonly derived?: Derived;
  /** The clock for `modifiedAt`. Default: the system's. */
  readonly now?: () => Date;
}

/** The outcome of a removal that is made to fail. */
export interface MemoryFault {
  /** The error. Default: `Error('memory: the removal failed')`. */
  readonly error?: Error;
  /** Whether another attempt may succeed. Default: true. */
  readonly retryable?: boolean;
  /** The time before which another attempt makes no sense. Default: none. */
  readonly retryAt?: Date;
}

/** One call of `remove`: the ids that were asked for, and the outcome of each once the call is answered. */
export interface MemoryCall {
  /** The ids that were asked for, in order. */
  readonly ids: readonly string[];
  /** The outcome of each id; `null` until the call is answered. */
  readonly outcomes: readonly RemovalOutcome[] | null;
}

/** A provider in memory, for tests. It can inject faults, and records the calls of `remove`. */
export interface MemoryProvider extends Required<
  Omit<StorageProvider, 'fingerprintWhen' | 'machine' | 'derivedOf'>
> {
  /** The files derived from this one; only with the option `derived`. */
  derivedOf?(asset: Asset): readonly Asset[];
  /** The stored files: id → content. */
  readonly files: ReadonlyMap<string, string>;
  /** Every call of `remove`, in order. */
  readonly calls: readonly MemoryCall[];
  /**
   * Stores a file, or writes it anew. Returns the value that a document would hold: `memory:id`, or `/static/id` with a
   * `baseUrl`.
   */
  put(id: string, content?: string): string;
  /** Whether the file is stored. */
  has(id: string): boolean;
  /** Makes the next `count` calls of `remove` fail without removing anything. */
  failNext(count: number, fault?: MemoryFault): void;
  /**
   * Makes the next `count` calls of `remove` remove only the first half of their assets, rounded up, and fail for the
   * rest.
   */
  halveNext(count: number, fault?: MemoryFault): void;
  /** Makes the next `count` calls of `remove` wait until their signal is aborted. */
  hangNext(count: number): void;
  /** Delays every later call of `remove` by this number of milliseconds; 0 ends the delay. */
  delay(milliseconds: number): void;
  /** Clears faults and recorded calls. The files stay. */
  reset(): void;
}

type Fault = { readonly kind: 'fail' | 'halve' | 'hang' } & MemoryFault;

/**
 * Creates a storage in memory, for tests. Values are `memory:id` and `memory://id`, both with or without a `?query`,
 * and `{ memory: id }`, where `memory` is the name. With a `baseUrl`, the paths of an app are values, too. An id has
 * the characters `A-Z a-z 0-9 _ - .`, and `/` between names.
 *
 * @example
 * const storage = memoryProvider();
 * schema.plugin(imageCleanup, { fields: ['image'], provider: storage });
 * const album = await Album.create({ image: storage.put('a.png') });
 * await album.deleteOne();
 * storage.has('a.png'); // false
 *
 * @throws TypeError for a `baseUrl` or a `root` that no id can follow.
 */
export function memoryProvider(options: MemoryOptions = {}): MemoryProvider {
  const { name = 'memory', batchSize = 100, now = () => new Date(), derived } = options;
  const naming = namingOf(name, options.baseUrl, options.root);
  const assetOf = (key: string): Asset => ({ provider: name, key });
  const files = new Map<string, { content: string; written: number; modifiedAt: Date }>();
  const calls: MemoryCall[] = [];
  let faults: Fault[] = [];
  let waitMs = 0;
  let writes = 0;

  const put = (id: string, content = '') => {
    if (!isId(id))
      throw new TypeError(
        `memoryProvider: ${JSON.stringify(id)} is not an id; allowed: names of A-Z a-z 0-9 _ - . separated by /`,
      );
    files.set(id, { content, written: ++writes, modifiedAt: now() });
    return valueOf(id, naming);
  };
  for (const [id, content] of Object.entries(options.files ?? {})) put(id, content);

  const arm = (kind: Fault['kind'], count: number, fault: MemoryFault = {}) => {
    for (let i = 0; i < count; i++) faults.push({ ...fault, kind });
  };
  const fingerprintOf = (id: string): string | null => files.get(id)?.written.toString() ?? null;
  const removeOne = ({ key, expected }: DroppedAsset): RemovalOutcome => {
    if (!files.has(key)) return { outcome: 'missing' };
    if (expected !== undefined && expected !== fingerprintOf(key))
      return { outcome: 'kept', reason: 'changed' };
    files.delete(key);
    return { outcome: 'removed' };
  };
  const answer = async (assets: readonly DroppedAsset[], signal: AbortSignal): Promise<RemovalOutcome[]> => {
    const fault = faults.shift();
    if (fault?.kind === 'hang') await abortOf(signal);
    if (waitMs > 0) await wait(waitMs, signal);
    if (signal.aborted) return assets.map(() => failed({ error: asError(signal.reason) }));
    if (fault?.kind === 'fail') return assets.map(() => failed(fault));
    const whole = fault?.kind === 'halve' ? Math.ceil(assets.length / 2) : assets.length;
    return assets.map((asset, i) => (i < whole ? removeOne(asset) : failed(fault!)));
  };

  return {
    name,
    kind: name,
    batchSize,
    get files() {
      return new Map([...files].map(([id, { content }]) => [id, content]));
    },
    calls,
    put,
    has: (id) => files.has(id),
    failNext: (count, fault) => arm('fail', count, fault),
    halveNext: (count, fault) => arm('halve', count, fault),
    hangNext: (count) => arm('hang', count),
    delay: (milliseconds) => void (waitMs = milliseconds),
    reset() {
      faults = [];
      waitMs = 0;
      calls.length = 0;
    },

    identify(value) {
      const id = idIn(value, naming);
      return id === null ? null : assetOf(id);
    },
    possible: (value) => idsIn(value, naming).map(assetOf),
    hint: () => null,
    check: async () => null,
    refusal: (value) => refusalOf(value, naming),
    forms: (asset) => formsOf(asset, naming),
    async remove(assets: readonly DroppedAsset[], { signal }: RemoveOptions) {
      const ids = assets.map(({ key }) => key);
      const at = calls.push({ ids, outcomes: null }) - 1;
      const outcomes = await answer(assets, signal);
      calls[at] = { ids, outcomes };
      return outcomes;
    },
    fingerprint: async ({ key }) => fingerprintOf(key),
    ...(derived && {
      derivedOf: ({ key }: Asset) => (isId(key) ? derivedNames(derived, key).map(assetOf) : []),
    }),
    mask: (value) => value,
    async *list({ signal, prefix = '' }: ListOptions): AsyncGenerator<StoredAsset> {
      // iterates over a copy of the ids: writes during the listing neither hide nor repeat what was there
      for (const id of [...files.keys()].filter((one) => one.startsWith(prefix))) {
        signal?.throwIfAborted();
        const file = files.get(id);
        if (!file) continue;
        yield { asset: { provider: name, key: id }, size: file.content.length, modifiedAt: file.modifiedAt };
      }
    },
  };
}

function failed({
  error = new Error('memory: the removal failed'),
  retryable = true,
  retryAt,
}: MemoryFault): RemovalOutcome {
  return { outcome: 'failed', error, retryable, ...(retryAt && { retryAt }) };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([passed, abortOf(signal)]);
  clearTimeout(timer);
}
