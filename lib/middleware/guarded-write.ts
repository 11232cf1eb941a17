import type { mongo } from 'mongoose';
import type { Candidate } from '../removal/candidates.js';
import type { Tracked } from '../tracking.js';
import type { KeptReason } from '../providers/provider.js';
import type { Cleaner } from '../removal/cleaner.js';
import { asError } from '../removal/time-limit.js';
import { isInTransaction } from '../removal/unit-of-work.js';
import { callDriver } from './gate.js';
import { namesOneId, takeSnapshot, type Hit, type WriteOptions } from './snapshot.js';

/** A write at the gate: what it hits, what it stores. */
export interface WriteCall {
  readonly hits: readonly Hit[];
  /** The fields that it can make a document drop. */
  readonly tracked: readonly Tracked[];
  readonly options: WriteOptions;
  readonly written?: readonly unknown[];
  /** Values that came and went within the write itself. */
  readonly storedOnTheWay?: (outcome: { result?: unknown; error?: unknown }) => readonly Candidate[];
}

/**
 * Originals first, then the write with its very arguments, then what nobody uses any more leaves. The result and every
 * error of the write are handed on as they are; nothing of ours is ever thrown into it.
 */
export async function guardedWrite(
  cleaner: Cleaner,
  operation: string,
  read: () => WriteCall | undefined,
  collection: mongo.Collection,
  method: string,
  args: unknown[],
): Promise<unknown> {
  const orKeep = async <T>(reason: KeptReason, act: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (thrown) {
      cleaner.reporter.keepWrite(operation, reason, asError(thrown));
      return undefined;
    }
  };
  const call = await orKeep('no snapshot', read);
  if (!call) return callDriver(collection, method, args);
  const { hits, options, tracked } = call;
  const snapshot = await takeSnapshot(collection, hits, options, tracked, cleaner.options);
  if (isOriginalMissing(call, snapshot)) {
    const id = String((hits[0]?.filter as { _id?: unknown })._id);
    cleaner.reporter.warn(
      `${operation} of "${cleaner.model.modelName}" ${id}: there is no such document, so no original to clean up`,
    );
  }
  let result: unknown;
  try {
    result = await callDriver(collection, method, args);
  } catch (error) {
    await orKeep('unanswered', () => afterFailure(cleaner, operation, call, snapshot, error));
    throw error;
  }
  const counts = method.startsWith('findOneAnd') ? undefined : (result as Counts);
  if (hasChangedSomething(result, counts)) {
    const isKnown = !isUnacknowledged(counts, options, collection);
    await orKeep('unanswered', () =>
      afterSuccess(cleaner, operation, call, snapshot, isKnown ? { result } : undefined),
    );
  }
  return result;
}

type Snapshot = Awaited<ReturnType<typeof takeSnapshot>>;

/** An upsert or a filter over other fields often finds nothing; who names an `_id` has seen the document. */
function isOriginalMissing({ hits, options }: WriteCall, snapshot: Snapshot): boolean {
  return (
    'candidates' in snapshot &&
    snapshot.candidates.documents === 0 &&
    hits.length === 1 &&
    namesOneId(hits[0]!) &&
    options.upsert !== true
  );
}

async function afterSuccess(
  cleaner: Cleaner,
  operation: string,
  { options, storedOnTheWay, written = [] }: WriteCall,
  snapshot: Snapshot,
  acknowledged: { result: unknown } | undefined,
): Promise<void> {
  if ('failure' in snapshot) {
    cleaner.reporter.keepWrite(operation, snapshot.failure, snapshot.error);
  } else if (!acknowledged) {
    cleaner.reporter.keep(snapshot.candidates.values(), operation, 'unacknowledged');
  } else {
    for (const candidate of storedOnTheWay?.(acknowledged) ?? []) snapshot.candidates.add(candidate);
    await cleaner.release(snapshot.candidates, {
      operation,
      session: options.session,
      written,
    });
  }
}

/**
 * A write that the server refused has dropped nothing. A bulk write, or one over many documents, may have failed half-way:
 * what it dropped before is what the question tells. After a lost connection nobody knows, so all is kept.
 */
async function afterFailure(
  cleaner: Cleaner,
  operation: string,
  { options, written = [] }: WriteCall,
  snapshot: Snapshot,
  error: unknown,
): Promise<void> {
  if ('failure' in snapshot) return;
  const isHalfDone = isRefusal(error) && isMany(operation) && !isInTransaction(options.session);
  if (isPartlyWritten(error) || isHalfDone) {
    await cleaner.release(snapshot.candidates, {
      operation,
      session: options.session,
      written,
    });
  } else if (!isRefusal(error)) {
    cleaner.reporter.keep(snapshot.candidates.values(), operation, 'unacknowledged', asError(error));
  }
}

/** The server stops at the first document that refuses the update; those before it are written. */
function isMany(operation: string): boolean {
  return operation === 'updateMany' || operation === 'deleteMany';
}

/** By name, since the driver's classes may come from another copy of it. */
function isPartlyWritten(error: unknown): boolean {
  const { name, result } = error as {
    name?: string;
    result?: { getWriteConcernError?: () => unknown };
  };
  const isAcknowledged = !result?.getWriteConcernError?.();
  return name === 'MongoBulkWriteError' && result !== undefined && isAcknowledged;
}

function isRefusal(error: unknown): boolean {
  const { name, hasErrorLabel } = error as { name?: string; hasErrorLabel?: (label: string) => boolean };
  const isLabelled = hasErrorLabel?.call(error, 'RetryableWriteError') === true;
  const isFromServer = name === 'MongoServerError';
  const isFromDriver =
    name === 'MongoInvalidArgumentError' || name === 'MongoAPIError' || name === 'BSONError';
  return (isFromServer && !isLabelled) || isFromDriver;
}

/** What the driver answers to all but `findOneAnd…`, which answers with a document of the user's. */
interface Counts {
  acknowledged?: boolean;
  modifiedCount?: number;
  deletedCount?: number;
}

function hasChangedSomething(result: unknown, counts: Counts | undefined): boolean {
  if (!counts) return result !== null && result !== undefined;
  const { acknowledged, modifiedCount = 0, deletedCount = 0 } = counts;
  return acknowledged === false || modifiedCount + deletedCount > 0;
}

function isUnacknowledged(
  counts: Counts | undefined,
  options: WriteOptions,
  collection: mongo.Collection,
): boolean {
  const concern = options.writeConcern?.w ?? options.w ?? collection.writeConcern?.w;
  return concern === 0 || counts?.acknowledged === false;
}
