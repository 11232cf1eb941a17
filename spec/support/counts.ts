const TIMES = Number(process.env['SPEC_TIMES'] ?? 1);

/**
 * How often a random spec tries, by the variable that sets it: `TEXTS=5000`. `SPEC_TIMES=10` has all of them try ten
 * times as often as `npm test` does.
 */
export function countOf(variable: string, byDefault: number): number {
  return Number(process.env[variable] ?? byDefault * TIMES);
}

/** The seed of all random specs, which print it: `SPEC_SEED=1` repeats a run. */
export const SEED = Number(process.env['SPEC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Random values for each rule of a provider's contract. */
export const CONTRACT_RUNS = countOf('CONTRACT_RUNS', 500);
