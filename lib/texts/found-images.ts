import { withoutIgnored } from '../providers/address.js';

/** How many values one text may use. Further ones are left to the sweep. */
const MOST_VALUES = 10_000;
/** Longer than every address. */
const LONGEST = 4096;
/** How often texts may be nested in texts: HTML in an attribute, in JSON, in HTML. */
const MOST_NESTED = 4;

/** Reads a text that is nested in another one. */
export type ReadText = (text: string, found: FoundImages) => void;

/** Readers of nested texts; absent if the parser is not installed. */
export interface Nested {
  readonly html?: ReadText | undefined;
  /** Returns `false` if the text is not JSON. */
  readonly json: (text: string, found: FoundImages) => boolean;
}

/** Collects the values that a text uses, each once, up to the limit. */
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

  /** Adds an address at a place that holds addresses. */
  add(value: string): void {
    if (value.length > LONGEST || this.isFull) return;
    const address = withoutIgnored(value);
    if (address !== '' && !this.#values.has(address)) this.#values.add(copied(address));
  }

  /** Adds a value that is not a text, such as an ObjectId. */
  addScalar(value: object): void {
    if (!this.isFull) this.#values.add(value);
  }

  /** Adds a string that may be an address, or a text with images of its own. */
  guess(value: string): void {
    const start = value.trimStart().charAt(0);
    if ((start === '{' || start === '[') && this.#deeper(this.nested.json, value)) return;
    if (looksLikeMarkup(value)) this.#deeper(this.nested.html, value);
    // a file may also have the name `<b>.png`
    if (looksLikeAddress(value)) this.add(value);
  }

  /** Reads HTML within the text. */
  addHtml(html: string): void {
    this.#deeper(this.nested.html, html);
  }

  /** Returns `false` if the text was not read, or has another format. */
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

/** The extension of a file's name, with what may follow in an address. */
const ENDING = /\.[a-z0-9]{2,5}(?:[?#].*)?$/i;
/** Names that storages create. */
const ID = /^[0-9a-f]{24}(?:[0-9a-f]{8})?$/i;

/** Whether a string may be an address. Single words are not, although a file may have such a name. */
function looksLikeAddress(given: string): boolean {
  if (given.length > LONGEST) return false;
  const text = given.trim();
  if (/[\n\r]/.test(text)) return false;
  return ENDING.test(text) || ID.test(text) || (text.includes('/') && !/\s/.test(text));
}

/** A part of a string keeps the whole string in memory, which may be a text of megabytes. */
function copied(part: string): string {
  return (' ' + part).slice(1);
}
