import type { Collection, DocumentKey, Index, View } from './collection.js';
import { Records } from './collection.js';
import { CommandError, TRANSIENT, writeConflict } from './errors.js';
import type { Change, Store } from './store.js';
import type { Document } from './values.js';

const NO_RECORDS = new Records();

/** A snapshot and the transaction's own writes over it; nothing stands for a deleted document. */
class Overlay implements View {
  readonly own = new Map<DocumentKey, Document | undefined>();

  constructor(private readonly base: Records) {}

  get(key: DocumentKey): Document | undefined {
    return this.own.has(key) ? this.own.get(key) : this.base.get(key);
  }

  has(key: DocumentKey): boolean {
    return this.get(key) !== undefined;
  }

  *[Symbol.iterator](): Iterator<[DocumentKey, Document]> {
    for (const [key, document] of this.base) {
      const current = this.own.has(key) ? this.own.get(key) : document;
      if (current) yield [key, current];
    }
    for (const [key, document] of this.own) if (document && !this.base.has(key)) yield [key, document];
  }

  *values(): Iterable<Document> {
    for (const [, document] of this) yield document;
  }
}

export class Transaction {
  state: 'active' | 'committed' | 'aborted' = 'active';
  /** Settles when the transaction is over: what plain writes wait for at a document that it holds. */
  readonly ended: Promise<void>;
  readonly created = new Map<string, Collection>();
  readonly startTime;
  private end!: () => void;
  private readonly snapshot = new Map<Collection, Records>();
  private readonly overlays = new Map<Collection, Overlay>();
  private readonly locks: [Collection, string][] = [];
  private readonly changes: Change[] = [];
  private readonly used = new Map<string, Set<string>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly store: Store,
    private readonly lsid: unknown,
    readonly number: number,
    lifetimeMS: number,
  ) {
    this.startTime = store.now;
    for (const database of store.databases.values()) {
      for (const collection of database.values()) {
        this.snapshot.set(collection, collection.records);
        collection.records.readers++;
      }
    }
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.timer = setTimeout(() => this.abort(), lifetimeMS);
    this.timer.unref();
    store.openTransactions.add(this);
  }

  /** Nobody else may drop or index from now on what this transaction names, be it there or not. */
  uses(database: string, name: string): void {
    const names = this.used.get(database) ?? new Set();
    this.used.set(database, names.add(name));
  }

  hasUsed(database: string, name?: string): boolean {
    const names = this.used.get(database);
    return names !== undefined && (name === undefined || names.has(name));
  }

  view(collection: Collection): View {
    return this.overlays.get(collection) ?? this.base(collection);
  }

  /** The keys that an index over the committed documents does not know; nothing if it can't be used at all. */
  unindexedKeys(collection: Collection): Iterable<DocumentKey> | undefined {
    if (this.base(collection) !== collection.records && !this.created.has(collection.namespace))
      return undefined;
    return this.overlays.get(collection)?.own.keys() ?? [];
  }

  hasWritten(collection: Collection, key: DocumentKey): boolean {
    return this.overlays.get(collection)?.own.has(key) ?? false;
  }

  isUnchanged(collection: Collection, key: DocumentKey): boolean {
    return this.base(collection).get(key) === collection.records.get(key);
  }

  /** The first writer wins: what another has committed since the snapshot can't be written any more. */
  checkConflict(collection: Collection, key: DocumentKey): void {
    if (!this.hasWritten(collection, key) && !this.isUnchanged(collection, key)) throw writeConflict();
  }

  lock(collection: Collection, name: string): void {
    const holder = collection.locks.get(name);
    if (holder === this) return;
    if (holder) throw writeConflict();
    collection.locks.set(name, this);
    this.locks.push([collection, name]);
  }

  write(collection: Collection, key: DocumentKey, document: Document | undefined, change: Change): void {
    let overlay = this.overlays.get(collection);
    if (!overlay) this.overlays.set(collection, (overlay = new Overlay(this.base(collection))));
    overlay.own.set(key, document);
    this.changes.push(change);
  }

  /** Another document of this transaction's own that holds a unique key. */
  ownHolder(
    collection: Collection,
    index: Index,
    uniqueKey: string,
    except: DocumentKey,
  ): Document | undefined {
    for (const [key, document] of this.overlays.get(collection)?.own ?? []) {
      if (key !== except && document && index.keysOf(document).includes(uniqueKey)) return document;
    }
    return undefined;
  }

  commit(): void {
    if (this.state !== 'active') return;
    for (const collection of this.created.values()) {
      if (this.store.collection(collection.database, collection.name)) {
        this.abort();
        throw writeConflict();
      }
    }
    const clusterTime = this.store.tick();
    this.releaseSnapshot();
    for (const collection of this.created.values()) this.store.register(collection);
    for (const [collection, overlay] of this.overlays) {
      for (const [key, document] of overlay.own) {
        if (document || collection.records.has(key)) collection.apply(key, document);
      }
    }
    const transaction = { lsid: this.lsid, txnNumber: this.number };
    for (const change of this.changes) this.store.log(change, clusterTime, transaction);
    this.finish('committed');
  }

  abort(): void {
    if (this.state !== 'active') return;
    this.releaseSnapshot();
    this.finish('aborted');
  }

  private base(collection: Collection): Records {
    return this.snapshot.get(collection) ?? NO_RECORDS;
  }

  private releaseSnapshot(): void {
    for (const records of this.snapshot.values()) records.readers--;
  }

  private finish(state: 'committed' | 'aborted'): void {
    this.state = state;
    clearTimeout(this.timer);
    this.store.openTransactions.delete(this);
    for (const [collection, name] of this.locks) collection.locks.delete(name);
    this.overlays.clear();
    this.snapshot.clear();
    this.end();
  }
}

/** A logical session: its latest transaction, or the reply of its latest retryable write. */
export class Session {
  transaction: Transaction | undefined;
  private txnNumber = -1;
  private reply: Document | undefined;

  constructor(
    readonly lsid: Document,
    private readonly store: Store,
  ) {}

  startTransaction(number: number, lifetimeMS: number): Transaction {
    this.checkAge(number);
    if (this.transaction?.number === number) {
      throw new CommandError(117, `Cannot start transaction ${number} on session: it is already in progress`);
    }
    this.transaction?.abort();
    this.advance(number);
    return (this.transaction = new Transaction(this.store, this.lsid, number, lifetimeMS));
  }

  /** The transaction that a later statement, a commit or an abort is about. */
  continueTransaction(number: number, ending: 'commit' | 'abort' | undefined): Transaction {
    this.checkAge(number);
    const { transaction } = this;
    if (!transaction || transaction.number !== number) {
      const error = new CommandError(
        251,
        `Given transaction number ${number} does not match any in-progress transactions. The active transaction ` +
          `number is ${this.txnNumber}`,
      );
      throw ending === 'abort' ? error : error.labelled(TRANSIENT);
    }
    if (transaction.state === 'aborted') {
      const error = new CommandError(251, `Transaction with { txnNumber: ${number} } has been aborted.`);
      throw ending === 'abort' ? error : error.labelled(TRANSIENT);
    }
    if (transaction.state === 'committed' && ending !== 'commit') {
      throw new CommandError(256, `Transaction with { txnNumber: ${number} } has been committed.`);
    }
    return transaction;
  }

  /** The reply that the same retryable write has had already. */
  repliedTo(number: number): Document | undefined {
    this.checkAge(number);
    if (number > this.txnNumber) {
      this.transaction?.abort();
      this.transaction = undefined;
      this.advance(number);
    }
    return this.reply && { ...this.reply };
  }

  remember(number: number, reply: Document): void {
    if (number === this.txnNumber) this.reply = { ...reply };
  }

  private advance(number: number): void {
    this.txnNumber = number;
    this.reply = undefined;
  }

  private checkAge(number: number): void {
    if (number >= this.txnNumber) return;
    throw new CommandError(
      225,
      `Cannot start transaction ${number} on session because a newer transaction ${this.txnNumber} has already started`,
    );
  }
}
