import fc from 'fast-check';

/** `SPEC_TIMES=10` runs random specs ten times as long as `npm test`. */
const TIMES = Number(process.env['SPEC_TIMES'] ?? 1);

/** Checks a property; fast-check prints seed and path of a failure, and both can be set here to run it again. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, numRuns: number): void {
  const seed = process.env['SPEC_SEED'];
  fc.assert(fc.property(arbitrary, check), { numRuns: numRuns * TIMES, ...(seed && { seed: Number(seed) }) });
}
