/**
 * The contract between this library and a place where images live. A provider knows neither Mongoose nor other
 * providers. `providerContract` of `mongoose-image-cleanup/testing` holds an implementation to these rules.
 */

import type { StoredValue } from './stored-value.js';

/** The stored thing a value points to. Two values are the same image if and only if provider and key are equal. */
export interface Asset {
  /** The `name` of the provider that owns it. */
  readonly provider: string;
  /** Identity within every provider of that name, in whichever process: e.g. an absolute path. */
  readonly key: string;
}

/** Why a file was left where it is. */
export type KeptReason =
  /** A document in the `references` scope still uses it. */
  | 'still used'
  /** A document in the `references` scope names the file in a way that no provider knows as one of its forms. */
  | 'mentioned'
  /** A `keep` rule or a literal schema default protects it. */
  | 'protected'
  /** No provider owns the value. */
  | 'not ours'
  /** The value points outside of what the provider may touch, or to something that is no plain file. */
  | 'unsafe'
  /** A spelling that the "still used?" question could not ask for. */
  | 'not canonical'
  /** The value could mean more than one asset. */
  | 'ambiguous'
  /** The "still used?" question failed, took too long or got no clear answer. */
  | 'unanswered'
  /** The originals could not be looked up before the write. */
  | 'no snapshot'
  /** The file is not the one that was seen when the write was acknowledged, or a document names it by another name. */
  | 'changed'
  /** The server did not acknowledge the write (`w: 0`), so nothing is known about it. */
  | 'unacknowledged'
  /** The result of the commit, or of the write, is unknown. */
  | 'unknown commit'
  /** `cleanup.close()` was called before. */
  | 'closed'
  /** The option `dryRun` is on: it would have been removed. */
  | 'dry run'
  /** One operation over more than `maxDocuments` documents. */
  | 'too many'
  /** What the write would drop could not be noted in the journal. */
  | 'unjournalled';

/** What became of one asset. `failed` carries the cause; `retryable` says whether a later try may succeed. */
export type RemovalOutcome =
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'missing'; readonly warning?: string }
  | { readonly outcome: 'kept'; readonly reason: KeptReason }
  | {
      readonly outcome: 'failed';
      readonly error: Error;
      readonly retryable: boolean;
      /** The storage named a time before which no try makes sense (rate limits). */
      readonly retryAt?: Date;
    };

/**
 * Every form in which documents may store one asset, for the "still used?" question. Whatever a document holds that is found
 * by them is read by `possible` (or `identify`) and compared by key. A string found by `equal` or `prefixes` that cannot be
 * read counts as a use.
 */
export interface StoredForms {
  /** Whole values, asked by equality (an index serves them): strings, or scalars of BSON such as an ObjectId. */
  readonly equal: readonly StoredValue[];
  /** Beginnings that only values of this asset have, such as `s3://bucket/a.png?`. Asked case-sensitively. */
  readonly prefixes?: readonly string[];
  /** Strings behind which a query (`?v=2`) or a fragment (`#top`) may follow, such as `/uploads/a.png`. */
  readonly addresses?: readonly string[];
  /**
   * For fields that hold objects: sub-path of the object → whole values. Other assets may share them (multer's `filename` in
   * another folder): the whole object is read then. Example: `{ public_id: ['a/b'] }`.
   */
  readonly objects?: Readonly<Record<string, readonly StoredValue[]>>;
  /**
   * Beginnings that other assets share (a cloud's delivery URL). Asked only when nothing above was found, once for the
   * whole batch; every string found is identified (or read in every way, see `possible`) and compared by key.
   */
  readonly scan?: readonly string[];
  /**
   * For fields that hold objects: names of sub-paths in which strings with the beginnings of `scan` are looked for, too. The
   * whole object is read then. Example: `['url', 'secure_url']`.
   */
  readonly scanObjects?: readonly string[];
}

/** An asset to remove, and which content of it is meant. */
export interface DroppedAsset extends Asset {
  /**
   * What `fingerprint` said when the write was acknowledged (`null`: nothing was there). If something else is stored by
   * now it stays: `kept`, `changed`. `undefined`: nothing is known, whatever is stored goes. Given only to a provider that
   * has `fingerprint`.
   */
  readonly expected?: string | null | undefined;
}

/** What `remove` is given besides the assets. */
export interface RemoveOptions {
  /** Aborted when the attempt has taken longer than `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** What `check` is given. */
export interface CheckOptions {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What `list` is given. */
export interface ListOptions {
  /** Ends the listing. */
  readonly signal?: AbortSignal;
  /** Only keys below this folder or id prefix. */
  readonly prefix?: string;
  /** Also files and folders whose name begins with a dot, where the storage has such a custom. Default false. */
  readonly dotFiles?: boolean;
}

/** One entry of a provider's listing. */
export interface StoredAsset {
  readonly asset: Asset;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** A place where images live. */
export interface StorageProvider {
  /** Unique within one schema's `provider` array. */
  readonly name: string;
  /**
   * What kind of storage it is: the keys of two providers of one kind mean the same asset if they are equal, whatever the
   * providers are called. Default: the name.
   */
  readonly kind?: string;
  /**
   * The machine whose disk it is, where machines do not share it. A removal that waits in a journal is left to a process
   * whose provider names the same machine. What counts as a use does not depend on it. Absent: every process reaches the storage.
   */
  readonly machine?: string;
  /** The asset a stored value points to. Pure, synchronous, never throws; `null`: not mine, or not safe to touch. */
  identify(value: unknown): Asset | null;
  /** Why `identify` refuses a value that looks like mine; `null` when it is simply not mine. Pure, never throws. */
  refusal?(value: unknown): KeptReason | null;
  /**
   * Every asset a value could mean: the one that `identify` answers and, where a value is ambiguous, each of its readings. Asked of
   * what `scan` finds: a document that stores an ambiguous value uses every asset it could mean. Where the provider has a
   * `fingerprint` and a dropped value could mean several assets, the one that is stored goes; if several are stored, none
   * does (`ambiguous`). Without this method `identify` is asked. Pure, synchronous, never throws.
   */
  possible?(value: unknown): readonly Asset[];
  /**
   * Every form in which documents may store the asset. Empty (`{ equal: [] }`) for an asset outside of this storage: each
   * provider in the scope that may reach the storage is asked, also about assets that another provider identified. Pure,
   * synchronous, never throws.
   */
  forms(asset: Asset): StoredForms;
  /** Removes exactly these assets. Resolves with one outcome each, in the order asked; an asset that is gone is `missing`. */
  remove(assets: readonly DroppedAsset[], options: RemoveOptions): Promise<readonly RemovalOutcome[]>;
  /** The most assets that one `remove` should get. Default 100. */
  readonly batchSize?: number;
  /**
   * What tells one stored content from the next under the same key (device, inode, size, mtime); equal for two names of
   * one file. `null`: nothing there. A provider that has it minds `expected` when it removes; without it a file written
   * anew under the same name cannot be told from the old one.
   */
  fingerprint?(asset: Asset): Promise<string | null>;
  /**
   * `'waiting'`: a look costs a call, so that it is taken only of a file whose removal has to wait (for a commit, for another try), and of
   * values that could mean several assets; no two assets then have one fingerprint. Default `'always'`: when the write was acknowledged.
   */
  readonly fingerprintWhen?: 'always' | 'waiting';
  /**
   * The likely reason why a value is not known, for the log: `its path begins with /static, and baseUrl is /uploads`. `null`:
   * no idea. Pure, synchronous, never throws.
   */
  hint?(value: unknown): string | null;
  /**
   * What is wrong with the storage, in a sentence for the doctor: a folder that is not there or may not be written, a cloud that
   * has no credentials or does not answer. `null`: nothing. Reads only, asks a cloud at most once, never rejects, tells no secret.
   */
  check?(options: CheckOptions): Promise<string | null>;
  /**
   * The files made from this one, such as its thumbnails, stored or not. When it is gone they go as well, unless something uses them; as long as a
   * document uses it they are used, too. Empty for an asset outside of this storage. Pure and synchronous; may throw: while nobody knows what is made
   * from a file in use, nothing of the storage is removed. At most 100, never the asset itself. Never asked of derived files.
   */
  derivedOf?(asset: Asset): readonly Asset[];
  /** The value as it may appear in events: without signatures or tokens. */
  mask?(value: unknown): unknown;
  /** Everything stored, page by page, for the sweep. */
  list?(options: ListOptions): AsyncIterable<StoredAsset>;
}

/** What makes a sweep of a storage quicker and surer. Everything here is optional; `list` alone is enough to be swept. */
export interface SweepableProvider extends StorageProvider {
  /**
   * Which storage of its kind this is: a folder, a cloud. Two providers of one name list the same assets if and only if
   * this is equal; one that begins with another and a `/` lies within it. Absent: there is one storage of that name.
   */
  readonly storage?: string;
  /** The name below the storage with `/`, as the patterns of a sweep see it. Absent: the key. */
  nameOf?(asset: Asset): string;
  /** The assets of `list` without size and time, for a storage where these cost a call each. Needs `find`. */
  listNames?(options: ListOptions): AsyncIterable<Asset>;
  /**
   * What is stored there now, under the name that a listing gives it: symbolic links and names in another case are
   * followed to the asset that they mean. `null`: nothing.
   */
  find?(asset: Asset): Promise<StoredAsset | null>;
}
