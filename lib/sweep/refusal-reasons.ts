/** Why a sweep removes nothing. */
export type RefusalReason =
  /** Some orphans are of a kind, such as `.html`, that no stored value has; they may not be uploads. */
  | 'foreign-kind'
  /** Some orphans are in a folder in which no file is used, while files in other folders are, such as `thumbs/`. */
  | 'unused-folder'
  /** A storage has files, but no document uses any of them: the database or the root may be wrong. */
  | 'no-references'
  /** More than `maxShare` of the files seem to be orphans. */
  | 'max-share'
  /** The documents of a model could not be read, or not to the end. */
  | 'unread-model'
  /** A function in `references` threw, took too long, or did not return booleans. */
  | 'unanswered-references'
  /** The provider's listing ended with an error, such as an unreadable folder or a rate limit. */
  | 'broken-listing'
  /** Another registered model keeps its files in the same storage, and was not given. */
  | 'shared-storage'
  /** The plugin's option `enabled` is off for one of the models. */
  | 'switched-off';

/** Refusals that `allow` can override. `max-share` has its own option; for `shared-storage`, give the other model, too. */
export const OVERRIDABLE = [
  'no-references',
  'unread-model',
  'unanswered-references',
  'broken-listing',
  'switched-off',
] as const satisfies readonly RefusalReason[];

/** A reason that `allow` overrides for all files. */
export type OverridableReason = (typeof OVERRIDABLE)[number];

/**
 * A refusal that `allow` overrides. `unused-folder:` and `foreign-kind:` are followed by the folder or the kind to
 * allow.
 */
export type OverridableRefusal = OverridableReason | `unused-folder:${string}` | `foreign-kind:${string}`;

/** Why a sweep removed nothing, and how to override it. */
export interface Refusal {
  /** The reason. */
  readonly reason: RefusalReason;
  /** What was found, in a sentence. */
  readonly message: string;
  /** The flags of the command that override the refusal; the options have the same names. */
  readonly override: string;
  /** The folder of `unused-folder` (`thumbs`), or the kind of `foreign-kind` (`.html`; `none` for no extension). */
  readonly name?: string;
  /** The number of files, with `unused-folder` and `foreign-kind`. */
  readonly files?: number;
  /** The error that caused the refusal. */
  readonly error?: Error;
}
