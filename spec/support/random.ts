import fc from 'fast-check';

/** Checks a property; fast-check prints seed and path of a failure, and both can be set here to run it again. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, numRuns: number): void {
  const seed = process.env['SPEC_SEED'];
  fc.assert(fc.property(arbitrary, check), { numRuns, ...(seed && { seed: Number(seed) }) });
}
