import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import { derivationOf } from '../usage/derived/derivation.js';
import { identityOf, readingsOf } from '../usage/reading.js';
import type { StoredValue } from './candidates.js';

/** What is known of a write when it begins. */
export interface Beginning {
  readonly model: AnyModel;
  /** The documents that it may change or adds; `undefined`: any document. */
  readonly documentIds: ReadonlySet<string> | undefined;
  /** The transaction of its session, if it is in one. */
  readonly transaction: object | undefined;
  /** Whether it only adds documents, so that it replaces nothing. */
  readonly isInsert: boolean;
  /** Values that it is about to store. */
  readonly written: readonly unknown[];
  /** The providers that read these values. */
  readonly providers: readonly StorageProvider[];
  /** Reads what documents hold that the write may change if another write takes away those that it has looked up. */
  readonly nextDocuments: ((count: number) => Promise<readonly StoredValue[]>) | undefined;
}

/** How many documents are read at first for a write that may change another document than the one that it has looked up. */
const FEW_DOCUMENTS = 16;
const MOST_DOCUMENTS = 1000;
/** How many values of other writes one write may remember. Further ones are left to the sweep. */
const MOST_VALUES = 10_000;
/**
 * How many of its own values a write asks about because other writes overlapped it. Otherwise, an import would ask
 * about everything that it stored.
 */
const MOST_OWN = 1000;
/** Longer than every write. A session that was dropped without an end is forgotten then. */
const LONGEST_MS = 600_000;

/** A write that is under way, or in a transaction that is. */
export class WriteUnderWay {
  readonly #beginning: Beginning;
  readonly startedAt = Date.now();
  /** Values that overlapping writes have stored, once these are acknowledged. */
  readonly storedByOthers: StoredValue[] = [];
  /** Whether another write of the same documents overlapped it. */
  hasOverlapped = false;
  #identities: ReadonlySet<string> | undefined;
  #waiting: (() => void)[] = [];
  #isOver = false;
  /** How many writes may take away a document of this one, and for how many of them documents were read. */
  #takers = 0;
  #reach = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
  }

  /** Whether both may change the same document. */
  mayMeet(other: WriteUnderWay): boolean {
    const [one, another] = [this.#beginning, other.#beginning];
    const isSameCollection =
      one.model.db === another.model.db && one.model.collection.name === another.model.collection.name;
    if (!isSameCollection || (one.isInsert && another.isInsert)) return false;
    // one after the other: the look-up of the later write sees what the earlier one has stored
    if (one.transaction !== undefined && one.transaction === another.transaction) return false;
    return haveCommon(one.documentIds, another.documentIds);
  }

  /** Whether it is about to store a form of this file. */
  willStore(identity: string): boolean {
    try {
      this.#identities ??= new Set(formsStored(this.#beginning));
      return this.#identities.has(identity);
    } catch {
      return true; // if a provider throws, it is not known, so the file is kept for now
    }
  }

  noteStored(values: readonly StoredValue[]): void {
    this.storedByOthers.push(...values.slice(0, Math.max(0, MOST_VALUES - this.storedByOthers.length)));
  }

  /** Called when more writes may take away documents that this one has looked up. Reads the next matching documents. */
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
        () => undefined, // if it fails, the files of these documents are left to the sweep
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

/** The writes that were under way at some time since a question was asked, including those that are over now. */
export class Watch {
  readonly #seen: Set<WriteUnderWay>;
  readonly #end: () => void;

  constructor(seen: Set<WriteUnderWay>, end: () => void) {
    this.#seen = seen;
    this.#end = end;
  }

  /** A write that is about to store this file, or that stored it when the question may already have read its document. */
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
 * The writes of this process that overlap each other. If two writes replace a value at the same time, both look up the
 * same original, and neither look-up sees what the first of them stores. So when a write is acknowledged, it also
 * releases the values that it and the overlapping acknowledged writes have stored; the question decides as always
 * whether a document uses them.
 *
 * A value is released only after its write is acknowledged, since no document has it before. A file that such a write
 * is about to store is not removed before the write is over. If a write was acknowledged while the question was asked,
 * the question may have come too early for it, and is asked again.
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

  /**
   * To be awaited before the write is sent: it may take a document away from the writes that it overlaps, and they from
   * it.
   */
  async lookFurther(write: WriteUnderWay): Promise<void> {
    if (!write.hasOverlapped) return;
    const met = [...this.#open].filter((other) => other.mayMeet(write));
    await Promise.all([write.lookFurther(met.length), ...met.map((one) => one.lookFurther(1))]);
  }

  /** Called when the write is acknowledged and has stored these values. Returns the values that it may have replaced. */
  acknowledge(write: WriteUnderWay, stored: readonly StoredValue[]): readonly StoredValue[] {
    this.end(write);
    if (!write.hasOverlapped) return [];
    for (const other of this.#open) if (other.mayMeet(write)) other.noteStored(stored);
    return [...write.storedByOthers, ...stored.slice(0, MOST_OWN)];
  }

  /** Called when the write failed, or its transaction was aborted: it has stored nothing, or nothing that is known. */
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
