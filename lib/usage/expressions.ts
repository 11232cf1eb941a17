import type { mongo } from 'mongoose';
import { inBatches } from '../shared/groups.js';

/** How many names one expression has: MongoDB refuses expressions of more than 32 kB. */
const NAMES_IN_ONE = 100;

/**
 * An escape of a character that needs none: `%61` or `&#97;` for an `a`, `\_` of Markdown, `\61 ` of style sheets. A
 * search for the literal of a name does not find such a spelling, so the few values with such escapes are read.
 */
const NEEDLESS_ESCAPE =
  /%(?:25|2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)|&#|&(?:period|lowbar)|\\u00[2-7]|\\x[2-7]|\\[._-]|\\0*(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)/i;

/** Expressions for texts that contain one of these literals, or may contain it escaped. */
export function mentionExpressions(literals: readonly (string | null)[]): RegExp[] {
  const all = [...new Set(literals)].filter((literal) => literal !== null).map(escaped);
  if (all.length === 0) return [];
  const batches = [...inBatches(all, NAMES_IN_ONE)];
  return [...batches.map((names) => new RegExp(names.join('|'), 'i')), NEEDLESS_ESCAPE];
}

/**
 * Follows an address: nothing, or a query or a fragment. It contains no `|`: for an expression with one, MongoDB does not
 * use the bounds of an index, and would read the whole index for each file.
 */
const ALONE_OR_GOING_ON = '([?#][\\s\\S]*)?$';

/**
 * An expression as the server gets it. An expression of JavaScript would first be compiled here, fifteen of them for
 * each file. The class is that of the driver in use, which refuses the class of another copy.
 */
export type ExpressionClass = typeof mongo.BSONRegExp;
export type Expression = InstanceType<ExpressionClass>;

/** Writes expressions that are anchored and case-sensitive, so that an index serves them by their literal beginnings. */
export class Beginnings {
  readonly #Expression: ExpressionClass;
  readonly #folders: { readonly text: string; readonly pattern: string }[] = [];
  #name = { text: '', pattern: ALONE_OR_GOING_ON };

  constructor(Expression: ExpressionClass) {
    this.#Expression = Expression;
  }

  startsWith(beginning: string): Expression {
    return new this.#Expression(`^${escaped(beginning)}`);
  }

  /**
   * An address, alone or with a query or a fragment. At the same position of the list, the addresses of all files in a
   * folder begin alike, and all addresses of one file end alike, so that neither part is escaped again each time.
   */
  goesOn(address: string, place: number): Expression {
    let folder = this.#folders[place];
    if (!folder || !address.startsWith(folder.text) || address.includes('/', folder.text.length)) {
      const text = address.slice(0, address.lastIndexOf('/') + 1);
      this.#folders[place] = folder = { text, pattern: `^${escaped(text)}` };
    }
    const { text: name } = this.#name;
    if (address.length !== folder.text.length + name.length || !address.endsWith(name)) {
      const text = address.slice(folder.text.length);
      this.#name = { text, pattern: escaped(text) + ALONE_OR_GOING_ON };
    }
    return new this.#Expression(folder.pattern + this.#name.pattern);
  }
}

/** A `|` by its number: MongoDB before 8 gives up the bounds of an index for an escaped one as well. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()[\]\\]/g, '\\$&').replaceAll('|', '\\x7c');
}
