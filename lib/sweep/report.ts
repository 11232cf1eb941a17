import type { Asset, KeptReason } from '../providers/provider.js';
import type { Refusal } from './refusal-reasons.js';

export { OVERRIDABLE } from './refusal-reasons.js';
export type { OverridableReason, OverridableRefusal, Refusal, RefusalReason } from './refusal-reasons.js';

/** What the listing says about a file. */
export interface FileDetails {
  /** Size in bytes. */
  readonly size: number;
  /** When its content was last changed, or it was stored under this name, whichever is later. */
  readonly modifiedAt: Date;
}

/** An orphan and, with `remove`, its outcome. */
export interface SweptFile extends FileDetails {
  /** The asset. */
  readonly asset: Asset;
  /** The name below the storage, with `/`. */
  readonly name: string;
  /** `orphan`: found by a dry run. The other values are outcomes of a removal. */
  readonly outcome: 'orphan' | 'removed' | 'missing' | 'kept' | 'failed';
  /** Why it was kept; only with `kept`. */
  readonly reason?: KeptReason;
  /** The error, with `failed`, and with `kept` if an error was the cause. */
  readonly error?: Error;
}

/** A document that points to a file that does not exist. */
export interface MissingFile {
  /** The name of the model. */
  readonly model: string;
  /** The name of its database. */
  readonly database: string;
  /** The name of its collection. */
  readonly collection: string;
  /** The `_id` of the document. */
  readonly documentId: unknown;
  /** The tracked path. */
  readonly field: string;
  /** The value that the document stores, with secrets masked. */
  readonly value: unknown;
  /** The asset that the value means. */
  readonly asset: Asset;
}

/**
 * A file that is kept because a document mentions its name in a way that leads to no file. If the reason is not a
 * document, but a storage that did not say what is stored under the name, the fields about a document are `null`.
 */
export interface UnclearFile {
  /** The asset. */
  readonly asset: Asset;
  /** The name below the storage, with `/`. */
  readonly name: string;
  /** The name of the model whose document mentions the file. */
  readonly model: string | null;
  /** The name of its database. */
  readonly database: string | null;
  /** The name of its collection. */
  readonly collection: string | null;
  /** The `_id` of the document. */
  readonly documentId: unknown;
  /** The path in the document, without the positions in arrays. */
  readonly field: string | null;
  /** The text around the name, with signatures, tokens and passwords masked. */
  readonly value: string | null;
}

/** A collection that was not read, so that mentions in its documents are not known. */
export interface UnreadCollection {
  /** The name of the database. */
  readonly database: string;
  /** The name of the collection. */
  readonly collection: string;
  /**
   * `no model`: no registered model has the collection. `other connection`: its model is on a connection of which no
   * model was given.
   */
  readonly reason: 'no model' | 'other connection';
  /** The models of the collection, with `other connection`. */
  readonly models: readonly string[];
}

/** A collection that was read for uses. */
export interface ReadCollection {
  /** The host of the database. */
  readonly host: string;
  /** The name of the database. */
  readonly database: string;
  /** The name of the collection. */
  readonly collection: string;
  /** Names of the models of the collection. */
  readonly models: readonly string[];
  /** The tracked fields. If there are none, whole documents were searched for mentions of orphans. */
  readonly fields: readonly string[];
  /** Number of documents; `0` in the mode `look-ups`, which does not read documents one by one. */
  readonly documents: number;
  /** Number of values found at the fields. */
  readonly references: number;
}

/** Number of files in each state. Each listed file is counted in exactly one of `used` … `orphans`. */
export interface SweepCounts {
  /** All listed files. */
  readonly listed: number;
  /** Used by a document, in any form. */
  readonly used: number;
  /** Not older than `olderThan`. */
  readonly young: number;
  /** Excluded by the option `exclude`. */
  readonly excluded: number;
  /** Protected by a `keep` rule or a schema default. */
  readonly protected: number;
  /** A document mentions a file of the same name in a way that leads to no listed file; see `SweepReport.unclear`. */
  readonly unclear: number;
  /** A `references` function said that something uses the file. */
  readonly usedElsewhere: number;
  /** A `references` function did not answer. */
  readonly unanswered: number;
  /** No longer stored when the size and age were asked for. */
  readonly gone: number;
  /** Files that no document uses. */
  readonly orphans: number;
  /** Orphans that were removed. */
  readonly removed: number;
  /** Orphans that were kept at the last check, because they are now used, changed or gone. */
  readonly kept: number;
  /** Orphans that could not be removed. */
  readonly failed: number;
  /** Values in documents that point to no file. Counted only with the option `missing`. */
  readonly missing: number;
}

/** What a sweep found and did. */
export interface SweepReport {
  /**
   * - `clean`: there were no orphans.
   * - `orphans`: a dry run found orphans.
   * - `removed`: all orphans were removed, or are now in use.
   * - `incomplete`: some orphans could not be removed.
   * - `refused`: nothing was removed; see `refusals`.
   * - `stopped`: the signal was aborted.
   */
  readonly status: 'clean' | 'orphans' | 'removed' | 'incomplete' | 'refused' | 'stopped';
  /** When the sweep was started. */
  readonly startedAt: Date;
  /** Duration in milliseconds. */
  readonly durationMs: number;
  /** Labels of the storages that were listed, such as `local /srv/app/uploads`. */
  readonly storages: readonly string[];
  /** The collections that were read. */
  readonly collections: readonly ReadCollection[];
  /** Collections that were not read, at most 1,000. Empty with `onlyTracked`. */
  readonly unread: readonly UnreadCollection[];
  /** How references were found. `pass`: every document was read once. `look-ups`: every file was asked for. */
  readonly mode: 'pass' | 'look-ups';
  /** Number of files in each state. */
  readonly counts: SweepCounts;
  /** Total size in bytes of the orphans, and of the files that were removed. */
  readonly bytes: { readonly orphans: number; readonly removed: number };
  /** Why nothing was removed; empty if nothing was refused. */
  readonly refusals: readonly Refusal[];
  /** Findings that need attention, although nothing was refused. */
  readonly notes: readonly string[];
  /** The first 1,000 orphans. `onFile` gets all of them. */
  readonly files: readonly SweptFile[];
  /** The first 1,000 files that a mention keeps. `onUnclear` gets all of them. */
  readonly unclear: readonly UnclearFile[];
  /** The first 1,000 documents that point to a missing file. `onMissing` gets all of them. */
  readonly missing: readonly MissingFile[];
}

/** The progress of a sweep. */
export interface SweepProgress {
  /** The stage of the sweep. */
  readonly stage: 'listing' | 'references' | 'orphans' | 'mentions' | 'removal';
  /** The storage or the collection. */
  readonly what: string;
  /** Number of files or documents so far. */
  readonly done: number;
  /** Total number, where it is known beforehand. */
  readonly total?: number;
}
