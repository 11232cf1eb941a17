import { masked } from '../providers/masked.js';
import type {
  Asset,
  KeptReason,
  RemovalOutcome,
  StorageProvider,
  SweepableProvider,
} from '../providers/provider.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { CleanupEvent } from '../schema/cleanup-event.js';
import type { AnyModel } from '../schema/options.js';
import { warn } from '../shared/isolated.js';
import { safeOwnerOf } from '../usage/meaning.js';
import { isFromText, type Candidate, type Dropped, type DroppedFile } from './candidates.js';
import { publish } from './publish.js';
import { UnknownValueCounter } from './unknown-values.js';

/** Why files are kept. */
export interface Why {
  readonly reason: KeptReason;
  readonly error?: Error | undefined;
}

/** The subject of an event, and the providers that mask its value. */
type About = Pick<CleanupEvent, 'asset' | 'operation'> & {
  readonly candidate?: Candidate;
  readonly maskedBy?: readonly StorageProvider[];
  readonly attempts?: number;
  readonly derivedFrom?: Asset | undefined;
};

/** How many removals in a row may be `missing` before a warning is logged. */
const MANY_MISSING = 3;

/** Reports the outcomes of one model's removals, as events and to the journal. */
export class Reporter {
  readonly #model: AnyModel;
  readonly #options: CleanupOptions;
  /** How many files in a row were missing in a storage that has had none. */
  readonly #missing = new Map<StorageProvider, number>();
  readonly unknown = new UnknownValueCounter((message) => {
    this.warn(message);
  });

  constructor(model: AnyModel, options: CleanupOptions) {
    this.#model = model;
    this.#options = options;
  }

  allKept(candidates: Dropped, why: Why): void {
    for (const candidate of candidates.values()) this.kept(candidate, candidates.write.operation, why);
  }

  kept(candidate: Candidate, operation: string, { reason, error }: Why): void {
    const maskedBy = candidate.source.providers;
    const asset = safeOwnerOf(candidate.value, maskedBy)?.asset ?? null;
    this.#report({ candidate, operation, asset, maskedBy }, { outcome: 'kept', reason }, error);
  }

  /** The files of a write are kept, and it is not known which they are. */
  writeKept(operation: string, { reason, error }: Why): void {
    this.#report({ operation, asset: null }, { outcome: 'kept', reason }, error);
  }

  filesKept(files: readonly DroppedFile[], reason: KeptReason): void {
    for (const file of files) this.outcome(file, { outcome: 'kept', reason });
  }

  /** The outcome of an attempt, which also tells whether the storage has files at all. */
  attempted(file: DroppedFile, result: RemovalOutcome): void {
    if (!isFromText(file.candidate)) this.#noteMissing(file.provider, result);
    this.outcome(file, result);
  }

  /** The outcome of one file. A wrong guess is no event: most often, its document still has the file. */
  outcome(file: DroppedFile, result: RemovalOutcome, error?: Error): void {
    const { candidate, write, asset, provider, attempts, derivedFrom } = file;
    write.journal?.ended(file, result);
    if (candidate.isGuess && isExpectedOfGuess(result)) return;
    if (result.outcome === 'missing' && isFromText(candidate)) return;
    const { operation } = write;
    this.#report({ candidate, operation, asset, maskedBy: [provider], attempts, derivedFrom }, result, error);
  }

  warn(message: string): void {
    warn(this.#options, message);
  }

  #report(about: About, result: RemovalOutcome, error?: Error): void {
    const { candidate, operation, asset, maskedBy = [], attempts = 0, derivedFrom } = about;
    const cause = result.outcome === 'failed' ? result.error : (error ?? warningOf(result));
    const event: CleanupEvent = {
      outcome: result.outcome,
      asset,
      value: masked(candidate?.value, maskedBy),
      field: candidate?.source.field?.path ?? null,
      model: this.#model.modelName,
      documentId: candidate?.documentIds[0] ?? null,
      operation,
      attempts,
      ...(result.outcome === 'kept' && { reason: result.reason }),
      ...(cause && { error: cause }),
      ...(derivedFrom && { derivedFrom }),
    };
    publish(event, this.#options);
  }

  /** Detects a storage that has none of the files that documents name: on another machine's disk, or a wrong folder. */
  #noteMissing(provider: StorageProvider, { outcome }: RemovalOutcome): void {
    if (outcome === 'removed' || outcome === 'kept') this.#missing.set(provider, -Infinity);
    if (outcome !== 'missing') return;
    const count = (this.#missing.get(provider) ?? 0) + 1;
    this.#missing.set(provider, count);
    if (count !== MANY_MISSING) return;
    const { storage } = provider as SweepableProvider;
    this.warn(
      `none of the first ${String(count)} files to remove was in the storage "${provider.name}"${storage === undefined ? '' : ` (${storage})`}: ` +
        'check that uploads go to this storage, on this machine',
    );
  }
}

function isExpectedOfGuess(result: RemovalOutcome): boolean {
  return result.outcome === 'missing' || (result.outcome === 'kept' && result.reason === 'still used');
}

function warningOf(result: RemovalOutcome): Error | undefined {
  return result.outcome === 'missing' && result.warning !== undefined ? new Error(result.warning) : undefined;
}
