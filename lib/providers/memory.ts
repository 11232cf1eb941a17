import { derivedNames } from './derived.js';
import { MemoryFiles, type MemoryCall, type MemoryFault } from './memory-files.js';
import { checkMemoryOptions, type MemoryOptions } from './memory-options.js';
import {
  formsOf,
  idIn,
  idsIn,
  isId,
  namingOf,
  refusalOf,
  valueOf,
  type MemoryNaming,
} from './memory-values.js';
import type { Asset, StorageProvider } from './provider.js';

export type { MemoryCall, MemoryFault } from './memory-files.js';
export type { MemoryOptions } from './memory-options.js';

/**
 * A provider in memory, for tests. It can inject faults, and records the calls of `remove`.
 *
 * ```ts
 * storage.put('a.png'); // 'memory:a.png', the value for a document
 * storage.has('a.png'); // true
 * storage.failNext(1, { retryable: false }); // one call of remove fails for good,
 * storage.halveNext(1); // the next one removes half of its files,
 * storage.hangNext(1); // and the one after that waits for its time limit
 * storage.delay(50); // every later call takes 50 ms longer
 * storage.reset(); // no faults, no delay, no recorded calls
 * ```
 */
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
 * @throws TypeError if an option is wrong or unknown, such as a `baseUrl` or a `root` that no id can follow.
 */
export function memoryProvider(options: MemoryOptions = {}): MemoryProvider {
  checkMemoryOptions(options);
  const { name = 'memory', batchSize = 100, now = () => new Date(), derived } = options;
  const naming = namingOf(name, options);
  const files = new MemoryFiles(now);
  const put = (id: string, content = ''): string => {
    files.put(id, content);
    return valueOf(id, naming);
  };
  for (const [id, content] of Object.entries(options.files ?? {})) put(id, content);
  const assetOf = (key: string): Asset => ({ provider: name, key });
  return {
    name,
    kind: name,
    batchSize,
    get files() {
      return files.contents;
    },
    put,
    ...controlsOf(files),
    ...readingOf(naming, assetOf),
    remove: (assets, { signal }) => files.remove(assets, signal),
    fingerprint: async ({ key }) => files.fingerprint(key),
    ...(derived && {
      derivedOf: ({ key }: Asset) => (isId(key) ? derivedNames(derived, key).map(assetOf) : []),
    }),
    async *list({ signal, prefix = '' }) {
      for (const one of files.list(name, prefix)) {
        signal?.throwIfAborted();
        yield one;
      }
    },
  };
}

type Controls = Pick<
  MemoryProvider,
  'calls' | 'has' | 'failNext' | 'halveNext' | 'hangNext' | 'delay' | 'reset'
>;

/** What a test does with the storage. */
function controlsOf(files: MemoryFiles): Controls {
  return {
    calls: files.calls,
    has: (id) => files.has(id),
    failNext: (count, fault) => files.arm('fail', count, fault),
    halveNext: (count, fault) => files.arm('halve', count, fault),
    hangNext: (count) => files.arm('hang', count),
    delay: (milliseconds) => void (files.delayMs = milliseconds),
    reset: () => files.reset(),
  };
}

type Reading = Pick<
  MemoryProvider,
  'identify' | 'possible' | 'refusal' | 'forms' | 'hint' | 'check' | 'mask'
>;

function readingOf(naming: MemoryNaming, assetOf: (id: string) => Asset): Reading {
  return {
    identify(value) {
      const id = idIn(value, naming);
      return id === null ? null : assetOf(id);
    },
    possible: (value) => idsIn(value, naming).map(assetOf),
    refusal: (value) => refusalOf(value, naming),
    forms: (asset) => formsOf(asset, naming),
    hint: () => null,
    check: async () => null,
    mask: (value) => value,
  };
}
