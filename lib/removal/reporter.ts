import type { CleanupEvent } from '../schema/event.js';
import type { AnyModel, CleanupOptions } from '../schema/options.js';
import type { Asset, KeptReason, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import { ownerOf } from '../usage/reading.js';
import type { Candidate } from './candidates.js';
import type { DroppedFile } from './dropped-file.js';
import { masked, report, warn } from './events.js';

/** What an outcome is about. */
interface About {
  readonly value: unknown;
  readonly field: string | null;
  readonly documentId: unknown;
  readonly operation: string;
  readonly asset: Asset | null;
  /** Those that know what must not be told of the value. */
  readonly maskedBy: readonly StorageProvider[];
  readonly attempts: number;
}

/** Tells the outcomes of one model's removals. */
export class Reporter {
  readonly #model: AnyModel;
  readonly #options: CleanupOptions;

  constructor(model: AnyModel, options: CleanupOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** Tells of every candidate that its file stays. */
  keep(candidates: Iterable<Candidate>, operation: string, reason: KeptReason, error?: Error): void {
    for (const candidate of candidates) {
      const { value, source, documentIds } = candidate;
      const owner = safeOwnerOf(value, source.providers);
      const about: About = {
        value,
        field: source.field?.path ?? null,
        documentId: documentIds[0] ?? null,
        operation,
        asset: owner?.asset ?? null,
        maskedBy: source.providers,
        attempts: 0,
      };
      this.#tell(about, { outcome: 'kept', reason }, error);
    }
  }

  /** Tells of a whole write that its files stay, where the single files are not known. */
  keepWrite(operation: string, reason: KeptReason, error?: Error): void {
    const about = {
      value: undefined,
      field: null,
      documentId: null,
      operation,
      asset: null,
      maskedBy: [],
      attempts: 0,
    };
    this.#tell(about, { outcome: 'kept', reason }, error);
  }

  /** Tells what became of one file. A guess that was none is not told: most often its document has it still. */
  outcome(file: DroppedFile, result: RemovalOutcome, error?: Error): void {
    if (file.isGuess && isEveryday(result)) return;
    const { value, source, documentIds, write, asset, provider, attempts } = file;
    const about: About = {
      value,
      field: source.field?.path ?? null,
      documentId: documentIds[0] ?? null,
      operation: write.operation,
      asset,
      maskedBy: [provider],
      attempts,
    };
    this.#tell(about, result, error);
  }

  warn(message: string): void {
    warn(this.#options, message);
  }

  #tell(about: About, result: RemovalOutcome, error?: Error): void {
    const { value, field, documentId, operation, asset, maskedBy, attempts } = about;
    const cause = result.outcome === 'failed' ? result.error : (error ?? warningOf(result));
    const event: CleanupEvent = {
      outcome: result.outcome,
      asset,
      value: masked(value, maskedBy),
      field,
      model: this.#model.modelName,
      documentId,
      operation,
      attempts,
      ...(result.outcome === 'kept' && { reason: result.reason }),
      ...(cause && { error: cause }),
    };
    report(event, this.#options);
  }
}

function isEveryday(result: RemovalOutcome): boolean {
  return result.outcome === 'missing' || (result.outcome === 'kept' && result.reason === 'still used');
}

function safeOwnerOf(value: unknown, providers: readonly StorageProvider[]) {
  try {
    return ownerOf(value, providers);
  } catch {
    return undefined;
  }
}

function warningOf(result: RemovalOutcome): Error | undefined {
  return result.outcome === 'missing' && result.warning !== undefined ? new Error(result.warning) : undefined;
}
