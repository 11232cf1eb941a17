/** Why a file was kept. */
export type KeptReason =
  /** A document in the `references` scope still uses it. */
  | 'still used'
  /** A document in the `references` scope names the file in a form that no provider knows. */
  | 'mentioned'
  /** A `keep` rule or a literal schema default protects it. */
  | 'protected'
  /** No provider owns the value. */
  | 'not ours'
  /** The value points outside of the storage, or to something that is not a regular file. */
  | 'unsafe'
  /** The value has a spelling that the "still used?" question could not ask for. */
  | 'not canonical'
  /** The value could mean more than one asset. */
  | 'ambiguous'
  /** The "still used?" question failed, took too long or got no clear answer. */
  | 'unanswered'
  /** The values of the documents could not be read before the write. */
  | 'no snapshot'
  /**
   * The stored file is no longer the one that was seen when the write was acknowledged, or a document uses it under
   * another name.
   */
  | 'changed'
  /** The server did not acknowledge the write (`w: 0`), so its result is not known. */
  | 'unacknowledged'
  /** The result of the write or of its commit is not known. */
  | 'unknown commit'
  /** `cleanup.close()` was called before. */
  | 'closed'
  /** The option `dryRun` is on; otherwise, the file would have been removed. */
  | 'dry run'
  /** One operation changed more than `maxDocuments` documents. */
  | 'too many'
  /** The files that the write would drop could not be recorded in the journal. */
  | 'unjournalled';

/**
 * The outcome of the removal of one asset. `failed` has the error, and `retryable` says whether a later attempt may
 * succeed.
 */
export type RemovalOutcome =
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'missing'; readonly warning?: string }
  | { readonly outcome: 'kept'; readonly reason: KeptReason }
  | {
      readonly outcome: 'failed';
      readonly error: Error;
      readonly retryable: boolean;
      /** The time before which another attempt makes no sense, if the storage gave one (rate limits). */
      readonly retryAt?: Date;
    };
