import type { Pair } from './measure.js';

/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly against: string;
  readonly pair: Pair;
  readonly goal: string;
  readonly note?: string;
}
