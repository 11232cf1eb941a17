import { objectIdOf } from '../providers/stored-value.js';
import { UPLOAD_NAMES } from '../providers/upload-result.js';
import { addTo } from '../shared/groups.js';
import type { FormsOf } from './forms.js';
import { standsAt, standsIn, tokensIn, tokensWith } from './names.js';
import type { Reading } from './meaning.js';

/** Up to this many names are searched for one by one; more of them with a table. */
const FEW = 32;

/** Finds names of files in values that are not forms of a file: texts, URLs of unlisted hosts, objects of any shape. */
export class MentionFinder<T extends Reading> {
  readonly #byLiteral = new Map<string, FormsOf<T>[]>();
  /** Names that consist of special characters only. */
  readonly #others: FormsOf<T>[] = [];

  constructor(forms: readonly FormsOf<T>[]) {
    for (const one of forms) {
      const { literal } = one.searched;
      if (literal === null) this.#others.push(one);
      else addTo(this.#byLiteral, literal, one);
    }
  }

  /** The files whose whole name a text mentions. A name without an extension may be followed by one. */
  *mentionedIn(text: string): Generator<T> {
    for (const { file, searched } of this.#others) if (standsIn(searched.name, text)) yield file;
    const tokens =
      this.#byLiteral.size > FEW ? tokensIn(text) : tokensWith([...this.#byLiteral.keys()], text);
    for (const token of tokens) {
      for (const { file, searched } of this.#byLiteral.get(token.token) ?? []) {
        if (standsAt(searched, token)) yield file;
      }
    }
  }
}

/**
 * Every string in a value, at any depth and without a limit, since any of them could be the mention that keeps a file.
 * Includes the keys of objects, which some apps use for names, and ObjectIds by their hex digits.
 */
export function stringsIn(value: unknown): string[] {
  const found: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === 'string') found.push(one);
    else if (Array.isArray(one)) pushAll(open, one);
    else if (one instanceof Map) pushAll(open, [...one.keys(), ...one.values()] as unknown[]);
    else if (typeof one === 'object' && one !== null) {
      const id = objectIdOf(one);
      if (id !== null) found.push(id);
      else if (!isScalar(one)) {
        pushAll(open, Object.keys(one));
        pushAll(open, Object.values(one));
      }
    }
  }
  return found;
}

/**
 * The strings of an upload result that the upload did not write. Its own strings name a known file, and the visitor's
 * name of it is not a mention.
 */
export function textsBeside(upload: object): string[] {
  return stringsIn(
    Object.entries(upload)
      .filter(([name]) => !UPLOAD_NAMES.has(name))
      .map(([, value]) => value as unknown),
  );
}

/** A spread of 100,000 arguments would be too large. */
function pushAll(open: unknown[], values: readonly unknown[]): void {
  for (const value of values) open.push(value);
}

/** ObjectIds, Buffers, Dates. A document of the app may have a field of that name as well, and then contains more. */
export function isScalar(value: object): boolean {
  return (
    ('_bsontype' in value && !Object.hasOwn(value, '_bsontype')) ||
    ArrayBuffer.isView(value) ||
    value instanceof Date ||
    value instanceof RegExp
  );
}
