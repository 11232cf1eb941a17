import type { mongo } from 'mongoose';
import type { AnyModel, ReferenceFunction } from '../schema/options.js';
import { find, readAll, type ReadLimits } from './documents.js';
import type { BatchOfForms } from './forms.js';
import { QueryParts } from './query-conditions.js';
import { UseReader } from './use-reader.js';
import type { Reading } from './meaning.js';
import { isIn, type AskedCollection } from './scope.js';
import type { Use } from './verdict.js';

/** A file that is asked about. */
export interface AskedFile extends Reading {
  /** The documents that held it before a write. */
  readonly candidate?: { readonly documentIds: readonly unknown[] };
  /** The write: its model, and whether it deleted those documents. If not, they may mention the file now. */
  readonly write?: { readonly model: AnyModel; readonly isDelete?: boolean | undefined };
}

/** How one collection is asked. */
interface HowToAsk extends ReadLimits {
  /** Whether it is small enough to be searched for mentions. */
  readonly isSmall: boolean;
  /** Paths of texts that are asked for through the arrays beside them. */
  readonly indexed: ReadonlySet<string>;
  /** Aborted when the time is up and the answer is no longer awaited. */
  readonly signal: AbortSignal;
}

/** How many documents one round of questions by equality reads. */
const REPLY = 1000;

/** Returns those of the files that a document of one collection uses. */
export async function askCollection<T extends AskedFile>(
  asked: AskedCollection,
  batch: BatchOfForms<T>,
  how: HowToAsk,
): Promise<Map<T, Use>> {
  const question = new CollectionQuestion(asked, batch, how);
  await (how.isSmall ? question.askSmall() : question.askLarge());
  return question.answer();
}

/** Returns those of the files that a function in `references` uses, or about which it does not say `false`. */
export async function askFunction<T extends Reading>(
  reference: ReferenceFunction,
  files: readonly T[],
  signal: AbortSignal,
): Promise<Map<T, Use>> {
  const assets = files.map(({ asset }) => asset);
  const answers: unknown = await reference(assets, { signal });
  if (!Array.isArray(answers) || answers.length !== files.length)
    throw new Error(`a references function must return an array of ${String(files.length)} booleans`);
  return new Map(files.filter((_, index) => answers[index] !== false).map((file) => [file, 'by another']));
}

class CollectionQuestion<T extends AskedFile> {
  readonly #asked: AskedCollection;
  readonly #batch: BatchOfForms<T>;
  readonly #how: HowToAsk;
  readonly #reader: UseReader<T>;
  #held: ReadonlyMap<string, ReadonlySet<T>> | undefined;

  constructor(asked: AskedCollection, batch: BatchOfForms<T>, how: HowToAsk) {
    this.#asked = asked;
    this.#batch = batch;
    this.#how = how;
    this.#reader = new UseReader(batch, how.isSmall);
  }

  async answer(): Promise<Map<T, Use>> {
    await this.#reader.decideDoubts();
    return this.#reader.uses;
  }

  /** One command that finds forms and mentions, including those in the documents that the write changed. */
  async askSmall(): Promise<void> {
    const parts = this.#partsOf(this.#batch.files);
    await this.#readAll(this.#asked.fields.flatMap((field) => parts.inField(field, true)));
  }

  /**
   * First asks by equality, which an index serves; any hit counts. Then one scan, only for the files that are left and
   * only if it is needed.
   */
  async askLarge(): Promise<void> {
    await this.#askByEquality();
    if (this.#reader.isDecided) return;
    const parts = this.#partsOf(this.#reader.undecided);
    const scans = this.#asked.fields.flatMap((field) => parts.scanOf(field));
    if (scans.length > 0) await this.#readAll(scans);
  }

  /** If a million documents share a file, the first of them is enough: no round reads more documents than it must. */
  async #askByEquality(): Promise<void> {
    for (let open = this.#batch.files; open.length > 0;) {
      const parts = this.#partsOf(open);
      const fields = this.#asked.fields.flatMap((one) =>
        parts.inField(one, one.isAlwaysSearched, this.#how.indexed.has(one.field.path)),
      );
      const hit = open.flatMap((file) => this.#stillThere(file));
      const conditions = hit.length > 0 ? [...fields, { _id: { $in: hit } }] : fields;
      if (conditions.length === 0) return;
      const limit = Math.min(REPLY, open.length + 1 + hit.length);
      const documents = await find(this.#asked, conditions, { ...this.#how, limit }).toArray();
      for (const document of documents) this.#read(document);
      const left = this.#reader.undecided;
      if (documents.length < limit || left.length === 0) return;
      // a case-insensitive collation of the collection matches more values than were asked for, so everything is read
      if (left.length === open.length) return this.#readAll(conditions);
      open = left;
    }
  }

  #partsOf(files: readonly T[]): QueryParts {
    return new QueryParts(this.#batch.formsOf(files), this.#asked.connection.base.mongo.BSONRegExp);
  }

  async #readAll(conditions: readonly object[]): Promise<void> {
    await readAll(find(this.#asked, conditions, this.#how), this.#how.signal, (document) => {
      this.#read(document);
      return this.#reader.isDecided;
    });
  }

  #read(document: mongo.Document): void {
    this.#held ??= this.#heldById();
    this.#reader.readDocument(document, this.#asked.fields, this.#held.get(String(document._id)));
  }

  /**
   * The files that a document held before the write, by its `_id`. Not needed before a document is found, which is rare
   * when thousands are deleted.
   */
  #heldById(): Map<string, Set<T>> {
    const found = new Map<string, Set<T>>();
    for (const file of this.#batch.files) {
      for (const id of this.#heldIn(file)) {
        const held = found.get(String(id));
        if (held) held.add(file);
        else found.set(String(id), new Set([file]));
      }
    }
    return found;
  }

  /** The documents of the collection that held the file before the write. */
  #heldIn({ write, candidate }: T): readonly unknown[] {
    return write && isIn(this.#asked, write.model) ? (candidate?.documentIds ?? []) : [];
  }

  /** The documents that the write changed, which are read whatever they contain now. */
  #stillThere(file: T): readonly unknown[] {
    return file.write?.isDelete ? [] : this.#heldIn(file);
  }
}
