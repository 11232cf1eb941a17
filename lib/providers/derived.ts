import { isolated } from '../shared/isolated.js';
import { shown } from '../shared/option-rules.js';

/**
 * Returns the exact names of the files derived from a file, given its name. Names are relative to the storage, with
 * `/`, and stay below it.
 *
 * ```ts
 * localProvider({ derived: (name) => [`thumbs/${name}`, `${name}.webp`] });
 * ```
 */
export type Derived = (name: string) => readonly string[];

/**
 * Calls the app's function. @throws TypeError for a result that is not an array of strings, and whatever the function
 * throws.
 */
export function derivedNames(derived: Derived, name: string): readonly string[] {
  const answer: unknown = derived(name);
  // if the function is async by mistake, its rejection would end the process
  isolated(() => answer);
  if (Array.isArray(answer) && answer.every((one) => typeof one === 'string')) return answer;
  throw new TypeError(`the option "derived" returned ${shown(answer)}; allowed: an array of names`);
}
