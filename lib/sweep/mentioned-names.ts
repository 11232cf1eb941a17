import { decodings } from '../usage/decoding.js';
import { stringsIn } from '../usage/mentions.js';
import { folded, searchedName, tokensIn, withoutExtension } from '../usage/names.js';
import { KeyTable } from './key-table.js';

/** What stands between names in texts and paths. */
const SEPARATORS = /[\s"'`<>()[\]{}\\/?#=&,;|]+/;
const ASCII = /^[\x20-\x7e]*$/;

/** What a text may say of a name; kept apart by the first character of a key. */
const keys = {
  /** The part of it that every encoder leaves alone. */
  literal: (text: string): string => `l${text}`,
  /** The same without an extension: the name of a file that has none. */
  stem: (text: string): string => `s${text}`,
  /** The last part of a path that has no extension: perhaps one is added when the file is shown. */
  bare: (text: string): string => `b${text}`,
  /** A word with other characters, for names that have no literal. */
  word: (text: string): string => `w${text}`,
};

/**
 * Names that documents mention in values which lead to no listed file: a URL of a host that the provider does not list, a
 * folder that has moved, a text. Perhaps the document means the file; so a file of that name stays. Names are compared by
 * the hash of their longest plain part, since a million of them would not fit.
 */
export class MentionedNames {
  readonly #table = new KeyTable();

  get size(): number {
    return this.#table.size;
  }

  addFrom(value: unknown): void {
    for (const text of stringsIn(value)) {
      for (const { token, isStem } of tokensIn(text)) {
        this.#table.add(isStem ? keys.stem(token) : keys.literal(token));
      }
      for (const decoded of decodings(text)) {
        const bare = lastPart(decoded);
        if (!bare.includes('.')) this.#table.add(keys.bare(folded(bare)));
        if (ASCII.test(decoded)) continue;
        for (const word of folded(decoded).split(SEPARATORS)) this.#table.add(keys.word(word));
      }
    }
  }

  /** Is the last part of a name among them? */
  mention(path: string): boolean {
    if (this.#table.size === 0) return false;
    const { name, literal } = searchedName(path.slice(path.lastIndexOf('/') + 1));
    if (this.#table.has(keys.bare(withoutExtension(name)))) return true;
    if (literal !== null)
      return this.#table.has(keys.literal(literal)) || this.#table.has(keys.stem(literal));
    return name.split(SEPARATORS).every((word) => word === '' || this.#table.has(keys.word(word)));
  }
}

function lastPart(path: string): string {
  const end = path.replace(/[?#].*$/s, '').replace(/[/\\]+$/, '');
  return end.slice(Math.max(end.lastIndexOf('/'), end.lastIndexOf('\\')) + 1);
}
