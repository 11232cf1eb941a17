import { folded, KeyTable } from './key-table.js';

/** What separates words in rich text that a tracked field may hold. */
const SEPARATORS = /[\s"'`<>()[\]{}\\/?#=&,;|]+/;

/**
 * File names that documents mention in values which lead to no listed file: a URL of a host that the provider does not
 * list, a folder that has moved, another spelling. Perhaps the document means the file; so a file of that name stays.
 */
export class UnclearNames {
  readonly #names = new KeyTable();

  get size(): number {
    return this.#names.size;
  }

  addFrom(value: unknown): void {
    if (typeof value === 'string') this.#addWords(value);
    else if (typeof value === 'object' && value !== null && !isScalar(value)) {
      for (const inner of Object.values(value)) this.addFrom(inner);
    }
  }

  /** Is the last part of the name among them, with its extension or without? */
  mention(name: string): boolean {
    if (this.#names.size === 0) return false;
    const last = folded(lastPart(name));
    return this.#names.has(last) || this.#names.has(withoutExtension(last));
  }

  #addWords(text: string): void {
    this.#add(
      lastPart(
        text
          .replace(/[?#].*$/s, '')
          .replaceAll('\\', '/')
          .replace(/\/+$/, ''),
      ),
    );
    if (!/[\s"'<>]/.test(text)) return;
    for (const word of text.split(SEPARATORS)) {
      if (word.includes('.')) this.#add(word);
    }
  }

  #add(raw: string): void {
    const name = folded(lastPart(decoded(raw)));
    if (name === '') return;
    this.#names.add(name);
    this.#names.add(withoutExtension(name));
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** ObjectIds, Buffers, Dates. */
function isScalar(value: object): boolean {
  return '_bsontype' in value || ArrayBuffer.isView(value) || value instanceof Date;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
