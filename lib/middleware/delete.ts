import type { Schema } from 'mongoose';
import { armQueries, optionsOf, type ReadCall } from './query.js';

const METHODS = ['deleteOne', 'deleteMany', 'findOneAndDelete'];

/** `deleteOne` and its kin, from a model or a document: the files of the documents that go leave with them. */
export function cleanUpAfterDeletes(schema: Schema): void {
  armQueries(schema, METHODS, readDelete);
}

const readDelete: ReadCall = (cleaner, method, [filter, options]) => {
  const hit = method === 'deleteMany' ? { filter } : { filter, limit: 1 };
  return { hits: [hit], tracked: cleaner.tracked, options: optionsOf(options) };
};
