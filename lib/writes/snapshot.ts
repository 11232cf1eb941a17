import type { ClientSession, mongo } from 'mongoose';
import { projectionOf } from '../schema/fields.js';
import { Candidates } from '../removal/candidates.js';
import type { Tracked } from '../schema/tracking.js';
import { asError } from '../shared/time-limit.js';
import { isInTransaction } from '../removal/unit-of-work.js';

/** The part of a write that says which documents it hits. */
export interface Hit {
  readonly filter: unknown;
  /** Most documents that it changes: 1 for `updateOne` and the like. */
  readonly limit?: number;
  /** Where one of several operations has its own; `null`: none, whatever the options say. */
  readonly sort?: unknown;
  readonly collation?: unknown;
  readonly hint?: unknown;
}

/** Options of a write that decide which documents it hits, or under which rights it reads. */
export interface WriteOptions {
  imageCleanup?: unknown;
  session?: ClientSession | null;
  sort?: unknown;
  collation?: unknown;
  hint?: unknown;
  let?: unknown;
  ignoreUndefined?: unknown;
  maxTimeMS?: number;
  upsert?: boolean;
  returnDocument?: unknown;
  returnOriginal?: unknown;
  projection?: unknown;
  w?: unknown;
  writeConcern?: { w?: unknown } | null;
}

/** The originals of a write, or why they are not known. */
export type Snapshot =
  | { readonly candidates: Candidates }
  | { readonly failure: 'no snapshot' | 'too many'; readonly error?: Error };

export interface SnapshotLimits {
  readonly maxDocuments: number;
  readonly timeoutMs: number;
}

const BATCH = 1000;

/** Does a filter name the document by a plain `_id`? */
export function namesOneId({ filter, collation }: { filter?: unknown; collation?: unknown }): boolean {
  const id = (filter as { _id?: unknown } | null | undefined)?._id;
  if (id === undefined || collation !== undefined) return false;
  return typeof id !== 'object' || id === null || !Object.keys(id).some((key) => key.startsWith('$'));
}

/** Drivers before 6.13 do not send the `sort` of an update of one document, so it may be the first one that is written. */
export function withoutSortToo(hit: Hit, method: string, sort: unknown): Hit[] {
  const isDoubtful = sort !== undefined && ['updateOne', 'replaceOne'].includes(method);
  return isDoubtful
    ? [
        { ...hit, sort },
        { ...hit, sort: null },
      ]
    : [hit];
}

/**
 * Reads `_id` and tracked fields of the documents that a write is about to hit, with the write's own filter, sort,
 * collation and session, from the primary, through the driver, past every hook and scope. Never rejects: a write goes on
 * without its originals, and their files are kept.
 */
export async function takeSnapshot(
  collection: mongo.Collection,
  hits: readonly Hit[],
  options: WriteOptions,
  tracked: readonly Tracked[],
  limits: SnapshotLimits,
): Promise<Snapshot> {
  const candidates = new Candidates();
  // a write that can only add drops nothing
  if (tracked.length === 0) return { candidates };
  try {
    for (const hit of hits) {
      const cursor = collection.find(
        hit.filter as mongo.Filter<mongo.Document>,
        findOptions(hit, options, tracked, limits),
      );
      for await (const document of cursor) {
        if (candidates.documents >= limits.maxDocuments) {
          await cursor.close();
          return { failure: 'too many' };
        }
        candidates.addDocument(document, tracked);
      }
    }
    return { candidates };
  } catch (thrown) {
    return { failure: 'no snapshot', error: asError(thrown) };
  }
}

function findOptions(
  hit: Hit,
  { session, sort, collation, hint, let: variables, ignoreUndefined, maxTimeMS }: WriteOptions,
  tracked: readonly Tracked[],
  { timeoutMs }: SnapshotLimits,
): mongo.FindOptions {
  // a time limit that ends a read inside a transaction would end the transaction with it
  const limitedMs = isInTransaction(session) ? undefined : (maxTimeMS ?? timeoutMs);
  const found = {
    projection: projectionOf(tracked.map(({ field }) => field)),
    readPreference: 'primary',
    session: session ?? undefined,
    sort: hit.sort === undefined ? sort : (hit.sort ?? undefined),
    collation: hit.collation ?? collation,
    hint: hit.hint ?? hint,
    let: variables,
    ignoreUndefined,
    maxTimeMS: limitedMs,
    ...(hit.limit === undefined ? { batchSize: BATCH } : { limit: hit.limit, batchSize: hit.limit + 1 }),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as mongo.FindOptions;
}
