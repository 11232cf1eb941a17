import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import { derivationOf } from '../usage/derivation.js';
import { identityOf, readingsOf } from '../usage/reading.js';
import type { StoredValue } from './candidates.js';

/** What a write tells of itself when it begins. */
export interface Beginning {
  readonly model: AnyModel;
  /** The documents that it hits or adds; `undefined`: any. */
  readonly documentIds: ReadonlySet<string> | undefined;
  /** Of the session of the transaction that it is in. */
  readonly transaction: object | undefined;
  /** It only adds documents, so it displaces nothing. */
  readonly isInsert: boolean;
  /** Values that it is about to store. */
  readonly written: readonly unknown[];
  /** Who reads these values. */
  readonly providers: readonly StorageProvider[];
  /** What documents hold that it may hit when another write takes away those that it has looked up. */
  readonly nextDocuments: ((count: number) => Promise<readonly StoredValue[]>) | undefined;
}

/** Documents that are read at first for a write that may hit another one than it has looked up. */
const FEW_DOCUMENTS = 16;
const MOST_DOCUMENTS = 1000;
/** Values that one write may remember of others: more are left to the sweep. */
const MOST_VALUES = 10_000;
/** Values of its own that a write has asked about because others overlapped it: an import would ask about all that it stored. */
const MOST_OWN = 1000;
/** No write lasts longer, and a session that was dropped without an end is forgotten then. */
const LONGEST_MS = 600_000;

/** A write that is under way, or in a transaction that is. */
export class WriteUnderWay {
  readonly #beginning: Beginning;
  readonly startedAt = Date.now();
  /** What writes that overlapped this one, and are acknowledged, have stored. */
  readonly storedByOthers: StoredValue[] = [];
  /** Did another write of the same documents overlap it? */
  hasOverlapped = false;
  #identities: ReadonlySet<string> | undefined;
  #waiting: (() => void)[] = [];
  #isOver = false;
  /** Writes that may take away a document before this one gets to it, and how many documents were read therefore. */
  #takers = 0;
  #reach = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
  }

  /** May both change the same document? */
  mayMeet(other: WriteUnderWay): boolean {
    const [one, another] = [this.#beginning, other.#beginning];
    const isSameCollection =
      one.model.db === another.model.db && one.model.collection.name === another.model.collection.name;
    if (!isSameCollection || (one.isInsert && another.isInsert)) return false;
    // one after the other: the look-up of the later one sees what the earlier one has stored
    if (one.transaction !== undefined && one.transaction === another.transaction) return false;
    return haveCommon(one.documentIds, another.documentIds);
  }

  /** Is it about to store a form of this file? */
  willStore(identity: string): boolean {
    try {
      this.#identities ??= new Set(formsStored(this.#beginning));
      return this.#identities.has(identity);
    } catch {
      return true; // a provider that throws: nobody knows, so the file stays for now
    }
  }

  noteStored(values: readonly StoredValue[]): void {
    this.storedByOthers.push(...values.slice(0, Math.max(0, MOST_VALUES - this.storedByOthers.length)));
  }

  /** So many more writes may take away what this one has looked up: the documents that come next are read. */
  async lookFurther(takers: number): Promise<void> {
    const { nextDocuments } = this.#beginning;
    if (!nextDocuments) return;
    this.#takers += takers;
    if (this.#takers >= this.#reach && this.#reach < MOST_DOCUMENTS) {
      this.#reach = Math.min(Math.max(FEW_DOCUMENTS, 2 * this.#takers), MOST_DOCUMENTS);
      this.#looking = nextDocuments(this.#reach).then(
        (values) => {
          this.noteStored(values);
        },
        () => undefined, // what it would have told is left to the sweep
      );
    }
    await this.#looking;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  whenOver(act: () => void): void {
    this.#waiting.push(act);
  }

  end(): void {
    this.#isOver = true;
    for (const act of this.#waiting.splice(0)) act();
  }
}

function haveCommon(one: Beginning['documentIds'], other: Beginning['documentIds']): boolean {
  if (!one || !other) return true;
  const [fewer, more] = one.size < other.size ? [one, other] : [other, one];
  for (const id of fewer) if (more.has(id)) return true;
  return false;
}

function formsStored({ written, providers }: Beginning): string[] {
  const stored = written.flatMap((value) => providers.flatMap((one) => readingsOf(value, one)));
  const derived = stored.flatMap((one) => {
    const { assets, problem } = derivationOf(one);
    if (problem) throw problem;
    return assets.map((asset) => ({ ...one, asset }));
  });
  return [...stored, ...derived].map(identityOf);
}

/** The writes that were under way at some time since a question was asked, also those that are over by now. */
export class Watch {
  readonly #seen: Set<WriteUnderWay>;
  readonly #end: () => void;

  constructor(seen: Set<WriteUnderWay>, end: () => void) {
    this.#seen = seen;
    this.#end = end;
  }

  /** A write that is about to store this file, or has stored it after the question may have read its document. */
  thatStores(identity: string): WriteUnderWay | undefined {
    let found: WriteUnderWay | undefined;
    for (const write of this.#seen) {
      if (!write.willStore(identity)) continue;
      found = write;
      if (!write.isOver) break;
    }
    return found;
  }

  end(): void {
    this.#end();
  }
}

const REGISTER = Symbol.for('mongoose-image-cleanup:writes-under-way:2');

/**
 * The writes of this process that overlap each other. Two replacements at once look up the same original: what the first of
 * them stored is seen by neither look-up. So a write that is acknowledged hands in what it and those that overlapped it and
 * are acknowledged have stored; whether a document uses it is asked as always. A value whose write is not acknowledged is
 * never handed in, since no document has it yet; and a file that such a write is about to store is not removed before the
 * write is over. One that was acknowledged while the question was asked may have come too late for it: it is asked again.
 */
export class WritesUnderWay {
  readonly #open = new Set<WriteUnderWay>();
  readonly #watched = new Set<Set<WriteUnderWay>>();

  /** One for all copies of this package in the process. */
  static get register(): WritesUnderWay {
    const home = globalThis as { [REGISTER]?: WritesUnderWay };
    return (home[REGISTER] ??= new WritesUnderWay());
  }

  begin(beginning: Beginning): WriteUnderWay {
    this.#forgetOld();
    const write = new WriteUnderWay(beginning);
    for (const other of this.#open) {
      if (!write.mayMeet(other)) continue;
      write.hasOverlapped = true;
      other.hasOverlapped = true;
    }
    this.#open.add(write);
    for (const seen of this.#watched) seen.add(write);
    return write;
  }

  /** To be awaited before the write is sent, which may take a document away from those that it overlaps, as they from it. */
  async lookFurther(write: WriteUnderWay): Promise<void> {
    if (!write.hasOverlapped) return;
    const met = [...this.#open].filter((other) => other.mayMeet(write));
    await Promise.all([write.lookFurther(met.length), ...met.map((one) => one.lookFurther(1))]);
  }

  /** The write is acknowledged and has stored these values. Answers what it may have displaced. */
  acknowledge(write: WriteUnderWay, stored: readonly StoredValue[]): readonly StoredValue[] {
    this.end(write);
    if (!write.hasOverlapped) return [];
    for (const other of this.#open) if (other.mayMeet(write)) other.noteStored(stored);
    return [...write.storedByOthers, ...stored.slice(0, MOST_OWN)];
  }

  /** The write failed, or its transaction was aborted: it has stored nothing, or nobody knows. */
  end(write: WriteUnderWay): void {
    if (this.#open.delete(write)) write.end();
  }

  /** To be called before a question, and ended after its answer was used. */
  watch(): Watch {
    const seen = new Set(this.#open);
    this.#watched.add(seen);
    return new Watch(seen, () => this.#watched.delete(seen));
  }

  #forgetOld(): void {
    const oldest = Date.now() - LONGEST_MS;
    for (const write of this.#open) {
      // in the order in which they began
      if (write.startedAt > oldest) break;
      this.end(write);
    }
  }
}
