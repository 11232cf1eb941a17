/** `by itself`: a document that held the value still has it, so the write did not drop it. */
export type Use = 'by itself' | 'by another' | 'mentioned';

/** The answer for one file: not used, used, mentioned, or not known. */
export type Verdict = 'unused' | Use | { unanswered: Error };

/** One of the questions that are asked at the same time. A file that its answer lacks is not used. */
export interface Question<T> {
  /** How messages name it. */
  readonly what: string;
  readonly ask: (signal: AbortSignal) => Promise<ReadonlyMap<T, Verdict>>;
}

/** Records the strongest verdict of each file. Each of them except `unused` keeps the file. */
export function note<T, V extends Verdict>(verdicts: Map<T, V>, file: T, verdict: V): void {
  if (weightOf(verdict) > weightOf(verdicts.get(file) ?? 'unused')) verdicts.set(file, verdict);
}

const WEIGHTS = { unused: 0, mentioned: 2, 'by another': 3, 'by itself': 4 } as const;

function weightOf(verdict: Verdict): number {
  return typeof verdict === 'object' ? 1 : WEIGHTS[verdict];
}
