import type { Asset, KeptReason } from '../providers/provider.js';

/** What the listing told of a file. */
export interface FileDetails {
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Why a sweep removes nothing. */
export type RefusalReason =
  /** Among the orphans are files of a kind, such as `.html`, that no stored value has: hardly uploads. */
  | 'foreign-kind'
  /** Among the orphans is a folder of which no file is used, while files of others are: `thumbs/`, made by convention. */
  | 'unused-folder'
  /** Files in a storage, but no document uses any of them: a wrong database or a wrong root. */
  | 'no-references'
  /** More than `maxShare` of the files seem to be orphans. */
  | 'max-share'
  /** The documents of a model could not be read, all of them or to the end. */
  | 'unread-model'
  /** A function in `references` threw, took too long, or answered something else than booleans. */
  | 'unanswered-references'
  /** The provider's listing ended with an error: an unreadable folder, one that went away, a rate limit. */
  | 'broken-listing'
  /** Another registered model keeps its files in the same storage and was not given. */
  | 'shared-storage'
  /** The plugin's option `enabled` is off for one of the models. */
  | 'switched-off';

/** Refusals that `allow` can override. `max-share` has an option of its own; for `shared-storage`, give the model. */
export const OVERRIDABLE = [
  'no-references',
  'unread-model',
  'unanswered-references',
  'broken-listing',
  'switched-off',
] as const satisfies readonly RefusalReason[];

/** A reason that `allow` overrides as a whole. */
export type OverridableReason = (typeof OVERRIDABLE)[number];

/** A refusal that `allow` overrides. One folder and one kind are allowed by name, and no other with them. */
export type OverridableRefusal = OverridableReason | `unused-folder:${string}` | `foreign-kind:${string}`;

/** Why a sweep removed nothing, and how to override it. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What was found, in a sentence. */
  readonly message: string;
  /** The flags of the command that override it; the options have the same names. */
  readonly override: string;
  /** The folder of `unused-folder` (`thumbs`), the kind of `foreign-kind` (`.html`, `none` without extension). */
  readonly name?: string;
  /** How many files that is about; with `unused-folder` and `foreign-kind`. */
  readonly files?: number;
  readonly error?: Error;
}

/** An orphan and, with `remove`, what became of it. */
export interface SweptFile extends FileDetails {
  readonly asset: Asset;
  /** Below the storage, with `/`. */
  readonly name: string;
  readonly outcome: 'orphan' | 'removed' | 'missing' | 'kept' | 'failed';
  /** With `kept`. */
  readonly reason?: KeptReason;
  /** With `failed`, and with `kept` where an error was the cause. */
  readonly error?: Error;
}

/** A document that points to a file that is not there. */
export interface MissingFile {
  readonly model: string;
  readonly database: string;
  readonly collection: string;
  readonly documentId: unknown;
  readonly field: string;
  /** What the document stores; delivery signatures masked. */
  readonly value: unknown;
  readonly asset: Asset;
}

/**
 * A file that stays because a document mentions its name in a way that leads to no file; `null` throughout where no document is the
 * reason, but a storage that did not say what is stored under the name.
 */
export interface UnclearFile {
  readonly asset: Asset;
  readonly name: string;
  readonly model: string | null;
  readonly database: string | null;
  readonly collection: string | null;
  readonly documentId: unknown;
  /** The path in the document, without the positions in arrays. */
  readonly field: string | null;
  /** The text around the name; signatures, tokens and passwords masked. */
  readonly value: string | null;
}

/** A collection that was not read, so that what its documents mention is not known. */
export interface UnreadCollection {
  readonly database: string;
  readonly collection: string;
  /** `no model`: no registered model has it. `other connection`: a model of a connection of which no model was given. */
  readonly reason: 'no model' | 'other connection';
  /** With `other connection`. */
  readonly models: readonly string[];
}

/** A collection that was read for uses. */
export interface ReadCollection {
  readonly host: string;
  readonly database: string;
  readonly collection: string;
  readonly models: readonly string[];
  /** The tracked fields. None: whole documents were read for mentions of what seems to be an orphan. */
  readonly fields: readonly string[];
  /** `0` in the mode `look-ups`, where files are asked for and documents are not read one by one. */
  readonly documents: number;
  /** Values found at the fields. */
  readonly references: number;
}

/** Files in each state; each listed file is in exactly one of `used` … `orphans`. */
export interface SweepCounts {
  readonly listed: number;
  /** By a document, in whichever stored form. */
  readonly used: number;
  /** Not older than `olderThan`. */
  readonly young: number;
  /** By the option `exclude`. */
  readonly excluded: number;
  /** By a `keep` rule or a schema default. */
  readonly protected: number;
  /** A document mentions a file of the same name in a way that leads to no file that was listed; see `SweepReport.unclear`. */
  readonly unclear: number;
  /** A `references` function says that something uses it. */
  readonly usedElsewhere: number;
  /** A `references` function did not answer. */
  readonly unanswered: number;
  /** Not there any more when its size and age were asked for. */
  readonly gone: number;
  readonly orphans: number;
  readonly removed: number;
  /** Orphans that were not removed after all: used by now, changed by now, or gone. */
  readonly kept: number;
  readonly failed: number;
  /** Values in documents that point to no file. Only counted with `missing`. */
  readonly missing: number;
}

/** What a sweep found and did. */
export interface SweepReport {
  /**
   * `clean`: no orphan. `orphans`: found and left, a dry run. `removed`: all of them are gone or in use by now.
   * `incomplete`: some could not be removed. `refused`: see `refusals`. `stopped`: by the signal.
   */
  readonly status: 'clean' | 'orphans' | 'removed' | 'incomplete' | 'refused' | 'stopped';
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Labels of the storages that were listed, such as `local /srv/app/uploads`. */
  readonly storages: readonly string[];
  readonly collections: readonly ReadCollection[];
  /** At most 1,000 collections that were not read. Not told with `onlyTracked`. */
  readonly unread: readonly UnreadCollection[];
  /** How references were found: every document read once, or every file asked for. */
  readonly mode: 'pass' | 'look-ups';
  readonly counts: SweepCounts;
  readonly bytes: { readonly orphans: number; readonly removed: number };
  readonly refusals: readonly Refusal[];
  /** What deserves a look though nothing was refused. */
  readonly notes: readonly string[];
  /** The first 1,000 orphans; every one of them goes to `onFile`. */
  readonly files: readonly SweptFile[];
  /** The first 1,000 files that a mention keeps; every one of them goes to `onUnclear`. */
  readonly unclear: readonly UnclearFile[];
  /** The first 1,000; every one of them goes to `onMissing`. */
  readonly missing: readonly MissingFile[];
}

/** How far a sweep is. */
export interface SweepProgress {
  readonly stage: 'listing' | 'references' | 'orphans' | 'mentions' | 'removal';
  /** The storage or the collection. */
  readonly what: string;
  /** Files or documents. */
  readonly done: number;
  /** Where it is known beforehand. */
  readonly total?: number;
}
