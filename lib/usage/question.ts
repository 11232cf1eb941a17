import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import { projectionOf } from '../schema/field-values.js';
import type { AnyModel } from '../schema/options.js';
import type { BatchOfForms, FormsOf } from './forms.js';
import { QueryParts } from './query.js';
import { UseReader, type Use } from './reader.js';
import type { Reading } from './reading.js';
import { driverCollection, type AskedCollection, type AskedField } from './scope.js';

/** A file that is asked about. */
export interface AskedFile extends Reading {
  /** The documents that held it before a write. */
  readonly candidate?: { readonly documentIds: readonly unknown[] };
  /** The write: its model, and whether it deleted those documents. If not, they may mention the file now. */
  readonly write?: { readonly model: AnyModel; readonly isDelete?: boolean | undefined };
}

/** How one collection is asked. */
export interface HowToAsk {
  readonly timeoutMs: number;
  /** Whether it is small enough to be searched for mentions. */
  readonly isSmall: boolean;
  /** Paths of texts that are asked for through the arrays beside them. */
  readonly indexed: ReadonlySet<string>;
  /** Set for `references: 'document'`. */
  readonly onlyDocuments?: readonly unknown[] | undefined;
  /** Aborted when the time is up and the answer is no longer awaited. */
  readonly signal: AbortSignal;
}

/** How many milliseconds a read continues before other work of the process has its turn. */
const TURN_MS = 20;
/** How many documents one round of questions by equality reads. */
const REPLY = 1000;
/**
 * How many documents a reply has if everything is read. A small collection fits into one reply, unless it exceeds 16
 * MB.
 */
const LARGE_REPLY = 10_001;
/** Returns those of the files that a document of one collection uses. Reads from the primary, outside of all sessions. */
export async function askCollection<T extends AskedFile>(
  asked: AskedCollection,
  batch: BatchOfForms<T>,
  how: HowToAsk,
): Promise<Map<T, Use>> {
  const question = new Question(asked, batch, how);
  if (how.isSmall) await question.askSmall();
  else await question.askLarge();
  return question.answer();
}

class Question<T extends AskedFile> {
  readonly #asked: AskedCollection;
  readonly #batch: BatchOfForms<T>;
  readonly #how: HowToAsk;
  readonly #reader: UseReader<T>;
  #held: ReadonlyMap<string, ReadonlySet<T>> | undefined;
  readonly #collection: mongo.Collection;

  constructor(asked: AskedCollection, batch: BatchOfForms<T>, how: HowToAsk) {
    this.#asked = asked;
    this.#batch = batch;
    this.#how = how;
    this.#reader = new UseReader(batch);
    this.#collection = driverCollection(asked);
  }

  async answer(): Promise<Map<T, Use>> {
    await this.#reader.settle();
    return this.#reader.uses;
  }

  /** By `_id`. Computed when a document is found, which is rare when thousands are deleted. */
  get #heldBy(): ReadonlyMap<string, ReadonlySet<T>> {
    return (this.#held ??= heldIn(this.#asked, this.#batch.files));
  }

  #partsOf(forms: readonly FormsOf<T>[]): QueryParts {
    return new QueryParts(forms, this.#asked.connection.base.mongo.BSONRegExp);
  }

  /** One command that finds forms and mentions, including those in the documents that the write changed. */
  async askSmall(): Promise<void> {
    const parts = this.#partsOf(this.#batch.forms);
    await this.#readAll(this.#asked.fields.flatMap((field) => parts.inField(field, true)));
  }

  /**
   * First asks by equality, which an index serves; any hit counts. Then one scan, only for the files that are left and
   * only if it is needed.
   */
  async askLarge(): Promise<void> {
    await this.#askByEquality();
    const parts = this.#partsOf(this.#batch.formsOf(this.#reader.undecided));
    const scans = this.#asked.fields.flatMap((field) => parts.scanOf(field));
    if (scans.length > 0 && !this.#reader.isDecided) await this.#readAll(scans);
  }

  /** If a million documents share a file, the first of them is enough: no round reads more documents than it must. */
  async #askByEquality(): Promise<void> {
    for (let open = this.#batch.files; open.length > 0;) {
      const parts = this.#partsOf(this.#batch.formsOf(open));
      const fields = this.#asked.fields.flatMap((one) =>
        parts.inField(one, one.isAlwaysSearched, this.#how.indexed.has(one.field.path)),
      );
      const hit = this.#stillThere(open);
      const branches = hit.length > 0 ? [...fields, { _id: { $in: hit } }] : fields;
      if (branches.length === 0) return;
      const limit = Math.min(REPLY, open.length + 1 + hit.length);
      const documents = await this.#find(branches, limit).toArray();
      for (const document of documents) this.#read(document);
      const left = this.#reader.undecided;
      if (documents.length < limit || left.length === 0) return;
      // a case-insensitive collation of the collection matches more values than were asked for, so everything is read
      if (left.length === open.length) return this.#readAll(branches);
      open = left;
    }
  }

  async #readAll(branches: readonly object[]): Promise<void> {
    const cursor = this.#find(branches);
    let turn = performance.now();
    try {
      while (await cursor.hasNext()) {
        // without a promise for each document
        for (const document of cursor.readBufferedDocuments()) {
          this.#read(document);
          if (this.#reader.isDecided) return;
          if (performance.now() - turn < TURN_MS) continue;
          // a reply with thousands of documents would block the process, and the timer of the time limit
          await setImmediate();
          this.#how.signal.throwIfAborted();
          turn = performance.now();
        }
      }
    } finally {
      await cursor.close();
    }
  }

  #find(branches: readonly object[], limit?: number): mongo.FindCursor<mongo.Document> {
    const { onlyDocuments, timeoutMs } = this.#how;
    const filter = {
      ...(onlyDocuments && { _id: { $in: onlyDocuments } }),
      ...(branches.length > 0 && { $or: branches }),
    };
    return this.#collection.find(filter as mongo.Filter<mongo.Document>, {
      projection: projectionOf(this.#asked.fields.map(({ field }) => field)),
      readPreference: 'primary',
      maxTimeMS: timeoutMs,
      // one document more than the limit, so that the first reply ends the cursor and no second command is needed
      ...(limit === undefined ? { batchSize: LARGE_REPLY } : { limit, batchSize: limit + 1 }),
    });
  }

  #read(document: mongo.Document): void {
    const held = this.#heldBy.get(String(document._id));
    this.#reader.readDocument(document, this.#asked.fields, {
      isHolderOf: (file) => held?.has(file) === true,
      search: (field) => (held ? 'closely' : this.#isSearched(field) ? 'yes' : 'no'),
    });
  }

  #isSearched({ isAlwaysSearched }: AskedField): boolean {
    return this.#how.isSmall || isAlwaysSearched;
  }

  /** The documents that the write changed, which are read whatever they contain now. */
  #stillThere(files: readonly T[]): unknown[] {
    return files.flatMap((file) =>
      !file.write?.isDelete && isHeldIn(this.#asked, file) ? (file.candidate?.documentIds ?? []) : [],
    );
  }
}

function isHeldIn({ connection, name }: AskedCollection, { write }: AskedFile): boolean {
  return write !== undefined && write.model.db === connection && write.model.collection.name === name;
}

/** By `_id`: the files of the batch that a document held before the write. */
function heldIn<T extends AskedFile>(asked: AskedCollection, files: readonly T[]): Map<string, Set<T>> {
  const found = new Map<string, Set<T>>();
  for (const file of files) {
    if (!isHeldIn(asked, file)) continue;
    for (const id of file.candidate?.documentIds ?? []) {
      const held = found.get(String(id));
      if (held) held.add(file);
      else found.set(String(id), new Set([file]));
    }
  }
  return found;
}
