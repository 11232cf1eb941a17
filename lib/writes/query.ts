import type { Schema } from 'mongoose';
import { cleanerOf, type Cleaner } from '../removal/cleaner.js';
import type { AnyModel } from '../schema/options.js';
import { callDriver, gate, isGateable, ungated, type MongooseCollection } from './gate.js';
import { guardedWrite, type WriteCall } from './guarded-write.js';
import { isOptedOut } from './opt-out.js';
import type { WriteOptions } from './snapshot.js';

/** What a hook sees of a query. Mongoose 7 writes through `_collection.collection`, 8 and 9 through `mongooseCollection`. */
export interface QueryInside {
  readonly op: string;
  readonly model: AnyModel;
  mongooseCollection?: MongooseCollection;
  _collection?: { collection?: MongooseCollection };
  getOptions(): { imageCleanup?: unknown };
}

/** How a kind of write reads the arguments that Mongoose hands to the driver. `undefined`: it cannot drop anything. */
export type ReadCall = (cleaner: Cleaner, method: string, args: unknown[]) => WriteCall | undefined;

/** A pre hook for queries that arms this one query: the look-up happens when the query calls the driver. */
export function armQueries(schema: Schema, methods: readonly string[], readCall: ReadCall): void {
  const hook = function (this: QueryInside): void {
    armQuery(this, methods, readCall);
  };
  for (const method of methods)
    schema.pre(method as 'updateOne', { document: false, query: true }, hook as never);
}

function armQuery(query: QueryInside, methods: readonly string[], readCall: ReadCall): void {
  const cleaner = cleanerOf(query.model);
  const collection = query.mongooseCollection;
  if (!cleaner || isOptedOut(cleaner, query.getOptions().imageCleanup)) return;
  if (!isGateable(collection)) {
    cleaner.reporter.keepWrite(
      query.op,
      'no snapshot',
      new Error('this version of Mongoose is not supported'),
    );
    return;
  }
  let isArmed = true;
  const gated = gate(collection, methods, (driver, method, args) => {
    const wasArmed = isArmed;
    isArmed = false;
    setCollection(query, ungated(collection));
    if (!wasArmed) return callDriver(driver, method, args);
    return guardedWrite(cleaner, method, () => readCall(cleaner, method, args), driver, method, args);
  });
  setCollection(query, gated);
}

function setCollection(query: QueryInside, collection: MongooseCollection): void {
  query.mongooseCollection = collection;
  if (query._collection?.collection) {
    query._collection = Object.create(query._collection, { collection: { value: collection } }) as object;
  }
}

export function optionsOf(given: unknown): WriteOptions {
  return (given ?? {}) as WriteOptions;
}
