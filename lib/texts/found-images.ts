import { withoutIgnored } from '../providers/address.js';

/** Values that one text may use; what it uses beyond them is left to the sweep. */
const MOST_VALUES = 10_000;
/** No address is longer. */
const LONGEST = 4096;
/** How often texts may lie in texts: HTML in an attribute, in JSON, in HTML. */
const MOST_NESTED = 4;

/** Reads a text that lies in another one. */
export type ReadText = (text: string, found: FoundImages) => void;

/** Readers of texts that lie in texts; absent where the parser is not installed. */
export interface Nested {
  readonly html?: ReadText | undefined;
  /** `false`: it is no JSON. */
  readonly json: (text: string, found: FoundImages) => boolean;
}

/** Gathers what a text uses, each value once, and never more than so many. */
export class FoundImages {
  readonly nested: Nested;
  readonly #values = new Set<unknown>();
  #depth = 0;

  constructor(nested: Nested) {
    this.nested = nested;
  }

  get values(): unknown[] {
    return [...this.#values];
  }

  get isFull(): boolean {
    return this.#values.size >= MOST_VALUES;
  }

  /** An address at a place that holds addresses. */
  add(value: string): void {
    if (value.length > LONGEST || this.isFull) return;
    const address = withoutIgnored(value);
    if (address !== '' && !this.#values.has(address)) this.#values.add(copied(address));
  }

  /** A value that stands for a stored thing by itself, such as an ObjectId. */
  addScalar(value: object): void {
    if (!this.isFull) this.#values.add(value);
  }

  /** A string that may be anything: an address, or a text with images of its own. */
  guess(value: string): void {
    const start = value.trimStart().charAt(0);
    if ((start === '{' || start === '[') && this.#deeper(this.nested.json, value)) return;
    if (looksLikeMarkup(value)) this.#deeper(this.nested.html, value);
    // a file may be called `<b>.png`, too
    if (looksLikeAddress(value)) this.add(value);
  }

  /** HTML within the text. */
  addHtml(html: string): void {
    this.#deeper(this.nested.html, html);
  }

  /** `false`: it was not read, or is nothing of the kind. */
  #deeper(read: ReadText | Nested['json'] | undefined, text: string): boolean {
    if (!read || this.#depth >= MOST_NESTED) return false;
    this.#depth++;
    const answer = read(text, this);
    this.#depth--;
    return answer !== false;
  }
}

export function looksLikeMarkup(text: string): boolean {
  return /<[a-z!]/i.test(text);
}

/** The ending of a file's name, with what may follow an address. */
const ENDING = /\.[a-z0-9]{2,5}(?:[?#].*)?$/i;
/** Names that storages give by themselves. */
const ID = /^[0-9a-f]{24}(?:[0-9a-f]{8})?$/i;

/** Words are no names of files, although a file may be called so. */
function looksLikeAddress(given: string): boolean {
  if (given.length > LONGEST) return false;
  const text = given.trim();
  if (/[\n\r]/.test(text)) return false;
  return ENDING.test(text) || ID.test(text) || (text.includes('/') && !/\s/.test(text));
}

/** A part of a string keeps the whole of it in memory, which for a short address may be a text of megabytes. */
function copied(part: string): string {
  return (' ' + part).slice(1);
}
