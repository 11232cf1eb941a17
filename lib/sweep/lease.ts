import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';

/** The collection of the leases. */
export const LEASES = 'imagecleanupleases';

interface LeaseDocument {
  readonly _id: string;
  readonly holder?: string | null;
  readonly until?: Date;
  readonly startedAt?: Date;
}

/**
 * The right to sweep, for one process at a time and once per `everyMs`. It is one document in MongoDB, written by
 * single updates that compare with the server's clock, so that the clocks of the processes need not agree. If a process
 * dies, its lease expires.
 */
export class Lease {
  readonly #collection: mongo.Collection<LeaseDocument>;
  readonly #name: string;
  readonly #ms: number;
  readonly #me = randomUUID();

  /** The lease is valid for `ms` milliseconds unless it is renewed. */
  constructor(db: mongo.Db, name: string, ms: number) {
    this.#collection = db.collection<LeaseDocument>(LEASES);
    this.#name = name;
    this.#ms = ms;
  }

  /**
   * Returns `true` if no other process holds the lease and the last sweep began at least `everyMs` ago. The lease is
   * then taken.
   */
  async take(everyMs: number): Promise<boolean> {
    const isFree = { $lt: [{ $ifNull: ['$until', new Date(0)] }, '$$NOW'] };
    const isDue = {
      $lte: [{ $ifNull: ['$startedAt', new Date(0)] }, { $subtract: ['$$NOW', everyMs] }],
    };
    const may = { $and: [isFree, isDue] };
    const update = (): Promise<LeaseDocument | null> =>
      this.#collection.findOneAndUpdate(
        { _id: this.#name },
        [
          { $set: { isMine: may } },
          {
            $set: {
              holder: { $cond: ['$isMine', this.#me, '$holder'] },
              until: { $cond: ['$isMine', { $add: ['$$NOW', this.#ms] }, '$until'] },
              startedAt: { $cond: ['$isMine', '$$NOW', '$startedAt'] },
            },
          },
          { $unset: 'isMine' },
        ],
        // this is not the default of the driver of Mongoose 7
        { upsert: true, returnDocument: 'after', includeResultMetadata: false },
      );
    try {
      return (await update())?.holder === this.#me;
    } catch (error) {
      // two processes created the document at the same time, and the other one has the lease
      if ((error as { code?: unknown }).code === 11000) return false;
      throw error;
    }
  }

  /** Returns `false` if it was renewed too late, and another process has taken the lease. */
  async renew(): Promise<boolean> {
    const { matchedCount } = await this.#collection.updateOne({ _id: this.#name, holder: this.#me }, [
      { $set: { until: { $add: ['$$NOW', this.#ms] } } },
    ]);
    return matchedCount === 1;
  }

  async release(): Promise<void> {
    await this.#collection.updateOne(
      { _id: this.#name, holder: this.#me },
      { $set: { holder: null, until: new Date(0) } },
    );
  }
}
