import { valuesAt } from '../fields.js';
import type { ClientSession } from 'mongoose';
import type { AnyModel, CleanupOptions } from '../options.js';
import type { Asset, StorageProvider } from '../providers/provider.js';
import type { Tracked } from '../tracking.js';

/** A value that a document held before the write. */
export interface Candidate {
  readonly value: unknown;
  readonly tracked: Tracked;
  readonly documentId: unknown;
}

/**
 * The values of the affected documents before a write, each once. Holds strings and the id of one document each, never
 * documents: about 250 bytes for every distinct value.
 */
export class Candidates {
  readonly #byValue = new Map<unknown, Candidate>();
  documents = 0;

  get size(): number {
    return this.#byValue.size;
  }

  addDocument(document: { _id?: unknown }, tracked: readonly Tracked[]): void {
    this.documents++;
    for (const one of tracked) {
      for (const value of valuesAt(document, one.field))
        this.add({ value, tracked: one, documentId: document._id });
    }
  }

  add(candidate: Candidate): void {
    const key = keyOf(candidate.value);
    if (!this.#byValue.has(key)) this.#byValue.set(key, candidate);
  }

  values(): IterableIterator<Candidate> {
    return this.#byValue.values();
  }
}

/** What a write tells about itself when its candidates are handed over. */
export interface Write {
  /** The name of the Mongoose call. */
  readonly operation: string;
  readonly session?: ClientSession | null | undefined;
  /** Values that the write stored: a file that they name, by whatever name, is not removed. */
  readonly written?: readonly unknown[];
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

/** A model and where it says that its files may be used. */
export interface Asking {
  readonly model: AnyModel;
  readonly references: CleanupOptions['references'];
}

/** A candidate whose asset is known and which no rule protects: it goes if nobody uses it. */
export interface Entry extends Candidate {
  readonly asset: Asset;
  readonly provider: StorageProvider;
  readonly operation: string;
  readonly model: string;
  /** Where the document lives that held it. */
  readonly collection: string;
  /** The stored content at the time the write was acknowledged; `undefined` where the provider can't tell. */
  readonly fingerprint: string | null | undefined;
  /** Counted where it is tried. */
  attempts: number;
  /** Scopes that are asked besides the one of the model. */
  readonly alsoAsking?: readonly Asking[] | undefined;
}

export function identityOf(asset: Asset): string {
  return `${asset.provider}\0${asset.key}`;
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
