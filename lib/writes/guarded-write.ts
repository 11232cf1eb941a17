import type { mongo } from 'mongoose';
import { Candidates } from '../removal/candidates.js';
import {
  WritesUnderWay,
  type Beginning,
  type StoredValue,
  type WriteUnderWay,
} from '../removal/writes-under-way.js';
import type { Tracked } from '../schema/tracking.js';
import type { KeptReason } from '../providers/provider.js';
import type { Cleaner } from '../removal/cleaner.js';
import { isInTransaction, tokenOf, UnitOfWork } from '../removal/unit-of-work.js';
import { asError } from '../shared/time-limit.js';
import type { StoredByStep } from './bulk-operations.js';
import { callDriver } from './gate.js';
import { namesOneId, takeSnapshot, type Hit, type WriteOptions } from './snapshot.js';

/** A write at the gate: what it hits, what it stores. */
export interface WriteCall {
  readonly hits: readonly Hit[];
  /** The fields that it can make a document drop. */
  readonly tracked: readonly Tracked[];
  readonly options: WriteOptions;
  readonly written?: readonly unknown[];
  readonly isDelete?: boolean;
  /** The `_id`s of the documents that an insert adds. */
  readonly inserts?: readonly unknown[];
  /** Values that came and went within the write itself. */
  readonly storedOnTheWay?: (result: unknown) => readonly StoredByStep[];
  /** Values that it has stored for certain. */
  readonly stored?: (result: unknown) => readonly StoredValue[];
  /** The same of a write that failed half-way. */
  readonly storedDespite?: (error: unknown) => readonly StoredValue[];
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
  const begun = await orKeep('no snapshot', () => begin(cleaner, read()));
  if (!begun) return callDriver(collection, method, args);
  const { call, underWay } = begun;
  const { hits, options, tracked } = call;
  const snapshot = await takeSnapshot(collection, hits, options, tracked, cleaner.options);
  if (operation === 'save' && isOriginalMissing(call, snapshot)) {
    const id = String((hits[0]?.filter as { _id?: unknown })._id);
    cleaner.reporter.warn(
      `${operation} of "${cleaner.model.modelName}" ${id}: there is no such document, so no original to clean up`,
    );
  }
  const done: Done = { cleaner, operation, call, method, collection, underWay };
  let result: unknown;
  try {
    result = await callDriver(collection, method, args);
  } catch (error) {
    await orKeep('unanswered', () => afterFailure(done, snapshot, error));
    WritesUnderWay.register.end(underWay);
    throw error;
  }
  await orKeep('unanswered', () => afterSuccess(done, snapshot, result));
  return result;
}

type Snapshot = Awaited<ReturnType<typeof takeSnapshot>>;

function begin(
  cleaner: Cleaner,
  call: WriteCall | undefined,
): { call: WriteCall; underWay: WriteUnderWay } | undefined {
  return call && { call, underWay: WritesUnderWay.register.begin(beginningOf(cleaner, call)) };
}

function beginningOf({ model, providers }: Cleaner, call: WriteCall): Beginning {
  const { hits, written = [], inserts, options } = call;
  const transaction = isInTransaction(options.session) ? tokenOf(options.session) : undefined;
  const common = { model, transaction, written, providers };
  if (inserts) {
    const isKnown = !inserts.includes(undefined);
    const documentIds = isKnown ? new Set(inserts.map(String)) : undefined;
    return { ...common, documentIds, isInsert: true };
  }
  const [hit, ...others] = hits;
  const isOfOne = hit !== undefined && others.length === 0 && namesOneId(hit);
  const documentIds = isOfOne ? new Set([String((hit.filter as { _id?: unknown })._id)]) : undefined;
  return { ...common, documentIds, isInsert: false };
}

function isOriginalMissing({ tracked }: WriteCall, snapshot: Snapshot): boolean {
  return tracked.length > 0 && 'candidates' in snapshot && snapshot.candidates.documents === 0;
}

/** A write that was acknowledged, or sent without waiting for that. */
interface Done {
  readonly cleaner: Cleaner;
  readonly operation: string;
  readonly call: WriteCall;
  readonly method: string;
  readonly collection: mongo.Collection;
  readonly underWay: WriteUnderWay;
}

async function afterSuccess(done: Done, snapshot: Snapshot, answer: unknown): Promise<void> {
  const { cleaner, operation, call, method, collection, underWay } = done;
  const { options, storedOnTheWay } = call;
  const result = method.startsWith('findOneAnd') ? withoutMetadata(answer) : answer;
  const counts = method.startsWith('findOneAnd') ? undefined : (result as Counts);
  const hasChanged = hasChangedSomething(result, counts);
  if (isUnacknowledged(counts, options, collection)) {
    WritesUnderWay.register.end(underWay);
    if ('failure' in snapshot) cleaner.reporter.keepWrite(operation, snapshot.failure, snapshot.error);
    else cleaner.reporter.keep(snapshot.candidates.values(), operation, 'unacknowledged');
    return;
  }
  const candidates = 'failure' in snapshot || !hasChanged ? new Candidates() : snapshot.candidates;
  if ('failure' in snapshot && hasChanged) {
    cleaner.reporter.keepWrite(operation, snapshot.failure, snapshot.error);
  }
  if (hasChanged) {
    for (const { value, source, documentId } of storedOnTheWay?.(result) ?? []) {
      candidates.add(value, source, documentId);
    }
    const original = answeredOriginal(method, result, options);
    if (original) candidates.addDocument(original, call.tracked);
  }
  const stored = hasStoredSomething(result, counts, options) ? (call.stored?.(result) ?? []) : [];
  await handIn(done, candidates, stored);
}

/** Hands in what was dropped, and what writes that overlapped may have displaced of each other. */
async function handIn(
  { cleaner, operation, call, underWay }: Done,
  candidates: Candidates,
  stored: readonly StoredValue[],
): Promise<void> {
  const { options, written = [], isDelete } = call;
  const write = { operation, written, ...(isDelete && { isDelete }) };
  const displaced = (into: Candidates): Candidates => {
    for (const { value, source } of WritesUnderWay.register.acknowledge(underWay, stored)) {
      into.addGuess(value, source);
    }
    return into;
  };
  if (!isInTransaction(options.session)) {
    await cleaner.release(displaced(candidates), { ...write, session: options.session });
    return;
  }
  await cleaner.release(candidates, { ...write, session: options.session });
  const forget = (): void => {
    WritesUnderWay.register.end(underWay);
  };
  UnitOfWork.of(options.session).add({
    // before the commit no document has the values, as far as others see
    release: () => cleaner.release(displaced(new Candidates()), write),
    keep: forget,
    forget,
  });
}

/** The document as it was, where the server answers with it: whatever another write stored in the meantime is in it. */
function answeredOriginal(
  method: string,
  result: unknown,
  { returnDocument, returnOriginal, projection }: WriteOptions,
): { _id?: unknown } | undefined {
  const isOriginal =
    method === 'findOneAndDelete' ||
    (method.startsWith('findOneAnd') && returnDocument !== 'after' && returnOriginal !== false);
  // a projection may show other values under the names of tracked fields
  const isWhole = projection === undefined || projection === null || Object.keys(projection).length === 0;
  if (!isOriginal || !isWhole || typeof result !== 'object' || result === null) return undefined;
  return result;
}

/**
 * The document in the answer to a `findOneAnd…`, `null` where none was found. With `includeResultMetadata`, and always with the
 * driver of Mongoose 7, it lies within an object that is there also where nothing was written.
 */
function withoutMetadata(answer: unknown): unknown {
  const isWithMetadata =
    typeof answer === 'object' && answer !== null && 'lastErrorObject' in answer && 'value' in answer;
  return isWithMetadata ? answer.value : answer;
}

/**
 * A write that the server refused has dropped nothing. A bulk write, or one over many documents, may have failed half-way:
 * what it dropped before is what the question tells. After a lost connection nobody knows, so all is kept.
 */
async function afterFailure(done: Done, snapshot: Snapshot, error: unknown): Promise<void> {
  const { cleaner, operation, call } = done;
  const { session } = call.options;
  const candidates = 'failure' in snapshot ? new Candidates() : snapshot.candidates;
  if (isPartlyWritten(error) && !isInTransaction(session)) {
    await handIn(done, candidates, call.storedDespite?.(error) ?? []);
    return;
  }
  // before anything is asked: the write is over, and has stored nothing that is known
  WritesUnderWay.register.end(done.underWay);
  const { written = [], isDelete } = call;
  const isHalfDone = isRefusal(error) && isMany(operation) && !isInTransaction(session);
  if (isPartlyWritten(error) || isHalfDone) {
    await cleaner.release(candidates, { operation, session, written, ...(isDelete && { isDelete }) });
  } else if (!isRefusal(error)) {
    cleaner.reporter.keep(candidates.values(), operation, 'unacknowledged', asError(error));
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
  matchedCount?: number;
  upsertedCount?: number;
  insertedCount?: number;
  insertedId?: unknown;
  insertedIds?: unknown;
  modifiedCount?: number;
  deletedCount?: number;
}

function hasChangedSomething(result: unknown, counts: Counts | undefined): boolean {
  if (!counts) return result !== null && result !== undefined;
  const { acknowledged, modifiedCount = 0, deletedCount = 0 } = counts;
  return acknowledged === false || modifiedCount + deletedCount > 0;
}

function hasStoredSomething(result: unknown, counts: Counts | undefined, { upsert }: WriteOptions): boolean {
  if (counts?.insertedId !== undefined || counts?.insertedIds !== undefined) return true;
  if (!counts) return upsert === true || (result !== null && result !== undefined);
  const { matchedCount = 0, upsertedCount = 0, insertedCount = 0 } = counts;
  return matchedCount + upsertedCount + insertedCount > 0;
}

function isUnacknowledged(
  counts: Counts | undefined,
  options: WriteOptions,
  collection: mongo.Collection,
): boolean {
  const concern = options.writeConcern?.w ?? options.w ?? collection.writeConcern?.w;
  return concern === 0 || counts?.acknowledged === false;
}
