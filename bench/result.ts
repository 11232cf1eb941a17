import type { Pair } from './measure.js';

/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly against: string;
  readonly pair: Pair;
  readonly goal: string;
  readonly note?: string;
}

/** How the milliseconds of several ways grow with `x`. */
export interface Series {
  readonly name: string;
  readonly title: string;
  readonly x: readonly number[];
  readonly unit: string;
  readonly lines: readonly { readonly name: string; readonly ms: readonly number[] }[];
}

/** One line of a table, as it is stored and shown. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: readonly [median: number, lowest: number, highest: number];
  readonly goal: string;
}

/** A whole run. */
export interface Report {
  readonly machine: string;
  readonly date: string;
  /** By the name of the benchmark; with ` +1 ms` where each database command took that much longer. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly series: readonly Series[];
}
