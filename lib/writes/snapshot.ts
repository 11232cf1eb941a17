import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import { Candidates, type WriteFacts } from '../removal/candidates.js';
import { isInTransaction } from '../removal/unit-of-work.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import { projectionOf } from '../schema/field-values.js';
import { asError } from '../shared/time-limit.js';
import type { DriverCall, WriteOptions } from './driver-call.js';
import type { Effect, Target } from './effect.js';

/** What the documents held before a write; empty if that is not known. */
export interface Snapshot {
  readonly candidates: Candidates;
  /** Why it is not known. */
  readonly failure?: { readonly reason: 'no snapshot' | 'too many' | 'unjournalled'; readonly error?: Error };
}

/** Limits of one look-up. */
export type Limits = Pick<CleanupOptions, 'maxDocuments' | 'timeoutMs'>;

const BATCH = 1000;
/** How many milliseconds texts are parsed before other work of the process has its turn. */
const TURN_MS = 20;

/**
 * Reads `_id` and the tracked fields of the documents that a write is about to change, with the write's own filter,
 * sort, collation and session. Reads from the primary, through the driver, without hooks and scopes. Never rejects: if
 * it fails, the write is made without a snapshot, and its files are kept.
 */
export async function takeSnapshot(
  call: DriverCall,
  { tracked, targets }: Pick<Effect, 'tracked' | 'targets'>,
  { write, limits }: { write: WriteFacts; limits: Limits },
): Promise<Snapshot> {
  const candidates = new Candidates(write);
  // a write that can only add drops nothing
  if (tracked.length === 0) return { candidates };
  const nothing = new Candidates(write);
  const projection = projectionOf(tracked.map(({ field }) => field));
  try {
    for (const target of targets) {
      const options = { ...findOptions(call.options, target, limits), projection };
      const cursor = call.collection.find(target.filter as mongo.Filter<mongo.Document>, options);
      if (!(await readAll(cursor, { candidates, tracked, limits })))
        return { candidates: nothing, failure: { reason: 'too many' } };
    }
    return { candidates };
  } catch (thrown) {
    return { candidates: nothing, failure: { reason: 'no snapshot', error: asError(thrown) } };
  }
}

/**
 * Returns `false` if there are more documents than the limit allows. Uses no promise for each document, which would
 * slow down a large write.
 */
async function readAll(
  cursor: mongo.FindCursor<mongo.Document>,
  {
    candidates,
    tracked,
    limits,
  }: { candidates: Candidates; tracked: Effect['tracked']; limits: Pick<Limits, 'maxDocuments'> },
): Promise<boolean> {
  const hasTexts = tracked.some(({ field }) => field.text);
  let turn = performance.now();
  try {
    while (await cursor.hasNext()) {
      for (const document of cursor.readBufferedDocuments()) {
        if (candidates.documents >= limits.maxDocuments) return false;
        candidates.addDocument(document, tracked);
        if (!hasTexts || performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        turn = performance.now();
      }
    }
    return true;
  } finally {
    await cursor.close();
  }
}

export function findOptions(options: WriteOptions, target: Target, { timeoutMs }: Limits): mongo.FindOptions {
  const { session, sort, collation, hint, let: variables, ignoreUndefined, maxTimeMS } = options;
  const { limit } = target;
  const given = {
    readPreference: 'primary',
    session: session ?? undefined,
    sort: target.sort === undefined ? sort : (target.sort ?? undefined),
    collation: target.collation ?? collation,
    hint: target.hint ?? hint,
    let: variables,
    ignoreUndefined,
    // a time limit that ends a read inside a transaction would end the transaction with it
    maxTimeMS: isInTransaction(session) ? undefined : (maxTimeMS ?? timeoutMs),
    limit,
    batchSize: limit === undefined ? BATCH : limit + 1,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as mongo.FindOptions;
}
