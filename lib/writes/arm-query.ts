import type { Schema } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { UPDATES } from './driver-call.js';
import { gate, isGateable, ungated, type MongooseCollection } from './collection-gate.js';
import { activeCleanerOf } from './opt-out.js';

/**
 * What a hook sees of a query. Mongoose 7 writes through `_collection.collection`, Mongoose 8 and 9 through
 * `mongooseCollection`.
 */
interface QueryInside {
  readonly op: string;
  readonly model: AnyModel;
  mongooseCollection?: MongooseCollection;
  _collection?: { collection?: MongooseCollection };
  getOptions(): { imageCleanup?: unknown };
}

/** `findOneAndRemove` is Mongoose 7's name for `findOneAndDelete`; later versions never call the hook. */
const METHODS = [...UPDATES, 'deleteOne', 'deleteMany', 'findOneAndDelete', 'findOneAndRemove'];

/** Arms queries that write, from a model or a document. The look-up happens when the query calls the driver. */
export function armQueries(schema: Schema): void {
  const hook = function (this: QueryInside): void {
    armQuery(this);
  };
  for (const method of METHODS)
    schema.pre(method as 'updateOne', { document: false, query: true }, hook as never);
}

function armQuery(query: QueryInside): void {
  const option = query.getOptions().imageCleanup;
  const cleaner = activeCleanerOf(query.model, option);
  const collection = query.mongooseCollection;
  if (!cleaner || !isGateable(collection, { cleaner, operation: query.op })) return;
  let isArmed = true;
  const gated = gate(collection, METHODS, ({ method }) => {
    const guard = isArmed ? { cleaner, operation: method, option } : undefined;
    isArmed = false;
    setCollection(query, ungated(collection));
    return guard;
  });
  setCollection(query, gated);
}

function setCollection(query: QueryInside, collection: MongooseCollection): void {
  query.mongooseCollection = collection;
  if (query._collection?.collection) {
    query._collection = Object.create(query._collection, { collection: { value: collection } }) as object;
  }
}
