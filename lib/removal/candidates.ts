import type { AnyModel, KeepContext } from '../schema/options.js';
import { imagesAt } from '../schema/field-values.js';
import type { Tracked } from '../schema/model-fields.js';
import type { Asset, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import { comparable } from '../providers/stored-value.js';
import type { Fingerprint } from '../usage/fingerprints.js';
import type { Reading } from '../usage/meaning.js';
import type { Asking } from '../usage/scope.js';

/** Where a value was stored: a tracked field, or no field for values of `removeUnused`. */
export type Source = Pick<Tracked, 'options' | 'providers' | 'keep'> & {
  readonly field: Tracked['field'] | null;
};

/** A value that is stored in a document, or certainly was. */
export interface StoredValue {
  readonly value: unknown;
  readonly source: Source;
  /** The document that holds it, if it is known. */
  readonly documentId?: unknown;
}

/** Facts that all files of one write share. */
export interface WriteFacts {
  readonly model: AnyModel;
  /** The name of the Mongoose call. */
  readonly operation: string;
  /** The time before its documents were looked up, by `performance.now()`. */
  readonly since: number;
  /** Whether the write deleted its documents. */
  readonly isDelete: boolean;
  /** Other models that are asked as well, as far as their own `references` reach. */
  readonly alsoAsking?: readonly Asking[];
  /** Where the journal has the files of the write; `undefined` without a journal. */
  readonly journal?: NotedWrite | undefined;
}

/** A write whose files are recorded in a journal until each of them has its outcome. */
export interface NotedWrite {
  /** Whether a worker asks about the files, since the writer did not get to it or the files had a grace period. */
  readonly isRedelivered: boolean;
  /** Whether the worker will not try again. */
  readonly isLastTry: boolean;
  /** These files, and no others of the write, are about to be asked about; none if the write dropped nothing. */
  deliver(files: readonly DroppedFile[]): void;
  ended(file: DroppedFile, outcome: RemovalOutcome): void;
  /** The storage did not tell which of these files is meant. */
  undecided(readings: readonly Reading[]): void;
  /** The files are left to a worker. */
  leave(): void;
}

/** A value that documents held before the write. */
export interface Candidate {
  readonly value: unknown;
  readonly source: Source;
  /** The documents that held it; empty if they are not known. */
  readonly documentIds: readonly unknown[];
  /**
   * Another write stored the value while this one was under way, so this one may have replaced it. Most often it did
   * not, and then there is no event.
   */
  readonly isGuess: boolean;
  /** The stored content of each file that the value may mean, if the journal recorded it before the write. */
  seen?: readonly Fingerprint[];
}

/**
 * Whether the value comes from a text. Many values in texts are not images of the app, but links, pages of other sites,
 * or words. A value that no provider knows, or whose file does not exist, is then no event.
 */
export function isFromText({ source }: Candidate): boolean {
  return source.field?.text !== undefined || source.field?.isOfText === true;
}

/**
 * A file that a write dropped and that no rule protects. It is removed if nothing uses it. A large write has one of
 * these for every file.
 */
export interface DroppedFile extends Reading {
  readonly write: WriteFacts;
  readonly candidate: Candidate;
  /** The stored content when the write was acknowledged; `undefined` if the provider cannot tell. */
  fingerprint: string | null | undefined;
  /** Whether the write itself stored a value that mentions the file. */
  isMentionedByWrite: boolean;
  /** Counted when it is attempted. */
  attempts: number;
  /** The original of a derived file, which is gone. */
  readonly derivedFrom?: Asset;
}

/** What a write dropped. */
export interface Dropped {
  readonly write: WriteFacts;
  values(): Iterable<Candidate>;
}

/** How many documents of one value are remembered. The same write changed all of them in the same way. */
const MOST_DOCUMENTS = 1000;

type Noted = { -readonly [K in keyof Candidate]: Candidate[K] } & { documentIds: unknown[] };

/**
 * The values of the affected documents before a write, each once for every set of providers that reads it. Holds values
 * and ids, never documents.
 */
export class Candidates implements Dropped {
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
        this.add({ value, source, documentId: document._id });
      }
    }
  }

  /** `isGuess`: see `Candidate`. */
  add({ value, source, documentId }: StoredValue, isGuess = false): void {
    const byValue = this.#readBy(source.providers);
    const key = keyOf(value);
    const known = byValue.get(key);
    // written out, since an array that grows by `push` reserves 17 elements
    const documentIds = documentId === undefined ? [] : [documentId];
    if (known) {
      known.isGuess &&= isGuess;
      // a field of images is a better source than a text
      if (isFromText(known)) known.source = source;
      addDocuments(known, documentIds);
      return;
    }
    byValue.set(key, { value, source, documentIds, isGuess });
    this.size++;
  }

  *values(): Generator<Candidate> {
    for (const byValue of this.#byReaders.values()) yield* byValue.values();
  }

  #readBy(providers: readonly StorageProvider[]): Map<unknown, Noted> {
    const known = this.#byReaders.get(providers);
    if (known) return known;
    const byValue = new Map<unknown, Noted>();
    this.#byReaders.set(providers, byValue);
    return byValue;
  }
}

/** What a `keep` rule is told about a file. */
export function keepContextOf(
  asset: Asset,
  { source, documentIds }: Candidate,
  { model, operation }: WriteFacts,
): KeepContext {
  return {
    asset,
    field: source.field?.path ?? null,
    model: model.modelName,
    documentId: documentIds[0] ?? null,
    operation,
  };
}

/** Adds documents that held the same file in any form. */
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
