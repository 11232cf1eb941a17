import type { ClientSession, mongo } from 'mongoose';

/** Options of a write that decide which documents it changes, or with which permissions it reads. */
export interface WriteOptions {
  imageCleanup?: unknown;
  session?: ClientSession | null;
  sort?: unknown;
  collation?: unknown;
  hint?: unknown;
  let?: unknown;
  ignoreUndefined?: unknown;
  maxTimeMS?: number;
  ordered?: boolean;
  upsert?: boolean;
  returnDocument?: unknown;
  returnOriginal?: unknown;
  projection?: unknown;
  w?: unknown;
  writeConcern?: { w?: unknown } | null;
}

/** The methods of the driver that take an update or a replacement, followed by the options. */
export const UPDATES = ['updateOne', 'updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace'];

/** One write that Mongoose is about to make: the driver's collection, its method and the cast arguments. */
export class DriverCall {
  readonly collection: mongo.Collection;
  readonly method: string;
  readonly args: readonly unknown[];

  constructor(collection: mongo.Collection, method: string, args: readonly unknown[]) {
    this.collection = collection;
    this.method = method;
    this.args = args;
  }

  get options(): WriteOptions {
    return (this.args[UPDATES.includes(this.method) ? 2 : 1] ?? {}) as WriteOptions;
  }

  run(): Promise<unknown> {
    const methods = this.collection as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    return methods[this.method]!(...this.args);
  }
}
