import type { ClientSession, Connection, mongo } from 'mongoose';
import type { JournalSettings } from '../schema/checked-options.js';
import type { Intent, IntentDocument, NewIntent } from './intent.js';
import { literals, replacing, storing, type Next } from './intent-updates.js';

/** The server's default limit for the duration of a transaction. */
const LONGEST_TRANSACTION_MS = 60_000;
/** How many intents one command of MongoDB takes. */
const COMMAND = 100;

/** Selects the intents that a process takes. */
export interface Taking {
  /** The machines whose disks the process has. All processes take intents without a machine. */
  readonly machines: readonly string[];
}

/** Selects due intents. */
export interface Looking extends Taking {
  readonly limit: number;
  /** Names of models that the process does not know. */
  readonly lacking?: readonly string[];
}

const isDue = { dueAt: { $type: 'date' as const }, $expr: { $lte: ['$dueAt', '$$NOW'] } };

/** The storage of intents in MongoDB: one collection in the database of the models. */
export class Journal {
  readonly options: JournalSettings;
  readonly connection: Connection;
  #ready: Promise<void> | undefined;

  constructor(connection: Connection, options: JournalSettings) {
    this.connection = connection;
    this.options = options;
  }

  /**
   * Stores intents in the session of the write. Workers take them after `graceMs`, but not before the write can be
   * over. Intents that are stored in a transaction become visible with its commit, and after `removeUnused` there is no
   * write.
   */
  async write(
    intents: readonly NewIntent[],
    { session, timeoutMs }: { session: ClientSession | undefined; timeoutMs: number },
  ): Promise<void> {
    // outside of the session, since an error of these commands would end the transaction
    await this.#getReady(timeoutMs);
    const leastWaitOf = ({ graceMs, alsoAsking }: NewIntent): number => {
      const isOver = alsoAsking !== undefined || (graceMs > 0 && session?.inTransaction());
      return isOver ? 0 : longestWriteMs(timeoutMs);
    };
    for (let at = 0; at < intents.length; at += COMMAND) {
      const part = intents.slice(at, at + COMMAND);
      await this.collection.bulkWrite(
        part.map((intent) => storing(intent, Math.max(intent.graceMs, leastWaitOf(intent)))),
        { ordered: true, ...limits(session, timeoutMs) },
      );
    }
  }

  /** Called when the write of these intents is over: their wait may be shorter than a write can last. */
  async endWait(ids: readonly mongo.ObjectId[]): Promise<void> {
    await this.collection.updateMany({ _id: { $in: [...ids] }, claim: { $exists: false } }, [
      { $set: { dueAt: { $add: ['$writtenAt', '$graceMs'] } } },
    ]);
  }

  async read(ids: readonly mongo.ObjectId[]): Promise<Intent[]> {
    return this.collection.find({ _id: { $in: [...ids] } }).toArray();
  }

  async delete(ids: readonly mongo.ObjectId[]): Promise<void> {
    if (ids.length > 0) await this.collection.deleteMany({ _id: { $in: [...ids] } });
  }

  /** Replaces an intent with its remaining values, to be tried again after `waitMs`, or with none. */
  async replace(intent: Intent, next: Next): Promise<void> {
    const updates = replacing(intent, next, () => this.newId());
    await this.collection.bulkWrite(updates, { ordered: true });
  }

  /** Gives up a claim without counting an attempt. */
  async putBack(ids: readonly mongo.ObjectId[], waitMs: number): Promise<void> {
    await this.collection.updateMany({ _id: { $in: [...ids] } }, [
      { $set: { dueAt: { $add: ['$$NOW', waitMs] } } },
      { $unset: 'claim' },
    ]);
  }

  /** Takes due intents, as described for `due` and `take`. */
  async claim(worker: string, looking: Looking & { leaseMs: number }): Promise<Intent[]> {
    return this.take(worker, await this.due(looking), looking);
  }

  /**
   * Due intents of these machines and of no machine, those first that have been due for longest. Other intents are not
   * read, so that they never delay these.
   */
  async due({ limit, machines, lacking = [] }: Looking): Promise<mongo.ObjectId[]> {
    const areOthers = { $nin: [...lacking] };
    const isKnown = lacking.length > 0 && { model: areOthers, alsoAsking: areOthers };
    const due = this.collection.find(
      { ...areOf(machines), ...isDue, ...isKnown },
      { projection: { _id: 1 }, sort: { dueAt: 1 }, limit },
    );
    return (await due.toArray()).map(({ _id }) => _id);
  }

  /** Takes those of these intents that are due for `leaseMs`, so that no other worker has them at the same time. */
  async take(
    worker: string,
    ids: readonly mongo.ObjectId[],
    { machines, leaseMs }: Taking & { leaseMs: number },
  ): Promise<Intent[]> {
    if (ids.length === 0) return [];
    const among = { _id: { $in: [...ids] } };
    const { matchedCount } = await this.collection.updateMany({ ...areOf(machines), ...among, ...isDue }, [
      { $set: { claim: worker, dueAt: { $add: ['$$NOW', leaseMs] } } },
    ]);
    return matchedCount === 0 ? [] : this.collection.find({ ...among, claim: worker }).toArray();
  }

  /** Extends the claim of these intents by `leaseMs`. */
  async renew(worker: string, ids: readonly mongo.ObjectId[], leaseMs: number): Promise<void> {
    await this.collection.updateMany({ _id: { $in: [...ids] }, claim: worker, dueAt: { $type: 'date' } }, [
      { $set: { dueAt: { $add: ['$$NOW', leaseMs] } } },
    ]);
  }

  /** Marks an intent that cannot be read as failed. */
  async refuse({ _id }: Pick<Intent, '_id'>, error: string): Promise<void> {
    await this.collection.updateOne({ _id }, [
      { $set: { ...literals({ error }), failedAt: '$$NOW' } },
      { $unset: ['dueAt', 'claim'] },
    ]);
  }

  /** Intents that wait until they are due, or for another attempt. */
  open(): AsyncIterable<Intent> {
    return this.collection.find({ dueAt: { $type: 'date' } });
  }

  #getReady(timeoutMs: number): Promise<void> {
    this.#ready ??= this.#createIndexes(timeoutMs).catch((thrown: unknown) => {
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }

  /** Also creates the collection, since older servers cannot do so in a transaction. */
  async #createIndexes(timeoutMs: number): Promise<void> {
    await this.collection.createIndexes(
      [
        { key: { machine: 1, dueAt: 1 }, name: 'dueOfMachine' },
        { key: { 'values.files.key': 1 }, name: 'files' },
        { key: { expiresAt: 1 }, name: 'expires', expireAfterSeconds: 0 },
      ],
      { maxTimeMS: timeoutMs },
    );
  }

  newId(): mongo.ObjectId {
    return new this.connection.base.mongo.ObjectId();
  }

  get collection(): mongo.Collection<IntentDocument> {
    const { db } = this.connection;
    if (!db) throw new Error('the connection is not open');
    return (db as unknown as mongo.Db).collection<IntentDocument>(this.options.collection);
  }
}

function areOf(machines: readonly string[]): mongo.Filter<IntentDocument> {
  return { machine: { $in: [null, ...machines] } } as mongo.Filter<IntentDocument>;
}

/** The time after which a write is certainly over, whatever its result. */
export function longestWriteMs(timeoutMs: number): number {
  return timeoutMs + LONGEST_TRANSACTION_MS;
}

function limits(session: ClientSession | undefined, timeoutMs: number): mongo.BulkWriteOptions {
  if (session?.inTransaction()) return { session } as mongo.BulkWriteOptions;
  return {
    ...(session && { session }),
    writeConcern: { w: 'majority', wtimeoutMS: timeoutMs },
  } as mongo.BulkWriteOptions;
}
