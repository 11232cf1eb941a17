import type { Schema } from 'mongoose';
import { armQueries, optionsOf, type ReadCall } from './query.js';
import { withoutSortToo } from './snapshot.js';
import { droppable, writtenValues } from './touch.js';

const METHODS = ['updateOne', 'updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace'];

/** `updateOne` and its kin, from a model or a document: what the new values displace leaves. */
export function cleanUpAfterUpdates(schema: Schema): void {
  armQueries(schema, METHODS, readUpdate);
}

export const readUpdate: ReadCall = (cleaner, method, [filter, update, options]) => {
  const tracked = droppable(update, cleaner.tracked);
  if (tracked.length === 0) return undefined;
  const hit = method === 'updateMany' ? { filter } : { filter, limit: 1 };
  return {
    hits: withoutSortToo(hit, method, optionsOf(options).sort),
    tracked,
    options: optionsOf(options),
    written: writtenValues(update, cleaner.fields),
  };
};
