import fc from 'fast-check';
import { countOf } from './counts.js';

/** Checks a property for so many values; fast-check prints seed and path of a failure, and both can be set to run it again. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, numRuns: number): void {
  const seed = process.env['SPEC_SEED'];
  fc.assert(fc.property(arbitrary, check), {
    numRuns: countOf('SPEC_RUNS', numRuns),
    ...(seed && { seed: Number(seed) }),
  });
}
