import type { AnyModel } from '../schema/options.js';
import { imagesAt } from '../schema/field-values.js';
import type { Tracked } from '../schema/tracked.js';
import type { RemovalOutcome, StorageProvider } from '../providers/provider.js';
import { comparable } from '../providers/stored-value.js';
import type { Reading } from '../usage/reading.js';
import type { Asking } from '../usage/scope.js';

/** Where a value stood: a tracked field, or no field at all where values are handed over by `removeUnused`. */
export type Source = Pick<Tracked, 'options' | 'providers' | 'keep'> & {
  readonly field: Tracked['field'] | null;
};

/** A value that stands in a document, or stood there for certain. */
export interface StoredValue {
  readonly value: unknown;
  readonly source: Source;
  /** The document that holds it, where it is known. */
  readonly documentId?: unknown;
}

/** What all files of one write have in common. */
export interface WriteFacts {
  /** The model that was written. */
  readonly model: AnyModel;
  /** The name of the Mongoose call. */
  readonly operation: string;
  /** Before its originals were looked up, by `performance.now()`. */
  readonly since: number;
  /** The documents that it hit are gone. */
  readonly isDelete: boolean;
  /** Models that are asked as well, as far as their own `references` reach. */
  readonly alsoAsking?: readonly Asking[];
  /** Where the journal has the files of the write; `undefined`: there is none. */
  readonly journal?: NotedWrite | undefined;
}

/** A write whose files are noted in a journal until each of them has its outcome. */
export interface NotedWrite {
  /** A worker asks about the files, since whoever wrote did not come to it, or left them for a while. */
  readonly isRedelivered: boolean;
  /** The worker will not try again. */
  readonly isLastTry: boolean;
  /** These files, and no others of the write, are about to be asked about. */
  deliver(files: readonly DroppedFile[]): void;
  /** What became of a file. */
  ended(file: DroppedFile, outcome: RemovalOutcome): void;
  /** The storage did not tell which of these is meant. */
  undecided(readings: readonly Reading[]): void;
  /** What becomes of the files is left to a worker. */
  leave(): void;
  /** The write dropped nothing. */
  cancel(): void;
}

/** A value that documents held before the write. */
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

/**
 * Does it come out of a text? Much of what stands there is no image of ours: links, pages of others, names that mean
 * nothing. What nobody knows, or is not there, is no event then.
 */
export function isFromText({ source }: Candidate): boolean {
  return source.field?.text !== undefined || source.field?.isOfText === true;
}

/** A file that a write has dropped and that no rule protects: it goes if nobody uses it. One is held for every file of a write. */
export interface DroppedFile extends Reading {
  readonly write: WriteFacts;
  /** What the documents stored, and which documents. */
  readonly candidate: Candidate;
  /** The stored content at the time the write was acknowledged; `undefined` where the provider can't tell. */
  fingerprint: string | null | undefined;
  /** The write itself stored a value that mentions the file. */
  isMentionedByWrite: boolean;
  /** Counted where it is tried. */
  attempts: number;
}

/** Documents of one value that are remembered: all of them were changed by the same write, in the same way. */
const MOST_DOCUMENTS = 1000;

type Noted = { -readonly [K in keyof Candidate]: Candidate[K] } & { documentIds: unknown[] };

/**
 * The values of the affected documents before a write, each once for every set of providers that reads it. Holds values and
 * ids, never documents.
 */
export class Candidates {
  readonly write: WriteFacts;
  readonly #byReaders = new Map<readonly StorageProvider[], Map<unknown, Noted>>();
  documents = 0;
  size = 0;

  constructor(write: WriteFacts) {
    this.write = write;
  }

  addDocument(document: { _id?: unknown }, tracked: readonly Tracked[]): void {
    this.documents++;
    for (const source of tracked) {
      for (const value of imagesAt(document, source.field)) {
        this.#note({ value, source, documentId: document._id }, false);
      }
    }
  }

  add(stored: StoredValue): void {
    this.#note(stored, false);
  }

  /** A value that the write may have displaced; see `Candidate.isGuess`. */
  addGuess(stored: StoredValue): void {
    this.#note(stored, true);
  }

  *values(): Generator<Candidate> {
    for (const byValue of this.#byReaders.values()) yield* byValue.values();
  }

  #note({ value, source, documentId }: StoredValue, isGuess: boolean): void {
    const byValue = this.#readBy(source.providers);
    const key = keyOf(value);
    const known = byValue.get(key);
    // written out: an array that grows by `push` has room for 17
    const documentIds = documentId === undefined ? [] : [documentId];
    if (known) {
      known.isGuess &&= isGuess;
      // a field of images says more than a text
      if (isFromText(known)) known.source = source;
      addDocuments(known, documentIds);
      return;
    }
    byValue.set(key, { value, source, documentIds, isGuess });
    this.size++;
  }

  #readBy(providers: readonly StorageProvider[]): Map<unknown, Noted> {
    const known = this.#byReaders.get(providers);
    if (known) return known;
    const byValue = new Map<unknown, Noted>();
    this.#byReaders.set(providers, byValue);
    return byValue;
  }
}

/** Documents that held the same file, in whichever form. */
export function addDocuments({ documentIds }: Candidate, ids: readonly unknown[]): void {
  const room = MOST_DOCUMENTS - documentIds.length;
  if (room > 0) (documentIds as unknown[]).push(...ids.slice(0, room));
}

function keyOf(value: unknown): unknown {
  const key = comparable(value);
  if (typeof key !== 'object') return key;
  try {
    return `\0${JSON.stringify(value)}`;
  } catch {
    return value;
  }
}
