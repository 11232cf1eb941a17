import { masked } from '../providers/masked.js';
import type { KeptReason, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import type { CleanupEvent } from '../schema/event.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel } from '../schema/options.js';
import { warn } from '../shared/isolated.js';
import { safeOwnerOf } from '../usage/reading.js';
import { isFromText, type Candidate, type Candidates, type DroppedFile } from './candidates.js';
import { publish } from './publish.js';

/** Why files are kept. */
export interface Why {
  readonly reason: KeptReason;
  readonly error?: Error | undefined;
}

/** The subject of an event, and the providers that mask its value. */
type About = Pick<CleanupEvent, 'asset' | 'operation' | 'attempts' | 'derivedFrom'> & {
  readonly candidate: Pick<Candidate, 'value' | 'source' | 'documentIds'> | undefined;
  readonly maskedBy: readonly StorageProvider[];
};

/** Reports the outcomes of one model's removals. */
export class Reporter {
  readonly #model: AnyModel;
  readonly #options: CleanupOptions;

  constructor(model: AnyModel, options: CleanupOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** The files of all these candidates are kept. */
  allKept(candidates: Candidates, why: Why): void {
    for (const candidate of candidates.values()) this.kept(candidate, candidates.write.operation, why);
  }

  /** The file of a candidate is kept. */
  kept(candidate: Candidate, operation: string, { reason, error }: Why): void {
    const { value, source } = candidate;
    const asset = safeOwnerOf(value, source.providers)?.asset ?? null;
    const about = { candidate, operation, asset, maskedBy: source.providers, attempts: 0 };
    this.#report(about, { outcome: 'kept', reason }, error);
  }

  /** The files of a write are kept, and it is not known which they are. */
  writeKept(operation: string, { reason, error }: Why): void {
    const about = { candidate: undefined, operation, asset: null, maskedBy: [], attempts: 0 };
    this.#report(about, { outcome: 'kept', reason }, error);
  }

  /** The outcome of one file. A wrong guess is no event: most often, its document still has the file. */
  outcome(file: DroppedFile, result: RemovalOutcome, error?: Error): void {
    const { candidate, write, asset, provider, attempts, derivedFrom } = file;
    if (candidate.isGuess && isExpectedOfGuess(result)) return;
    if (result.outcome === 'missing' && isFromText(candidate)) return;
    const { operation } = write;
    const about = { candidate, operation, asset, maskedBy: [provider], attempts };
    this.#report(derivedFrom ? { ...about, derivedFrom } : about, result, error);
  }

  warn(message: string): void {
    warn(this.#options, message);
  }

  #report({ candidate, maskedBy, ...about }: About, result: RemovalOutcome, error?: Error): void {
    const cause = result.outcome === 'failed' ? result.error : (error ?? warningOf(result));
    const event: CleanupEvent = {
      outcome: result.outcome,
      asset: about.asset,
      value: masked(candidate?.value, maskedBy),
      field: candidate?.source.field?.path ?? null,
      model: this.#model.modelName,
      documentId: candidate?.documentIds[0] ?? null,
      operation: about.operation,
      attempts: about.attempts,
      ...(result.outcome === 'kept' && { reason: result.reason }),
      ...(cause && { error: cause }),
      ...(about.derivedFrom && { derivedFrom: about.derivedFrom }),
    };
    publish(event, this.#options);
  }
}

function isExpectedOfGuess(result: RemovalOutcome): boolean {
  return result.outcome === 'missing' || (result.outcome === 'kept' && result.reason === 'still used');
}

function warningOf(result: RemovalOutcome): Error | undefined {
  return result.outcome === 'missing' && result.warning !== undefined ? new Error(result.warning) : undefined;
}
