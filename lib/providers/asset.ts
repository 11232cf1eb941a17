import type { StoredValue } from './stored-value.js';

/** A stored file. Two values mean the same file if and only if the providers and the keys of their assets are equal. */
export interface Asset {
  /** The `name` of the provider that owns the asset. */
  readonly provider: string;
  /** Identifies the asset among all assets of providers with this name, in every process; for example an absolute path. */
  readonly key: string;
}

/**
 * All forms in which documents may store one asset, for the "still used?" question. A value that these forms find in a
 * document is read by `possible` (or `identify`) and compared by key. A string that `equal` or `prefixes` find, but
 * that cannot be read, counts as a use.
 *
 * ```ts
 * // for the asset `photos/a.png`
 * { equal: ['a.png', 's3://photos/a.png'], addresses: ['https://photos.s3.amazonaws.com/a.png'] }
 * ```
 */
export interface StoredForms {
  /** Whole values, found by equality, which an index serves: strings, or BSON scalars such as an ObjectId. */
  readonly equal: readonly StoredValue[];
  /** Beginnings that only values of this asset have, such as `s3://bucket/a.png?`. Case-sensitive. */
  readonly prefixes?: readonly string[];
  /** Strings that a query (`?v=2`) or a fragment (`#top`) may follow, such as `/uploads/a.png`. */
  readonly addresses?: readonly string[];
  /**
   * For fields that hold objects: whole values by the sub-path of the object. If other assets may have the same value
   * (such as multer's `filename` in another folder), the whole object is read. Example: `{ public_id: ['a/b'] }`.
   */
  readonly objects?: Readonly<Record<string, readonly StoredValue[]>>;
  /**
   * Beginnings that values of other assets have, too, such as a cloud's delivery URL. They are searched for only if the
   * forms above find nothing, once for the whole batch. Each string found is read by `possible` (or `identify`) and
   * compared by key.
   */
  readonly scan?: readonly string[];
  /**
   * For fields that hold objects: names of sub-paths in which strings with the beginnings of `scan` are searched for,
   * too. The whole object is then read. Example: `['url', 'secure_url']`.
   */
  readonly scanObjects?: readonly string[];
}

/** An asset to remove, and the content that is expected. */
export interface DroppedAsset extends Asset {
  /**
   * The result of `fingerprint` when the write was acknowledged; `null`: nothing was stored. If the content differs
   * now, the provider must keep it (`kept`, `changed`). `undefined`: the content is not known, and whatever is stored
   * is removed. Set only for providers that have `fingerprint`.
   */
  readonly expected?: string | null | undefined;
}

/** One entry of a provider's listing. */
export interface StoredAsset {
  /** The asset. */
  readonly asset: Asset;
  /** Size in bytes. */
  readonly size: number;
  /** When its content was last changed, or it was stored under this name, whichever is later. */
  readonly modifiedAt: Date;
}
