import fc from 'fast-check';
import { histories } from './generators.js';
import { journalHistories } from './journalled.js';
import { play } from './play.js';
import type { History } from './steps.js';
import type { Worlds } from './world.js';

export interface CheckOptions {
  readonly count: number;
  readonly seed?: number | undefined;
  /** Default true. */
  readonly shrink?: boolean;
  /** Histories with a journal instead, which are others for the same seed. */
  readonly hasJournal?: boolean;
  readonly onPlayed?: () => void;
}

export interface Verdict {
  readonly seed: number;
  readonly played: number;
  /** Absent: all histories were as they must be. */
  readonly failure?: { readonly history: History; readonly error: unknown };
}

/** Plays random histories until one fails, which is then made as small as possible. */
export async function checkHistories(worlds: Worlds, options: CheckOptions): Promise<Verdict> {
  const { count, seed = Date.now() & 0x7fffffff, shrink = true, hasJournal = false, onPlayed } = options;
  let played = 0;
  const property = fc.asyncProperty(hasJournal ? journalHistories : histories, async (history) => {
    played++;
    await play(worlds, history);
    onPlayed?.();
  });
  const result = await fc.check(property, { numRuns: count, seed, endOnFailure: !shrink, maxSkipsPerRun: 0 });
  if (!result.failed) return { seed, played };
  const [history] = result.counterexample!;
  return {
    seed,
    played: shrink ? result.numRuns : played,
    failure: { history, error: result.errorInstance },
  };
}

/** A history as code that can be pasted into a spec. */
export function printHistory(history: History): string {
  const code = JSON.stringify(history, null, 2)
    .replace(/"(\w+)":/g, '$1:')
    .replace(/"([^"'\\]*)"/g, "'$1'");
  return `it('keeps its promise in this history', async () => {\n  await play(worlds, ${code.replace(/\n/g, '\n  ')});\n});`;
}

export function describeVerdict({ seed, played, failure }: Verdict): string {
  if (!failure) return `${String(played)} histories, seed ${String(seed)}: all as they must be`;
  const { error, history } = failure;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `history ${String(played)} of seed ${String(seed)} fails:\n${why}\n\n${printHistory(history)}`;
}
