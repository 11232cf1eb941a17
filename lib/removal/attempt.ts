import type { DroppedAsset, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import type { Reading } from '../usage/meaning.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';
import { inBatches } from '../shared/groups.js';

const DEFAULT_BATCH = 100;

/** What a removal needs to know about a file. */
export interface Removable extends Reading {
  /** The expected content; `undefined`: any content. */
  readonly fingerprint?: string | null | undefined;
}

export interface Attempted<T> {
  readonly file: T;
  readonly outcome: RemovalOutcome;
}

/**
 * Makes one attempt for each file of one provider. All its batches start at once, so that none waits behind a slow one
 * after its question was answered. Never rejects: if a provider throws or returns a wrong answer, the outcome is
 * `failed`.
 */
export async function attempt<T extends Removable>(
  files: readonly T[],
  timeoutMs: number,
): Promise<Attempted<T>[]> {
  const [first] = files;
  if (!first) return [];
  const batches = [...inBatches(files, batchSizeOf(first.provider))];
  return (await Promise.all(batches.map((batch) => attemptBatch(batch, timeoutMs)))).flat();
}

/** How many calls of a provider run at the same time. */
const CALLS = 5;
const MOST = 500;
/** A storage that takes this many files in one call gets them: a question about half of them would double its calls. */
const MOST_OF_ONE_CALL = 1000;

/** How many files one question should be about, since all calls of the provider follow it at once. */
export function questionSizeOf(provider: StorageProvider): number {
  const batch = batchSizeOf(provider);
  return Math.max(Math.min(MOST, CALLS * batch), Math.min(MOST_OF_ONE_CALL, batch));
}

/**
 * How many questions run at the same time. If one question does not use all calls, the database answers about one batch
 * while the storage works on another.
 */
export function questionsAtATime(provider: StorageProvider): number {
  return batchSizeOf(provider) < MOST ? 1 : 2;
}

function batchSizeOf({ batchSize = DEFAULT_BATCH }: StorageProvider): number {
  return Math.max(1, batchSize);
}

async function attemptBatch<T extends Removable>(
  batch: readonly T[],
  timeoutMs: number,
): Promise<Attempted<T>[]> {
  const { provider } = batch[0]!;
  let outcomes: readonly unknown[];
  try {
    const assets = batch.map(droppedAsset);
    const answer: unknown = await withTimeLimit('the removal', timeoutMs, (signal) =>
      provider.remove(assets, { signal }),
    );
    outcomes = Array.isArray(answer) && answer.length === batch.length ? answer : [];
  } catch (thrown) {
    const failed: RemovalOutcome = {
      outcome: 'failed',
      error: asError(thrown),
      retryable: isPassing(thrown),
    };
    return batch.map((file) => ({ file, outcome: failed }));
  }
  return batch.map((file, index) => ({ file, outcome: checked(outcomes[index], provider.name) }));
}

/** While a removal waited, another file may have been written under the same name. */
function droppedAsset({ asset, provider, fingerprint }: Removable): DroppedAsset {
  return provider.fingerprint ? { ...asset, expected: fingerprint } : asset;
}

/** A provider should not throw. If it does, only a time-out or a reset is worth another attempt. */
const PASSING = /^(E(BUSY|MFILE|NFILE|AGAIN|CONNRESET|CONNREFUSED|TIMEDOUT|PIPE|AI_AGAIN)|ENOTFOUND)$/;

function isPassing(thrown: unknown): boolean {
  const { name, code } = (thrown ?? {}) as { name?: unknown; code?: unknown };
  return (
    name === 'TimeLimitError' || name === 'TimeoutError' || (typeof code === 'string' && PASSING.test(code))
  );
}

function checked(outcome: unknown, provider: string): RemovalOutcome {
  const known = ['removed', 'missing', 'kept', 'failed'];
  const given = outcome as RemovalOutcome | null | undefined;
  if (given && known.includes(given.outcome)) {
    if (given.outcome !== 'failed') return given;
    const { retryAt, ...failed } = given;
    return {
      ...failed,
      error: asError(given.error),
      ...(retryAt instanceof Date && !Number.isNaN(retryAt.getTime()) && { retryAt }),
    };
  }
  const error = new Error(
    `the provider "${provider}" did not return one outcome for each asset that it was asked to remove`,
  );
  return { outcome: 'failed', error, retryable: false };
}
