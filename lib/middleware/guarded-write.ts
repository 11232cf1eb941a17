import type { mongo } from 'mongoose';
import type { Candidate, Tracked } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { asError } from '../removal/time-limit.js';
import { callDriver } from './gate.js';
import { takeSnapshot, type Hit, type WriteOptions } from './snapshot.js';

/** A write at the gate: what it hits, what it stores. */
export interface WriteCall {
  readonly operation: string;
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
  call: WriteCall,
  collection: mongo.Collection,
  method: string,
  args: unknown[],
): Promise<unknown> {
  const { operation, hits, options, tracked } = call;
  const snapshot = await takeSnapshot(collection, hits, options, tracked, cleaner.options);
  if (operation === 'save' && 'candidates' in snapshot && snapshot.candidates.documents === 0) {
    cleaner.warn(`the original of a ${cleaner.model.modelName} that is saved is not in the database`);
  }
  let result: unknown;
  try {
    result = await callDriver(collection, method, args);
  } catch (error) {
    await afterFailure(cleaner, call, snapshot, error);
    throw error;
  }
  const counts = method.startsWith('findOneAnd') ? undefined : (result as Counts);
  if (!hasChangedSomething(result, counts)) return result;
  if ('failure' in snapshot) {
    cleaner.keepWrite(operation, snapshot.failure, snapshot.error);
  } else if (isUnacknowledged(counts, options, collection)) {
    cleaner.keep(snapshot.candidates.values(), operation, 'unacknowledged');
  } else {
    for (const candidate of call.storedOnTheWay?.({ result }) ?? []) snapshot.candidates.add(candidate);
    await cleaner.release(snapshot.candidates, {
      operation,
      session: options.session,
      written: call.written ?? [],
    });
  }
  return result;
}

type Snapshot = Awaited<ReturnType<typeof takeSnapshot>>;

/**
 * A write that the server refused has dropped nothing. A bulk write may have failed half-way: what it dropped before is
 * what the question tells. After a lost connection nobody knows, so all is kept.
 */
async function afterFailure(
  cleaner: Cleaner,
  call: WriteCall,
  snapshot: Snapshot,
  error: unknown,
): Promise<void> {
  if ('failure' in snapshot) return;
  const { operation, options, written } = call;
  if (isBulkWriteError(error)) {
    await cleaner.release(snapshot.candidates, {
      operation,
      session: options.session,
      written: written ?? [],
    });
  } else if (!isRefusal(error)) {
    cleaner.keep(snapshot.candidates.values(), operation, 'unacknowledged', asError(error));
  }
}

/** By name, since the driver's classes may come from another copy of it. */
function isBulkWriteError(error: unknown): boolean {
  const { name, result } = error as { name?: string; result?: unknown };
  return name === 'MongoBulkWriteError' && result !== undefined;
}

function isRefusal(error: unknown): boolean {
  const { name, hasErrorLabel } = error as { name?: string; hasErrorLabel?: (label: string) => boolean };
  const isLabelled = hasErrorLabel?.call(error, 'RetryableWriteError') === true;
  const isFromServer = name === 'MongoServerError' || name === 'MongoBulkWriteError';
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
