import type { ClientSession } from 'mongoose';
import { valuesAt } from '../schema/fields.js';
import type { StorageProvider } from '../providers/provider.js';
import type { Tracked } from '../schema/tracking.js';
import type { Asking } from '../usage/scope.js';

/** Where a value stood: a tracked field, or no field at all where values are handed over by `removeUnused`. */
export type Source = Pick<Tracked, 'options' | 'providers' | 'keep'> & {
  readonly field: Tracked['field'] | null;
};

/** A value that a document held before the write. */
export interface Candidate {
  readonly value: unknown;
  readonly source: Source;
  /** Documents that held it; none where nobody said. */
  readonly documentIds: readonly unknown[];
  /**
   * Another write stored it while this one was under way, so this one may have displaced it. Most often it did not, which
   * is no event.
   */
  readonly isGuess: boolean;
}

/** Documents of one value that are remembered: all of them were changed by the same write, in the same way. */
const MOST_DOCUMENTS = 1000;

type Noted = { -readonly [K in keyof Candidate]: Candidate[K] } & { documentIds: unknown[] };

/**
 * The values of the affected documents before a write, each once for every set of providers that reads it. Holds values and
 * ids, never documents.
 */
export class Candidates {
  readonly #byReaders = new Map<readonly StorageProvider[], Map<unknown, Noted>>();
  /** When the originals were looked up, by `performance.now()`. */
  readonly since = performance.now();
  documents = 0;
  size = 0;

  addDocument(document: { _id?: unknown }, tracked: readonly Tracked[]): void {
    this.documents++;
    for (const source of tracked) {
      for (const value of valuesAt(document, source.field)) this.add(value, source, document._id);
    }
  }

  add(value: unknown, source: Source, documentId?: unknown): void {
    const known = this.#note(value, source, false);
    known.isGuess = false;
    if (documentId !== undefined) addDocuments(known, [documentId]);
  }

  /** A value that the write may have displaced; see `Candidate.isGuess`. */
  addGuess(value: unknown, source: Source): void {
    this.#note(value, source, true);
  }

  *values(): Generator<Candidate> {
    for (const byValue of this.#byReaders.values()) yield* byValue.values();
  }

  #note(value: unknown, source: Source, isGuess: boolean): Noted {
    const byValue = this.#byReaders.get(source.providers) ?? new Map<unknown, Noted>();
    this.#byReaders.set(source.providers, byValue);
    const key = keyOf(value);
    const known = byValue.get(key);
    if (known) return known;
    const noted = { value, source, documentIds: [], isGuess };
    byValue.set(key, noted);
    this.size++;
    return noted;
  }
}

/** Documents that held the same file, in whichever form. */
export function addDocuments({ documentIds }: Candidate, ids: readonly unknown[]): void {
  const room = MOST_DOCUMENTS - documentIds.length;
  if (room > 0) (documentIds as unknown[]).push(...ids.slice(0, room));
}

/** What a write tells about itself when its candidates are handed over. */
export interface Write {
  /** The name of the Mongoose call. */
  readonly operation: string;
  readonly session?: ClientSession | null | undefined;
  /** Values that the write stored: a file that they name, in whatever way, is not removed. */
  readonly written?: readonly unknown[];
  /** The documents that it hit are gone. */
  readonly isDelete?: boolean;
  /** Models that are asked as well, as far as their own `references` reach. */
  readonly alsoAsking?: readonly Asking[];
}

function keyOf(value: unknown): unknown {
  if (typeof value !== 'object') return value;
  try {
    return `\0${JSON.stringify(value)}`;
  } catch {
    return value;
  }
}

export function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
