import type { DroppedAsset, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import type { Reading } from '../usage/reading.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';
import { inBatches } from '../shared/groups.js';

const DEFAULT_BATCH = 100;

/** What a removal needs to know of a file. */
export interface Removable extends Reading {
  /** The content that is meant; `undefined`: whatever is stored. */
  readonly fingerprint?: string | null | undefined;
}

/** What became of a file in one attempt. */
export interface Attempted<T> {
  readonly file: T;
  readonly outcome: RemovalOutcome;
}

/**
 * One attempt for each file of one provider: its batches all at once, so that none waits behind a slow one after its
 * question was answered. Never rejects: what a provider throws, or answers wrongly, is a `failed` outcome.
 */
export async function attempt<T extends Removable>(
  files: readonly T[],
  timeoutMs: number,
): Promise<Attempted<T>[]> {
  const [first] = files;
  if (!first) return [];
  const calls: Promise<Attempted<T>[]>[] = [];
  for (const batch of inBatches(files, batchSizeOf(first.provider)))
    calls.push(attemptBatch(batch, timeoutMs));
  return (await Promise.all(calls)).flat();
}

/** Calls of a provider at the same time. */
const CALLS = 5;
const MOST = 500;
/** A storage that takes so many in one call gets them: a question of half of them would double its calls. */
const MOST_OF_ONE_CALL = 1000;

/** The most files that one question should be about, since all calls of the provider follow it at once. */
export function questionSizeOf(provider: StorageProvider): number {
  const batch = batchSizeOf(provider);
  return Math.max(Math.min(MOST, CALLS * batch), Math.min(MOST_OF_ONE_CALL, batch));
}

/** Where a question leaves calls free, the database answers about one batch while the storage works on another. */
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

/** While a removal waited, somebody may have written another file under the same name. */
function droppedAsset({ asset, provider, fingerprint }: Removable): DroppedAsset {
  return provider.fingerprint ? { ...asset, expected: fingerprint } : asset;
}

/** A provider should answer, not throw; where one throws, only a time-out or a reset is worth another try. */
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
