import { BSONRegExp } from 'bson';
import { CommandError } from './errors.js';

/** A PCRE pattern as JavaScript knows it: option `x` and leading inline options are worked in. */
export function toRegExp(pattern: unknown, options?: unknown): RegExp {
  if (pattern instanceof BSONRegExp) return toRegExp(pattern.pattern, options ?? pattern.options);
  if (typeof pattern !== 'string') throw new CommandError(2, '$regex has to be a string');
  let source = pattern;
  let letters = String(options ?? '');
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline) {
    source = source.slice(inline[0].length);
    letters += inline[1];
  }
  const flags = new Set<string>();
  for (const letter of letters) {
    if ('ims'.includes(letter)) flags.add(letter);
    else if (letter === 'x') source = withoutLayout(source);
    else if (letter !== 'u') throw new CommandError(51108, `invalid flag in regex options: ${letter}`);
  }
  if (source.includes('\\p{')) flags.add('u');
  try {
    return new RegExp(source, [...flags].join(''));
  } catch (error) {
    throw new CommandError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

function withoutLayout(source: string): string {
  return source.replace(/\\.|\s+|#.*$/gm, (text) => (text.startsWith('\\') ? text : ''));
}

/** An anchor, and then characters and escaped punctuation that mean themselves. */
const LITERAL_BEGINNING = /^\^?(?:[^\\^$.*+?()[\]{}|]|\\[^\w\s])+/;

/**
 * The expressions of one list. Each is checked at once, as MongoDB does, and compiled when a document is tested: JavaScript takes
 * longer to compile 10,000 expressions than the rest of their query takes. What differs in its literal beginning alone is
 * checked once.
 */
export class ExpressionList {
  readonly #checked = new Set<string>();

  add({ pattern, options }: BSONRegExp): () => RegExp {
    let compiled: RegExp | undefined;
    const rest = pattern.replace(LITERAL_BEGINNING, 'a');
    const shape = `${options}/${rest}`;
    if (!this.#checked.has(shape)) {
      toRegExp(rest, options);
      this.#checked.add(shape);
    }
    return () => (compiled ??= toRegExp(pattern, options));
  }
}

/** What every match of an expression begins with: the part of an index that MongoDB reads for it. Empty: all of it. */
export function literalBeginning({ pattern, options }: BSONRegExp): string {
  if (!pattern.startsWith('^') || !['', 's'].includes(options) || /(?<!\\)\|/.test(pattern)) return '';
  const [beginning = ''] = LITERAL_BEGINNING.exec(pattern) ?? [];
  // the last character may be there any number of times
  const isLastOptional = /^[*?{]/.test(pattern.slice(beginning.length));
  const text = beginning.slice(1).replace(/\\(.)/gs, '$1');
  return isLastOptional ? [...text].slice(0, -1).join('') : text;
}
