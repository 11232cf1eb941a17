import { EventEmitter } from 'node:events';
import { Timestamp } from 'bson';
import type { DocumentKey, View, Index } from './collection.js';
import { Collection } from './collection.js';
import { CommandError, writeConflict } from './errors.js';
import type { Transaction } from './transactions.js';
import type { Document } from './values.js';

export interface Namespace {
  db: string;
  coll?: string;
}

/** Something that happened, as change streams tell it. */
export interface Change {
  operation: 'insert' | 'update' | 'replace' | 'delete' | 'drop' | 'dropDatabase';
  ns: Namespace;
  id?: unknown;
  before?: Document | undefined;
  after?: Document | undefined;
  hasPreImage?: boolean;
}

export interface OplogEntry extends Change {
  sequence: number;
  clusterTime: Timestamp;
  wallTime: Date;
  transaction?: { lsid: unknown; txnNumber: number };
}

export interface Write {
  operation: 'insert' | 'update' | 'replace' | 'delete';
  key: DocumentKey;
  before: Document | undefined;
  after: Document | undefined;
}

const OPLOG_LIMIT = 200_000;

/** The committed state: databases, the oplog and the cluster time. It lives in memory only. */
export class Store extends EventEmitter<{ change: [] }> {
  readonly databases = new Map<string, Map<string, Collection>>();
  readonly oplog: OplogEntry[] = [];
  readonly openTransactions = new Set<Transaction>();
  sequence = 0;
  now: Timestamp;

  constructor() {
    super();
    this.setMaxListeners(0);
    this.now = new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  }

  /** A cluster time later than all before. */
  tick(): Timestamp {
    const seconds = Math.floor(Date.now() / 1000);
    this.now = new Timestamp(
      seconds > this.now.t ? { t: seconds, i: 1 } : { t: this.now.t, i: this.now.i + 1 },
    );
    return this.now;
  }

  collection(database: string, name: string, transaction?: Transaction): Collection | undefined {
    return transaction?.created.get(`${database}.${name}`) ?? this.databases.get(database)?.get(name);
  }

  collections(database: string): Collection[] {
    return [...(this.databases.get(database)?.values() ?? [])];
  }

  create(database: string, name: string, options: Document = {}, transaction?: Transaction): Collection {
    const isInvalid = name === '' || name.startsWith('.') || name.includes('$') || name.includes('\0');
    if (isInvalid) throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`);
    const collection = new Collection(database, name, options);
    if (transaction) transaction.created.set(collection.namespace, collection);
    else this.register(collection);
    return collection;
  }

  register(collection: Collection): void {
    const database = this.databases.get(collection.database) ?? new Map<string, Collection>();
    database.set(collection.name, collection);
    this.databases.set(collection.database, database);
  }

  drop(collection: Collection): void {
    this.databases.get(collection.database)?.delete(collection.name);
    this.log({ operation: 'drop', ns: { db: collection.database, coll: collection.name } });
  }

  log(change: Change, clusterTime = this.tick(), transaction?: OplogEntry['transaction']): void {
    const entry: OplogEntry = { ...change, sequence: ++this.sequence, clusterTime, wallTime: new Date() };
    if (transaction) entry.transaction = transaction;
    this.oplog.push(entry);
    if (this.oplog.length > OPLOG_LIMIT) this.oplog.splice(0, OPLOG_LIMIT / 2);
    this.emit('change');
  }

  view(collection: Collection, transaction: Transaction | undefined): View {
    return transaction ? transaction.view(collection) : collection.records;
  }

  /** An open transaction that has read or written a collection, or any of a database. */
  transactionUsing(database: string, name?: string): Transaction | undefined {
    return [...this.openTransactions].find((transaction) => transaction.hasUsed(database, name));
  }

  /** Nothing when a plain write may go on; else what it has to wait for: the end of a transaction that holds its place. */
  holdingUp(
    collection: Collection,
    key: DocumentKey,
    after: Document | undefined,
  ): Promise<void> | undefined {
    if (collection.locks.size === 0) return undefined;
    const names = [documentLock(key)];
    if (after) {
      for (const index of collection.indexes) {
        if (index.unique) names.push(...index.keysOf(after).map((own) => uniqueLock(index, own)));
      }
    }
    return names.map((name) => collection.locks.get(name)).find((holder) => holder !== undefined)?.ended;
  }

  /** One write, checked against unique indexes and, in a transaction, against what others have written meanwhile. */
  write(collection: Collection, write: Write, transaction: Transaction | undefined): void {
    const { operation, key, before, after } = write;
    const change: Change = {
      operation,
      ns: { db: collection.database, coll: collection.name },
      id: (after ?? before)?.['_id'],
      before,
      after,
      hasPreImage: collection.keepsPreImages,
    };
    if (transaction) {
      transaction.checkConflict(collection, key);
      transaction.lock(collection, documentLock(key));
      if (after) this.checkUniqueInTransaction(collection, key, after, transaction);
      transaction.write(collection, key, after, change);
      return;
    }
    if (after) checkUnique(collection, key, after);
    collection.apply(key, after);
    this.log(change);
  }

  private checkUniqueInTransaction(
    collection: Collection,
    key: DocumentKey,
    document: Document,
    transaction: Transaction,
  ): void {
    for (const index of collection.indexes) {
      if (!index.unique) continue;
      for (const own of index.keysOf(document)) {
        const rival = transaction.ownHolder(collection, index, own, key);
        if (rival) throw collection.duplicate(index, document);
        const owner = index.owners.get(own);
        if (owner !== undefined && owner !== key && !transaction.hasWritten(collection, owner)) {
          // A duplicate that the snapshot does not show yet: only a new transaction can see why.
          if (!transaction.isUnchanged(collection, owner)) throw writeConflict();
          throw collection.duplicate(index, document);
        }
        transaction.lock(collection, uniqueLock(index, own));
      }
    }
  }
}

function documentLock(key: DocumentKey): string {
  return `document ${key}`;
}

function uniqueLock(index: Index, key: string): string {
  return `unique ${index.name} ${key}`;
}

function checkUnique(collection: Collection, key: DocumentKey, document: Document): void {
  for (const index of collection.indexes) {
    if (!index.unique) continue;
    const taken = index.keysOf(document).some((own) => (index.owners.get(own) ?? key) !== key);
    if (taken) throw collection.duplicate(index, document);
  }
}
