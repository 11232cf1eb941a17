import type { CleanupEvent } from '../event.js';
import type { AnyModel, CleanupOptions } from '../options.js';
import type { Asset, KeptReason, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import type { Tracked } from '../tracking.js';
import type { Candidate, Entry } from './candidates.js';
import { masked, report, warn } from './events.js';
import { ownerOf } from './owner.js';

/** Tells the outcomes of one model's removals. */
export class Reporter {
  readonly #model: AnyModel;
  readonly #options: CleanupOptions;
  readonly #tracked: () => readonly Tracked[];

  constructor(model: AnyModel, options: CleanupOptions, tracked: () => readonly Tracked[]) {
    this.#model = model;
    this.#options = options;
    this.#tracked = tracked;
  }

  /** Says of every candidate that its file stays. */
  keep(candidates: Iterable<Candidate>, operation: string, reason: KeptReason, error?: Error): void {
    for (const { value, tracked, documentId } of candidates) {
      const owner = ownerOf(value, tracked.options.providers);
      this.outcome(
        { value, tracked, documentId, operation, asset: owner?.asset ?? null, provider: owner?.provider },
        { outcome: 'kept', reason },
        error,
      );
    }
  }

  /** Says of a whole write that its files stay, where the single files are not known. */
  keepWrite(operation: string, reason: KeptReason, error?: Error): void {
    const [tracked] = this.#tracked();
    if (tracked)
      this.outcome(
        { value: undefined, tracked, documentId: undefined, operation, asset: null },
        { outcome: 'kept', reason },
        error,
      );
  }

  warn(message: string): void {
    warn(this.#options, message);
  }

  /** What became of one asset. */
  outcome(
    about: Pick<Entry, 'value' | 'tracked' | 'documentId' | 'operation'> & {
      asset: Asset | null;
      provider?: StorageProvider | undefined;
      attempts?: number;
    },
    result: RemovalOutcome,
    error?: Error,
  ): void {
    const { value, tracked, documentId, operation, asset, provider, attempts = 0 } = about;
    const cause = result.outcome === 'failed' ? result.error : (error ?? warningOf(result));
    const event: Mutable<CleanupEvent> = {
      outcome: result.outcome,
      asset,
      value: masked(value, provider),
      field: tracked.field.path,
      model: this.#model.modelName,
      documentId,
      operation,
      attempts,
    };
    if (result.outcome === 'kept') event.reason = result.reason;
    if (cause) event.error = cause;
    report(event, tracked.options);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function warningOf(result: RemovalOutcome): Error | undefined {
  return result.outcome === 'missing' && result.warning !== undefined ? new Error(result.warning) : undefined;
}
