import type { Asset, KeptReason } from '../providers/provider.js';

/** The outcome of one asset in one write. */
export interface CleanupEvent {
  /**
   * `removed`: the file was removed. `missing`: the storage did not have it. `kept`: see `reason`. `failed`: all
   * attempts failed, see `error`.
   */
  readonly outcome: 'removed' | 'missing' | 'kept' | 'failed';
  /**
   * The asset; `null` if no provider owns the value, or if the event is not about a single asset (`too many`, `no
   * snapshot`).
   */
  readonly asset: Asset | null;
  /** The value as the document stored it, with secrets masked; `undefined` if the event is not about a single value. */
  readonly value: unknown;
  /** The tracked path; `null` if the event is not about a single field (`removeUnused`, `too many`, `no snapshot`). */
  readonly field: string | null;
  /** The name of the model that was written. */
  readonly model: string;
  /** A document that held the value before the write; `null` if the event is not about a single document. */
  readonly documentId: unknown;
  /** The Mongoose call: `save`, `updateMany`, `removeUnused`, … */
  readonly operation: string;
  /** Why the file was kept; only with `kept`. */
  readonly reason?: KeptReason;
  /** The error, with `failed`, and with `kept` if an error was the cause. */
  readonly error?: Error;
  /** Number of attempts to remove this asset so far. */
  readonly attempts: number;
  /**
   * Only for a derived file: the original that it was made from, which is gone. `value`, `field` and `documentId` are
   * those of the original.
   */
  readonly derivedFrom?: Asset;
}
