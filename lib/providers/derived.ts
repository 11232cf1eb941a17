import { isolated } from '../shared/isolated.js';
import { shown } from '../shared/option-rules.js';

/** The exact names of the files made from a file: below the storage, with `/`, in the folder of the storage or below it. */
export type Derived = (name: string) => readonly string[];

/** What an app's function answers. @throws TypeError for anything but an array of strings, and whatever the function throws. */
export function derivedNames(derived: Derived, name: string): readonly string[] {
  const answer: unknown = derived(name);
  // of a function that is async by mistake: its rejection would end the process
  isolated(() => answer);
  if (Array.isArray(answer) && answer.every((one) => typeof one === 'string')) return answer;
  throw new TypeError(`the option "derived" returned ${shown(answer)}; allowed: an array of names`);
}
