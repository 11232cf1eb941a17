import type { mongo } from 'mongoose';
import type { StoredValue } from '../removal/writes-under-way.js';
import { valuesAt } from '../fields.js';
import type { WriteCall } from './guarded-write.js';
import { findOptions, namesOneId, type Hit, type SnapshotLimits } from './snapshot.js';

/** Answers what the first `count` documents hold that match a write now. */
export type NextDocuments = (count: number) => Promise<readonly StoredValue[]>;

/**
 * `deleteOne({ group: 1 })` hits another document than the one that was looked up, when a write that overlaps it takes that
 * one away: two of them at once look up the same document, and the second one deletes the next. `undefined` where the
 * write names its document, or hits all that match.
 */
export function nextDocumentsOf(
  collection: mongo.Collection,
  { hits, options, tracked }: Pick<WriteCall, 'hits' | 'options' | 'tracked'>,
  limits: SnapshotLimits,
): NextDocuments | undefined {
  // a session may be busy with the write itself, and must not be held by a write that never ends
  const { collation, ...others } = { ...options, session: null };
  const open = hits.filter((hit) => hit.limit === 1 && !namesOneId({ collation, ...hit }));
  if (open.length === 0 || tracked.length === 0) return undefined;
  const read = async (hit: Hit, count: number): Promise<StoredValue[]> => {
    const found = collection.find(
      hit.filter as mongo.Filter<mongo.Document>,
      findOptions({ ...hit, limit: count }, { ...others, collation }, tracked, limits),
    );
    const documents = await found.toArray();
    return documents.flatMap((document) =>
      tracked.flatMap((source) =>
        valuesAt(document, source.field).map((value) => ({
          value,
          source,
          documentId: document['_id'] as unknown,
        })),
      ),
    );
  };
  return async (count) => (await Promise.all(open.map((hit) => read(hit, count)))).flat();
}
