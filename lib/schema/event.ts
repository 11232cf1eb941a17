import type { Asset, KeptReason } from '../providers/provider.js';

/** What became of one asset in one write. */
export interface CleanupEvent {
  /** `missing`: the storage did not have it. `kept`: see `reason`. `failed`: for good, see `error`. */
  readonly outcome: 'removed' | 'missing' | 'kept' | 'failed';
  /** `null` where no provider owns the value, or no single asset is meant (`too many`, `no snapshot`). */
  readonly asset: Asset | null;
  /** What the document stored; delivery signatures masked. `undefined` where no single value is meant. */
  readonly value: unknown;
  /** The tracked path; `null` where no single field is meant (`removeUnused`, `too many`, `no snapshot`). */
  readonly field: string | null;
  /** The name of the model that was written. */
  readonly model: string;
  /** A document that held the value before the write; `null` where no single document is meant. */
  readonly documentId: unknown;
  /** The Mongoose call: `save`, `updateMany`, `removeUnused`, … */
  readonly operation: string;
  /** Only with `kept`. */
  readonly reason?: KeptReason;
  /** With `failed`, and with `kept` where an error was the cause. */
  readonly error?: Error;
  /** Calls of the provider for this asset so far. */
  readonly attempts: number;
}
