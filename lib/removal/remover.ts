import type { CleanupOptions } from '../options.js';
import type { DroppedAsset, RemovalOutcome } from '../providers/provider.js';
import { groupBy, inBatches, type Entry } from './candidates.js';
import { asError, withTimeLimit } from './time-limit.js';

const DEFAULT_BATCH = 100;

export interface Settled {
  readonly entry: Entry;
  readonly outcome: RemovalOutcome;
}

/**
 * One attempt for each entry: batches of each provider, all at once, so that none waits behind a slow one after its
 * question was answered. Never rejects: what a provider throws, or answers wrongly, is a `failed` outcome.
 */
export async function attempt(entries: readonly Entry[], options: CleanupOptions): Promise<Settled[]> {
  const calls = [...groupBy(entries, ({ provider }) => provider)].flatMap(([provider, own]) =>
    [...inBatches(own, batchSizeOf(provider))].map((batch) => attemptBatch(provider, batch, options)),
  );
  return (await Promise.all(calls)).flat();
}

/** Calls of a provider at the same time. */
const CALLS = 5;
const MOST = 500;

/** The most entries that one question should be about, since all calls of the provider follow it at once. */
export function questionSizeOf(provider: Entry['provider']): number {
  return Math.min(MOST, CALLS * batchSizeOf(provider));
}

/** Where a question leaves calls free, the database answers about one batch while the storage works on another. */
export function questionsAtATime(provider: Entry['provider']): number {
  return batchSizeOf(provider) < MOST ? 1 : 2;
}

function batchSizeOf({ batchSize = DEFAULT_BATCH }: Entry['provider']): number {
  return Math.max(1, batchSize);
}

async function attemptBatch(
  provider: Entry['provider'],
  batch: readonly Entry[],
  options: CleanupOptions,
): Promise<Settled[]> {
  let outcomes: readonly unknown[];
  try {
    const assets = batch.map(droppedAsset);
    const answer: unknown = await withTimeLimit('the removal', options.timeoutMs, (signal) =>
      provider.remove(assets, { signal }),
    );
    outcomes = Array.isArray(answer) && answer.length === batch.length ? answer : [];
  } catch (thrown) {
    const failed: RemovalOutcome = {
      outcome: 'failed',
      error: asError(thrown),
      retryable: isPassing(thrown),
    };
    return batch.map((entry) => ({ entry, outcome: failed }));
  }
  return batch.map((entry, index) => ({ entry, outcome: checked(outcomes[index], provider.name) }));
}

/** While a removal waited, somebody may have written another file under the same name. */
function droppedAsset({ asset, provider, fingerprint }: Entry): DroppedAsset {
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
    `the provider "${provider}" did not answer with one outcome for each asset it was asked to remove`,
  );
  return { outcome: 'failed', error, retryable: false };
}
