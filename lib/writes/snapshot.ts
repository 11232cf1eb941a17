import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import { Candidates, type StoredValue, type WriteFacts } from '../removal/candidates.js';
import type { Why } from '../removal/reporter.js';
import { isInTransaction } from '../removal/unit-of-work.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import { projectionOf } from '../schema/field-values.js';
import { asError } from '../shared/time-limit.js';
import type { DriverCall, WriteOptions } from './driver-call.js';
import { namesOneId, type Effect, type Target } from './effect.js';
import { storedByDocument } from './stored-values.js';

/** What the documents held before a write; empty if that is not known. */
export interface Snapshot {
  readonly candidates: Candidates;
  /** Why it is not known, or not in the journal. */
  readonly failure?: Why;
}

type Limits = Pick<CleanupOptions, 'maxDocuments' | 'timeoutMs'>;

/** The documents that a write may hit, and what is read of them. */
interface Reading {
  readonly target: Target;
  readonly tracked: Effect['tracked'];
  readonly limits: Limits;
}

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
  const without = (failure: Why): Snapshot => ({ candidates: new Candidates(write), failure });
  try {
    for (const target of targets) {
      const cursor = find(call.collection, call.options, { target, tracked, limits });
      if (!(await readAll(cursor, { candidates, tracked, limits }))) return without({ reason: 'too many' });
    }
    return { candidates };
  } catch (thrown) {
    return without({ reason: 'no snapshot', error: asError(thrown) });
  }
}

/**
 * Returns `false` if there are more documents than the limit allows. Uses no promise for each document, which would
 * slow down a large write.
 */
async function readAll(
  cursor: mongo.FindCursor<mongo.Document>,
  { candidates, tracked, limits }: Omit<Reading, 'target'> & { candidates: Candidates },
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

/**
 * Returns a function that reads the values of the first documents, up to a number, that match the write then.
 * `deleteOne({ group: 1 })` deletes another document than the one that was looked up if an overlapping write deletes
 * that one first: two of them at the same time look up the same document, and the second one deletes the next.
 * `undefined` if the write names its document, or changes all that match.
 */
export function nextDocumentsOf(
  { collection, options }: DriverCall,
  { targets, tracked }: Effect,
  limits: Limits,
): ((count: number) => Promise<readonly StoredValue[]>) | undefined {
  const { collation } = options;
  const open = targets.filter((target) => target.limit === 1 && !namesOneId({ collation, ...target }));
  if (open.length === 0 || tracked.length === 0) return undefined;
  // a session may be busy with the write itself, and a write that never ends must not keep it
  const withoutSession = { ...options, session: null };
  const read = async (target: Target): Promise<StoredValue[]> => {
    const documents = await find(collection, withoutSession, { target, tracked, limits }).toArray();
    return documents.flatMap((document) =>
      storedByDocument(document, tracked).map((one) => ({ ...one, documentId: document['_id'] as unknown })),
    );
  };
  return async (limit) => (await Promise.all(open.map((target) => read({ ...target, limit })))).flat();
}

function find(
  collection: mongo.Collection,
  options: WriteOptions,
  { target, tracked, limits }: Reading,
): mongo.FindCursor<mongo.Document> {
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
    maxTimeMS: isInTransaction(session) ? undefined : (maxTimeMS ?? limits.timeoutMs),
    limit,
    batchSize: limit === undefined ? BATCH : limit + 1,
    projection: projectionOf(tracked.map(({ field }) => field)),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return collection.find(target.filter as mongo.Filter<mongo.Document>, Object.fromEntries(known));
}
