import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import { derivationOf } from '../usage/derived/derivation.js';
import { identityOf, readingsOf } from '../usage/meaning.js';
import type { StoredValue } from './candidates.js';

/** What is known of a write when it begins. */
export interface Beginning {
  readonly model: AnyModel;
  /** The documents that it may change or adds; `undefined`: any document. */
  readonly documentIds: ReadonlySet<string> | undefined;
  readonly transaction: object | undefined;
  /** Whether it only adds documents, so that it replaces nothing. */
  readonly isInsert: boolean;
  readonly written: readonly unknown[];
  readonly providers: readonly StorageProvider[];
  /** Reads what documents hold that the write may change if another write takes away those that it has looked up. */
  readonly nextDocuments: ((count: number) => Promise<readonly StoredValue[]>) | undefined;
}

/** How many documents are read at first for a write that may change another document than the one that it has looked up. */
const FEW_DOCUMENTS = 16;
const MOST_DOCUMENTS = 1000;
/** How many values of other writes one write may remember. Further ones are left to the sweep. */
const MOST_VALUES = 10_000;

/** A write that is under way, or in a transaction that is. */
export class WriteUnderWay {
  readonly #beginning: Beginning;
  readonly startedAt = Date.now();
  /** Values that overlapping writes have stored, once these are acknowledged. */
  readonly storedByOthers: StoredValue[] = [];
  /** Whether another write of the same documents overlapped it. */
  hasOverlapped = false;
  isOver = false;
  #identities: ReadonlySet<string> | undefined;
  #waiting: (() => void)[] = [];
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

  whenOver(act: () => void): void {
    this.#waiting.push(act);
  }

  end(): void {
    this.isOver = true;
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
