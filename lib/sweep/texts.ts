import type { TrackedField } from '../schema/tracked-field.js';
import { objectIdOf } from '../providers/stored-value.js';
import { UPLOAD_NAMES } from '../providers/upload-result.js';
import { isScalar } from '../usage/mentions.js';

/** A `Map` in a path: every key of it. */
const EVERY_KEY = '$*';

/** A text in a document, and its path. */
export interface FoundText {
  readonly text: string;
  /** Whether the text is a whole value, and not a key of an object. */
  readonly isWhole: boolean;
  /** Whether it is at a tracked field or below it. */
  readonly isTracked: boolean;
  /** The path in the document, without the positions in arrays. */
  readonly path: readonly string[];
}

/** Which texts of a value at a tracked field are searched: none, all, or those that the upload itself did not write. */
export type Search = 'none' | 'all' | 'beside';

export interface Visitor {
  /** Called with a value at a tracked field. */
  value(value: unknown, fields: readonly TrackedField[]): Search;
  text(found: FoundText): void;
  /** Called with an ObjectId at any path, by its hex digits, since files may have such names. */
  reference(found: FoundText): void;
  /** Called with the `_id` of the document, if it is a number or an ObjectId. */
  id(id: string): void;
}

/** How many keys of objects are remembered as searched, since most documents have the same keys. */
const MOST_KEYS = 10_000;

/** Visits every text and every key in whole documents, however many there are. */
export class DocumentWalk {
  readonly #tracked: readonly TrackedField[];
  readonly #visitor: Visitor;
  readonly #path: string[] = [];
  readonly #keys = { tracked: new Set<string>(), other: new Set<string>() };
  #isTracked = false;

  constructor(tracked: readonly TrackedField[], visitor: Visitor) {
    this.#tracked = tracked;
    this.#visitor = visitor;
  }

  document(document: Record<string, unknown>): void {
    this.#path.length = 0;
    const { _id: id } = document;
    // images are often named after the id of their document, without another reference
    if (typeof id === 'number' || objectIdOf(id) !== null) this.#visitor.id(String(id));
    this.#walk(document, this.#tracked);
  }

  /** `open`: the fields whose path leads through this node. */
  #walk(node: unknown, open: readonly TrackedField[]): void {
    if (node === null || node === undefined) return;
    if (Array.isArray(node)) {
      for (const one of node) this.#walk(one, open);
      return;
    }
    const depth = this.#path.length;
    const reached = open.length === 0 ? open : open.filter(({ segments }) => segments.length === depth);
    if (reached.length === 0) this.#texts(node, open);
    else if (node !== '') this.#value(node, reached);
  }

  #value(node: unknown, fields: readonly TrackedField[]): void {
    const search = this.#visitor.value(node, fields);
    if (search === 'none') return;
    this.#isTracked = true;
    this.#texts(node, [], search === 'beside' ? UPLOAD_NAMES : undefined);
    this.#isTracked = false;
  }

  #texts(node: unknown, open: readonly TrackedField[], without?: ReadonlySet<string>): void {
    if (typeof node === 'string') this.#text(node, true);
    if (typeof node !== 'object' || node === null) return;
    const id = objectIdOf(node);
    if (id !== null) this.#visitor.reference(this.#found(id, true));
    else if (!isScalar(node)) this.#object(node, open, without);
  }

  #object(node: object, open: readonly TrackedField[], without?: ReadonlySet<string>): void {
    const depth = this.#path.length;
    for (const key of Object.keys(node)) {
      if (without?.has(key)) continue;
      this.#path.push(key);
      this.#key(key);
      const inner = open.length === 0 ? open : open.filter((field) => leadsThrough(field, depth, key));
      this.#walk((node as Record<string, unknown>)[key], inner);
      this.#path.pop();
    }
  }

  #key(key: string): void {
    const known = this.#isTracked ? this.#keys.tracked : this.#keys.other;
    if (known.has(key)) return;
    if (known.size < MOST_KEYS) known.add(key);
    this.#text(key, false);
  }

  #text(text: string, isWhole: boolean): void {
    this.#visitor.text(this.#found(text, isWhole));
  }

  #found(text: string, isWhole: boolean): FoundText {
    return { text, isWhole, isTracked: this.#isTracked, path: this.#path };
  }
}

function leadsThrough({ segments }: TrackedField, depth: number, key: string): boolean {
  return segments[depth] === key || segments[depth] === EVERY_KEY;
}
