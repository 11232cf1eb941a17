import type { Schema } from 'mongoose';
import { armQueries, optionsOf, type ReadCall } from './query.js';
import { withoutSortToo, type WriteOptions } from './snapshot.js';
import { storedByUpdate } from './stored-values.js';
import { droppable, storable, writtenValues } from './touch.js';

const METHODS = ['updateOne', 'updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace'];

/** `updateOne` and its kin, from a model or a document: what the new values displace leaves. */
export function cleanUpAfterUpdates(schema: Schema): void {
  armQueries(schema, METHODS, readUpdate);
}

export const readUpdate: ReadCall = (cleaner, method, [filter, update, given]) => {
  const tracked = droppable(update, cleaner.tracked);
  const stored = storable(update, cleaner.tracked);
  if (tracked.length + stored.length === 0) return undefined;
  const options = optionsOf(given);
  const hit = method === 'updateMany' ? { filter } : { filter, limit: 1 };
  return {
    hits: withoutSortToo(hit, method, options.sort),
    tracked,
    options,
    written: writtenValues(update, cleaner.fields),
    stored: (result) => storedByUpdate(update, stored, isUpserted(result, options)),
  };
};

/** Did the write insert a document, so that `$setOnInsert` counts? A `findOneAnd…` that answers with the old one has none then. */
function isUpserted(result: unknown, { upsert }: WriteOptions): boolean {
  const { upsertedCount = 0 } = (result ?? {}) as { upsertedCount?: number };
  return upsertedCount > 0 || (upsert === true && result === null);
}
