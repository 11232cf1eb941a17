import type { Schema } from 'mongoose';
import { armQueries, optionsOf, type ReadCall } from './query.js';

/** `findOneAndRemove` is Mongoose 7's name for a `findOneAndDelete`; later ones never call the hook. */
const METHODS = ['deleteOne', 'deleteMany', 'findOneAndDelete', 'findOneAndRemove'];

/** `deleteOne` and its kin, from a model or a document: the files of the documents that go leave with them. */
export function cleanUpAfterDeletes(schema: Schema): void {
  armQueries(schema, METHODS, readDelete);
}

export const readDelete: ReadCall = (cleaner, method, [filter, given]) => {
  const options = optionsOf(given);
  if (options.imageCleanup === false) return undefined;
  const hit = method === 'deleteMany' ? { filter } : { filter, limit: 1 };
  // a delete command has no sort, and no driver sends one
  const sort = method === 'deleteOne' ? null : undefined;
  return { hits: [{ ...hit, sort }], tracked: cleaner.tracked, options, isDelete: true };
};
