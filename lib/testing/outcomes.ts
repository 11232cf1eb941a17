import type { Asset, RemovalOutcome } from '../providers/provider.js';
import { holds, shown, type Trial } from './rule.js';

const KNOWN = ['removed', 'missing', 'kept', 'failed'];

export function isOutcomes(outcomes: readonly RemovalOutcome[], count: number): void {
  holds(Array.isArray(outcomes), () => `remove must resolve with an array, not ${shown(outcomes)}`);
  holds(outcomes.length === count, () => `${count} assets were asked for, ${outcomes.length} outcomes came`);
  for (const one of outcomes) holds(KNOWN.includes(one?.outcome), () => `${shown(one)} is not an outcome`);
}

export function isAll(
  outcomes: readonly RemovalOutcome[],
  expected: RemovalOutcome['outcome'],
  when: string,
): void {
  for (const { outcome } of outcomes)
    holds(outcome === expected, () => `${when}: the outcome is ${outcome}, not ${expected}`);
}

export function isFailure(outcome: RemovalOutcome, when: string): void {
  holds(outcome.outcome === 'failed', () => `${when}: the outcome is ${outcome.outcome}, not failed`);
  const { error, retryable, retryAt } = outcome;
  holds(
    error instanceof Error && error.message !== '',
    () => `${when}: the error is ${shown(error)}, not an Error with a message`,
  );
  holds(typeof retryable === 'boolean', () => `${when}: retryable is ${shown(retryable)}, not true or false`);
  holds(
    retryAt === undefined || retryAt instanceof Date,
    () => `${when}: retryAt is ${shown(retryAt)}, not a Date`,
  );
}

/** The asset of a file that was stored and removed. */
export async function gone(trial: Trial, label: string): Promise<Asset> {
  const asset = await trial.stored(label);
  await trial.remove([asset]);
  return asset;
}

/** Whether the outcome is allowed for an asset that is not stored. */
export function isAbsent(outcome: RemovalOutcome['outcome'], { options }: Trial): boolean {
  return outcome === 'missing' || (options.tellsMissing === false && outcome === 'removed');
}

export async function areStill(trial: Trial, labels: readonly string[], when: string): Promise<void> {
  for (const label of labels) holds(await trial.exists(label), () => `${when}: ${label} is gone`);
}

/** A removal that hangs must not make the test suite hang. */
export async function within<T>(milliseconds: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>(
    (_, reject) => (timer = setTimeout(() => reject(new Error(message)), milliseconds)),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
