import { decodings } from '../usage/decoding.js';
import {
  folded,
  searchedName,
  standsAt,
  standsIn,
  tokensIn,
  withoutExtension,
  type Searched,
  type Token,
} from '../usage/names.js';
import { KeyTable } from './key-table.js';

/**
 * How many names with special characters are compared as a whole. For further ones, the longest plain part is compared,
 * which keeps more files.
 */
const MOST_SPECIAL = 20_000;
/** How many names without a plain part are searched for one by one. Further ones count as mentioned. */
const MOST_ODD = 1000;
/** How many mentions are remembered for the report. */
const MOST_SOURCES = 1000;

/** The first character of a key distinguishes the kinds of keys. */
const KEYS = {
  /** The part of a name that no encoder changes. */
  literal: (text: string): string => `l${text}`,
  /** A whole name with special characters. */
  name: (text: string): string => `n${text}`,
  /** A name without its extension, as the last part of a path. An app may add the extension when it shows the file. */
  bare: (text: string): string => `b${text}`,
};

/**
 * The names of seeming orphans, marked if a document mentions them: two hashes of 18 bytes for each name, and the
 * documents of the first thousand mentions. Names are compared as a whole, decoded and without regard to case.
 */
export class OrphanNames<Source> {
  readonly #table = new KeyTable();
  readonly #special = new Map<string, Searched[]>();
  #specials = 0;
  readonly #odd = new Set<string>();
  /** By key. */
  readonly #sources = new Map<string, Source>();

  add(path: string): void {
    const searched = searchedName(lastPart(path));
    const { name, literal } = searched;
    this.#table.add(KEYS.bare(withoutExtension(name)));
    if (literal === null) {
      if (this.#odd.size >= MOST_ODD) return;
      this.#odd.add(name);
      this.#table.add(KEYS.name(name));
      return;
    }
    this.#table.add(KEYS.literal(literal));
    if (name === literal || this.#specials >= MOST_SPECIAL) return;
    const known = this.#special.get(literal) ?? [];
    if (known.some((one) => one.name === name)) return;
    this.#special.set(literal, [...known, searched]);
    this.#specials++;
    this.#table.add(KEYS.name(name));
  }

  /**
   * Marks the names that a text mentions. `isWhole`: the text is a whole value, so that it may be a name without its
   * extension.
   */
  mark(text: string, isWhole: boolean, source: (found: string) => Source): void {
    for (const token of tokensIn(text)) this.#markToken(token, source);
    for (const name of this.#odd) if (standsIn(name, text)) this.#mark(KEYS.name(name), source);
    if (!isWhole) return;
    for (const bare of bareNamesIn(text)) this.#mark(KEYS.bare(bare), source);
  }

  /** Marks names that are, without their extension, the id of a document. */
  markBare(name: string, source: (found: string) => Source): void {
    this.#mark(KEYS.bare(folded(name)), source);
  }

  /** Marks a file whose whole name is this word of plain characters. */
  markWhole(word: string, source: (found: string) => Source): void {
    this.#mark(KEYS.literal(folded(word)), source);
  }

  /** Returns `false` if `mark` would find nothing in the text. Much faster than reading what the text means. */
  mayBeIn(text: string): boolean {
    if (this.#odd.size > 0) return true;
    for (const { token } of tokensIn(text)) if (this.#table.has(KEYS.literal(token))) return true;
    return bareNamesIn(text).some((bare) => this.#table.has(KEYS.bare(bare)));
  }

  /** Returns whether the file is mentioned, and where first. The place of a mention is not always known. */
  mentionOf(path: string): { readonly source: Source | undefined } | null {
    const { name, literal } = searchedName(lastPart(path));
    const candidates = [KEYS.bare(withoutExtension(name))];
    if (literal === null || this.#special.get(literal)?.some((one) => one.name === name) === true) {
      if (literal === null && !this.#odd.has(name)) return { source: undefined };
      candidates.push(KEYS.name(name));
    } else candidates.push(KEYS.literal(literal));
    const marked = candidates.find((key) => this.#table.isMarked(key));
    return marked === undefined ? null : { source: this.#sources.get(marked) };
  }

  #markToken(token: Token, source: (found: string) => Source): void {
    const { token: literal } = token;
    const key = KEYS.literal(literal);
    if (!this.#table.has(key)) return;
    for (const searched of this.#special.get(literal) ?? []) {
      if (standsAt(searched, token)) this.#mark(KEYS.name(searched.name), source);
    }
    // beyond the limit for special names, the plain part of a name represents the whole name
    const isPlain = this.#specials >= MOST_SPECIAL || standsAt({ name: literal, literal, offset: 0 }, token);
    if (isPlain) this.#mark(key, source);
  }

  #mark(key: string, source: (found: string) => Source): void {
    const before = this.#table.marked;
    this.#table.mark(key);
    if (this.#table.marked > before && this.#sources.size < MOST_SOURCES) {
      this.#sources.set(key, source(key.slice(1)));
    }
  }
}

/** The last parts of paths that have no extension. */
function bareNamesIn(text: string): string[] {
  return decodings(text)
    .map((decoded) => lastPart(withoutQuery(decoded)))
    .filter((bare) => !bare.includes('.'))
    .map(folded);
}

function lastPart(path: string): string {
  let end = path.length;
  // a regular expression would search for the end at each slash of a long text
  while (end > 0 && isSlash(path[end - 1])) end--;
  let start = end;
  while (start > 0 && !isSlash(path[start - 1])) start--;
  return path.slice(start, end);
}

function isSlash(character: string | undefined): boolean {
  return character === '/' || character === '\\';
}

function withoutQuery(text: string): string {
  const end = text.search(/[?#]/);
  return end < 0 ? text : text.slice(0, end);
}
