import { UUID } from 'bson';
import type { Collation } from './collation.js';
import { collationOf } from './collation.js';
import { hash } from './compare.js';
import { CommandError } from './errors.js';
import { compileExpression } from './expressions.js';
import type { Predicate } from './match.js';
import { compileFilter } from './match.js';
import { someValue } from './paths.js';
import { SortedKeys } from './sorted-keys.js';
import type { Transaction } from './transactions.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, show } from './values.js';

/** The hash of a document's `_id`: what the document is stored under. */
export type DocumentKey = string;

/** What documents can be read from: the committed ones, or those that a transaction sees. */
export interface View extends Iterable<[DocumentKey, Document]> {
  get(key: DocumentKey): Document | undefined;
  has(key: DocumentKey): boolean;
  values(): Iterable<Document>;
}

/** The documents of a collection in natural order. While a snapshot reads them, a change makes a copy first. */
export class Records extends Map<DocumentKey, Document> implements View {
  readers = 0;
}

export class Index {
  readonly name: string;
  readonly keyPattern: Document;
  readonly unique: boolean;
  readonly collation: Collation | undefined;
  /** Of a unique index: which document holds a key. */
  readonly owners = new Map<string, DocumentKey>();
  private readonly fields: string[][];
  private readonly partial: Predicate | undefined;
  private readonly isBtree: boolean;
  /** Which documents hold a value in the first field; of all documents, also of a sparse or partial index. */
  private readonly entries = new Map<string, Set<DocumentKey>>();
  private readonly sorted = new SortedKeys(this.entries);

  constructor(readonly spec: Document) {
    this.name = String(spec['name']);
    this.keyPattern = spec['key'] as Document;
    this.fields = Object.keys(this.keyPattern).map((path) => path.split('.'));
    this.unique = spec['unique'] === true;
    this.collation = collationOf(spec['collation']);
    this.isBtree = Object.values(this.keyPattern).every(isNumeric) && !('$**' in this.keyPattern);
    const filter = spec['partialFilterExpression'];
    const scope = { variables: {} };
    const expression = (argument: unknown) => compileExpression(argument, scope);
    this.partial = filter === undefined ? undefined : compileFilter(filter, { expression });
  }

  get firstField(): string {
    return this.fields[0]!.join('.');
  }

  /** Whether equality on the first field can be looked up. */
  get canLookUp(): boolean {
    return this.isBtree && this.name !== '_id_';
  }

  /** All keys of a document: one for each element where a field holds an array. */
  keysOf(document: Document): string[] {
    if (!this.isBtree || (this.partial && !this.partial(document))) return [];
    let exists = false;
    let keys = [''];
    for (const parts of this.fields) {
      const hashes = new Set<string>();
      let isEmptyArray = false;
      someValue(document, parts, (value) => {
        if (value !== undefined) exists = true;
        if (!Array.isArray(value)) hashes.add(hash(value, this.collation));
        else if (value.length === 0) isEmptyArray = true;
        return false;
      });
      if (isEmptyArray) hashes.add('empty');
      if (hashes.size === 0) hashes.add('0');
      keys = keys.flatMap((key) => [...hashes].map((part) => `${key}|${part}`));
    }
    return this.spec['sparse'] === true && !exists ? [] : keys;
  }

  lookUp(value: unknown): Iterable<DocumentKey> {
    return this.entries.get(hash(value, this.collation)) ?? [];
  }

  /** The documents whose first field has a string with this beginning. */
  *lookUpBeginning(text: string): Iterable<DocumentKey> {
    for (const value of this.sorted.beginningWith(`s${text}`)) yield* this.entries.get(value) ?? [];
  }

  replace(key: DocumentKey, before: Document | undefined, after: Document | undefined): void {
    if (!this.canLookUp) return;
    if (this.unique) {
      if (before)
        for (const old of this.keysOf(before)) if (this.owners.get(old) === key) this.owners.delete(old);
      if (after) for (const own of this.keysOf(after)) this.owners.set(own, key);
    }
    const left = before ? this.firstHashes(before) : new Set<string>();
    const entered = after ? this.firstHashes(after) : new Set<string>();
    for (const value of left) {
      if (entered.has(value)) continue;
      const holders = this.entries.get(value);
      holders?.delete(key);
      if (holders?.size !== 0) continue;
      this.entries.delete(value);
      this.sorted.delete(value);
    }
    for (const value of entered) {
      const holders = this.entries.get(value);
      if (holders) {
        holders.add(key);
        continue;
      }
      this.entries.set(value, new Set([key]));
      this.sorted.add(value);
    }
  }

  private firstHashes(document: Document): Set<string> {
    const hashes = new Set<string>();
    someValue(document, this.fields[0]!, (value) => {
      if (!Array.isArray(value)) hashes.add(hash(value, this.collation));
      return false;
    });
    return hashes;
  }
}

export class Collection {
  readonly uuid = new UUID();
  readonly collation: Collation | undefined;
  records = new Records();
  indexes: Index[] = [];
  /** Documents and unique keys that open transactions have written. */
  readonly locks = new Map<string, Transaction>();
  private readonly positions = new Map<DocumentKey, number>();
  private nextPosition = 0;

  constructor(
    public database: string,
    public name: string,
    public options: Document,
  ) {
    this.collation = collationOf(options['collation']);
    if (this.isView) return;
    const spec: Document = { v: 2, key: { _id: 1 }, name: '_id_' };
    if (options['collation']) spec['collation'] = options['collation'];
    this.indexes.push(new Index(spec));
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  get isView(): boolean {
    return this.options['viewOn'] !== undefined;
  }

  get keepsPreImages(): boolean {
    const option = this.options['changeStreamPreAndPostImages'];
    return isDocument(option) && option['enabled'] === true;
  }

  keyOf(id: unknown): DocumentKey {
    return hash(id, this.collation);
  }

  positionOf(key: DocumentKey): number {
    return this.positions.get(key) ?? Number.MAX_SAFE_INTEGER;
  }

  /** Puts a committed document in its place, or takes it away. */
  apply(key: DocumentKey, document: Document | undefined): void {
    if (this.records.readers > 0) this.records = new Records(this.records);
    const before = this.records.get(key);
    for (const index of this.indexes) index.replace(key, before, document);
    if (document) {
      if (!before) this.positions.set(key, this.nextPosition++);
      this.records.set(key, document);
    } else {
      this.records.delete(key);
      this.positions.delete(key);
    }
  }

  addIndex(index: Index): void {
    for (const [key, document] of this.records) {
      if (index.unique) {
        const taken = index.keysOf(document).some((own) => (index.owners.get(own) ?? key) !== key);
        if (taken) throw this.duplicate(index, document);
      }
      index.replace(key, undefined, document);
    }
    this.indexes.push(index);
  }

  duplicate(index: Index, document: Document): CommandError {
    const keyValue: Document = {};
    for (const path of Object.keys(index.keyPattern)) {
      let found: unknown = null;
      someValue(document, path.split('.'), (value) => {
        if (value !== undefined && !Array.isArray(value)) found = value;
        return found !== null;
      });
      keyValue[path] = found;
    }
    return new CommandError(
      11000,
      `E11000 duplicate key error collection: ${this.namespace} index: ${index.name} dup key: ${show(keyValue)}`,
      { keyPattern: index.keyPattern, keyValue },
    );
  }
}
