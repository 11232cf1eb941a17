import type { mongo } from 'mongoose';
import type { StoredValue } from '../removal/candidates.js';
import { projectionOf } from '../schema/field-values.js';
import type { DriverCall, WriteOptions } from './driver-call.js';
import { findOptions, type Limits } from './snapshot.js';
import { namesOneId, type Effect, type Target } from './effect.js';
import { storedByDocument } from './stored-values.js';

/** Returns the values of the first `count` documents that match a write now. */
export type NextDocuments = (count: number) => Promise<readonly StoredValue[]>;

/**
 * `deleteOne({ group: 1 })` deletes another document than the one that was looked up if an overlapping write deletes
 * that one first: two of them at the same time look up the same document, and the second one deletes the next.
 * `undefined` if the write names its document, or changes all that match.
 */
export function nextDocumentsOf(
  { collection, options }: DriverCall,
  { targets, tracked }: Effect,
  limits: Limits,
): NextDocuments | undefined {
  const { collation } = options;
  const open = targets.filter((target) => target.limit === 1 && !namesOneId({ collation, ...target }));
  if (open.length === 0 || tracked.length === 0) return undefined;
  // a session may be busy with the write itself, and a write that never ends must not keep it
  const optionsOfRead: WriteOptions = { ...options, session: null };
  const read = async (target: Target, count: number): Promise<StoredValue[]> => {
    const found = collection.find(target.filter as mongo.Filter<mongo.Document>, {
      ...findOptions(optionsOfRead, { ...target, limit: count }, limits),
      projection: projectionOf(tracked.map(({ field }) => field)),
    });
    const documents = await found.toArray();
    return documents.flatMap((document) =>
      storedByDocument(document, tracked).map((one) => ({ ...one, documentId: document['_id'] as unknown })),
    );
  };
  return async (count) => (await Promise.all(open.map((target) => read(target, count)))).flat();
}
