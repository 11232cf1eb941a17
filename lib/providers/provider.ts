/**
 * The contract between this library and a storage provider, which gives access to the place where images are stored. A
 * provider knows neither Mongoose nor other providers. `providerContract` of `mongoose-image-cleanup/testing` tests an
 * implementation against these rules.
 */

import type { Asset, DroppedAsset, StoredAsset, StoredForms } from './asset.js';
import type { KeptReason, RemovalOutcome } from './outcome.js';

export type { Asset, DroppedAsset, StoredAsset, StoredForms } from './asset.js';
export type { KeptReason, RemovalOutcome } from './outcome.js';

/** Options of `remove`. */
export interface RemoveOptions {
  /** Aborted when the attempt has taken longer than `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** Options of `check`. */
export interface CheckOptions {
  /** Aborted when the caller no longer waits. */
  readonly signal: AbortSignal;
}

/** Options of `list`. */
export interface ListOptions {
  /** Ends the listing when it is aborted. */
  readonly signal?: AbortSignal;
  /** List only keys below this folder or with this beginning. */
  readonly prefix?: string;
  /**
   * Include files and folders whose names begin with a dot, if the storage hides such names by convention. Default
   * false.
   */
  readonly dotFiles?: boolean;
}

/**
 * A place where images are stored. `name`, `identify`, `forms` and `remove` are required.
 *
 * @example
 * const cdn: StorageProvider = {
 *   name: 'cdn',
 *   batchSize: 50,
 *   identify: (value) => (nameIn(value) === null ? null : { provider: 'cdn', key: nameIn(value) }),
 *   refusal: (value) => (isOnCdn(value) ? 'not canonical' : null),
 *   possible: (value) => namesIn(value).map((key) => ({ provider: 'cdn', key })),
 *   forms: ({ key }) => ({ equal: [key], addresses: [`https://cdn.example/${key}`] }),
 *   remove: (assets, { signal }) => Promise.all(assets.map((asset) => api.remove(asset, signal))),
 *   fingerprint: async ({ key }) => (await api.head(key))?.etag ?? null,
 *   fingerprintWhen: 'waiting',
 *   derivedOf: ({ key }) => [{ provider: 'cdn', key: `thumbs/${key}` }],
 *   hint: (value) => (isOnCdn(value) ? 'the account is "demo"' : null),
 *   check: async ({ signal }) => ((await api.ping(signal)) ? null : 'the CDN does not answer'),
 *   mask: (value) => String(value).replace(/token=[^&]+/, 'token=***'),
 *   list: (options) => api.all(options),
 * };
 */
export interface StorageProvider {
  /** The name of the provider, unique within one schema's `provider` array. */
  readonly name: string;
  /**
   * The kind of storage. Keys of two providers of the same kind mean the same asset if they are equal, whatever the
   * names of the providers. Default: the name.
   */
  readonly kind?: string;
  /**
   * The machine whose disk it is, if machines do not share the storage. A removal that waits in a journal is left to a
   * process whose provider names the same machine. It has no influence on what counts as a use. Default: all processes
   * reach the storage.
   */
  readonly machine?: string;
  /**
   * Returns the asset that a stored value means; `null` if the value does not belong to this storage, or is not safe to
   * touch. Pure and synchronous; never throws.
   */
  identify(value: unknown): Asset | null;
  /**
   * Returns why `identify` refuses a value that looks like one of this storage; `null` if it belongs elsewhere. Pure;
   * never throws.
   */
  refusal?(value: unknown): KeptReason | null;
  /**
   * Returns all assets that a value could mean: the result of `identify` or, if the value is ambiguous, each possible
   * reading. It is called for values that `scan` finds; a document with an ambiguous value uses every asset that it
   * could mean.
   *
   * If the provider has `fingerprint` and a dropped value could mean several assets, the one that is stored is removed.
   * If several are stored, none is removed (`ambiguous`). Default: the result of `identify`. Pure and synchronous;
   * never throws.
   */
  possible?(value: unknown): readonly Asset[];
  /**
   * Returns all forms in which documents may store the asset. Empty (`{ equal: [] }`) for an asset outside of this
   * storage: each provider in the scope that may reach the storage is asked, also about assets that another provider
   * identified. Pure and synchronous; never throws.
   */
  forms(asset: Asset): StoredForms;
  /**
   * Removes exactly these assets. Resolves with one outcome for each, in the same order. An asset that does not exist
   * is `missing`. Never rejects.
   */
  remove(assets: readonly DroppedAsset[], options: RemoveOptions): Promise<readonly RemovalOutcome[]>;
  /** The maximum number of assets for one call of `remove`. Default 100. */
  readonly batchSize?: number;
  /**
   * Returns a string that changes when a file is written anew under the same key (for example from device, inode, size
   * and mtime), and that is equal for two names of one file; `null` if nothing is stored. A provider with this method
   * must respect `expected` when it removes. Without it, a new file under the same name cannot be told from the old
   * one.
   */
  fingerprint?(asset: Asset): Promise<string | null>;
  /**
   * When fingerprints are taken. `'always'`: when the write is acknowledged. `'waiting'`, for storages where a
   * fingerprint costs a request: only of files whose removal has to wait (for a commit, or for another attempt) and of
   * values that could mean several assets; no two assets may then have the same fingerprint. Default `'always'`.
   */
  readonly fingerprintWhen?: 'always' | 'waiting';
  /**
   * Returns the likely reason why a value is not known, for the log: `its path begins with /static, and baseUrl is
   * /uploads`; `null` if there is none. Pure and synchronous; never throws.
   */
  hint?(value: unknown): string | null;
  /**
   * Returns what is wrong with the storage, in a sentence for the doctor: a folder that does not exist or is not
   * writable, a cloud without credentials or without an answer; `null` if nothing is wrong. Only reads, makes at most
   * one request, never rejects, and reveals no secret.
   */
  check?(options: CheckOptions): Promise<string | null>;
  /**
   * Returns the files derived from this one, such as its thumbnails, whether they are stored or not. When the file is
   * gone they are removed, too, unless something uses them; while a document uses it they count as used. Empty for an
   * asset outside of this storage. At most 100 assets, never the asset itself. It is not called for derived files.
   *
   * Pure and synchronous; it may throw. While the files derived from a file in use are not known, no file of the
   * storage is removed.
   */
  derivedOf?(asset: Asset): readonly Asset[];
  /** Returns the value as it may appear in events: without signatures or tokens. */
  mask?(value: unknown): unknown;
  /** Lists everything that is stored, for the sweep. */
  list?(options: ListOptions): AsyncIterable<StoredAsset>;
}

/**
 * A provider with methods that make a sweep faster and more exact. All of them are optional; `list` is enough for a
 * sweep.
 *
 * @example
 * const swept: SweepableProvider = {
 *   ...cdn,
 *   storage: 'demo/photos',
 *   nameOf: ({ key }) => key,
 *   listNames: (options) => api.names(options),
 *   find: async (asset) => {
 *     const head = await api.head(asset.key);
 *     return head && { asset, size: head.size, modifiedAt: head.modifiedAt };
 *   },
 * };
 */
export interface SweepableProvider extends StorageProvider {
  /**
   * Identifies the storage among those of its kind: a folder, a cloud. Two providers with the same name list the same
   * assets if and only if this is equal. A storage whose identifier begins with another one and a `/` lies within it.
   * Default: there is one storage of that name.
   */
  readonly storage?: string;
  /** The name of an asset below the storage, with `/`, which patterns of a sweep are compared with. Default: the key. */
  nameOf?(asset: Asset): string;
  /** Like `list`, but without size and time, for a storage where these cost a call for each file. Needs `find`. */
  listNames?(options: ListOptions): AsyncIterable<Asset>;
  /**
   * Returns what is stored now under the name that a listing gives the asset. Symbolic links, and names that differ in
   * case, lead to the asset that they mean; `null` if nothing is stored.
   */
  find?(asset: Asset): Promise<StoredAsset | null>;
}
