import fc from 'fast-check';
import { countOf, SEED } from './counts.js';

/** Checks a property for so many values; fast-check prints the seed and the path of a failure. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, numRuns: number): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: countOf('SPEC_RUNS', numRuns), seed: SEED });
}
