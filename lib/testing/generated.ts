import type { Trial } from './rule.js';
import { anyValue, mutated } from './values.js';

/** Labels of files whose names are easily confused. */
export const NEIGHBOURS = ['pic', 'pic2', 'pi', 'pic.bak', 'sub/pic', 'sub/pic2'];

/** Every spelling of every neighbour. */
export async function spellings(trial: Trial): Promise<unknown[]> {
  const right: unknown[] = [];
  for (const label of NEIGHBOURS) right.push(...(await trial.seeded(label)));
  return right;
}

/** Half of the values are nearly right, the others are arbitrary. */
export async function generated(trial: Trial): Promise<unknown[]> {
  const right = await spellings(trial);
  const { random, options } = trial;
  const models = [...right, ...right, ...options.foreignValues];
  return Array.from({ length: trial.runs }, () =>
    random.below(2) === 0 ? anyValue(random) : mutated(random.oneOf(models), random),
  );
}
