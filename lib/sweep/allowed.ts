import { NO_EXTENSION } from './file-kinds.js';
import { matcherOf } from './patterns.js';
import { OVERRIDABLE, type OverridableRefusal } from './report.js';

const FOLDER = 'unused-folder:';
const KIND = 'foreign-kind:';

/** The option `allow`: whole reasons, and single folders and kinds of files. */
export class Allowed {
  readonly #reasons: ReadonlySet<string>;
  readonly #kinds: ReadonlySet<string>;
  readonly #isInFolder: (folder: string) => boolean;

  constructor(given: readonly OverridableRefusal[]) {
    const behind = (start: string): string[] =>
      given.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length));
    this.#reasons = new Set(given);
    this.#kinds = new Set(behind(KIND).map((kind) => kind.toLowerCase()));
    this.#isInFolder = matcherOf(behind(FOLDER));
  }

  has(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  hasKind(kind: string): boolean {
    return this.#kinds.has(kind);
  }

  /** Whether this folder is allowed, or one that contains it. */
  hasFolder(folder: string): boolean {
    return this.#isInFolder(folder);
  }
}

export const allowFolder = (glob: string): `unused-folder:${string}` => `${FOLDER}${glob}`;
export const allowKind = (kind: string): `foreign-kind:${string}` => `${KIND}${kind}`;

/** What is wrong with one entry of `allow`, in words; `null` if nothing is. */
export function problemOfAllow(given: unknown): string | null {
  if (typeof given !== 'string') return 'a value is not a string';
  if ((OVERRIDABLE as readonly string[]).includes(given)) return null;
  if (given.startsWith(FOLDER)) {
    const isFolder = given.slice(FOLDER.length).replace(/^\.?\/+|\/+$/g, '') !== '';
    return isFolder ? null : `'${given}' names no folder; write one below the root, such as ${FOLDER}thumbs`;
  }
  if (given.startsWith(KIND)) return problemOfKind(given.slice(KIND.length));
  if (given === 'unused-folder' || given === 'foreign-kind') {
    return `'${given}' names no folder and no kind of file; write one, such as ${FOLDER}thumbs or ${KIND}.html`;
  }
  return `'${given}' is unknown`;
}

function problemOfKind(kind: string): string | null {
  if (kind === NO_EXTENSION || /^\.[a-z0-9]{1,12}$/i.test(kind)) return null;
  return (
    `'${KIND}${kind}' names no extension; write it with its dot, such as ${KIND}.html, ` +
    `or ${KIND}${NO_EXTENSION} for files without one`
  );
}
