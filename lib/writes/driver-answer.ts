import type { mongo } from 'mongoose';
import type { DriverCall } from './driver-call.js';

/** The driver's answer to all calls except `findOneAnd…`, which answer with a document of the app. */
type Counts = Partial<
  mongo.UpdateResult & mongo.DeleteResult & mongo.InsertOneResult & mongo.InsertManyResult
>;

export interface Answer {
  /** The counts, or the document of a `findOneAnd…`. */
  readonly result: unknown;
  readonly isAcknowledged: boolean;
  /** Whether existing documents were changed or deleted. */
  readonly hasChanged: boolean;
  readonly hasStored: boolean;
  /**
   * The document before the write, including what another write stored in the meantime; `undefined` if it was not
   * returned.
   */
  readonly original: { readonly _id?: unknown } | undefined;
}

export function readAnswer(call: DriverCall, answer: unknown): Answer {
  const { options, collection, method } = call;
  const isDocument = method.startsWith('findOneAnd');
  const result = isDocument ? withoutMetadata(answer) : answer;
  const isFound = result !== null && result !== undefined;
  const counts = (isDocument ? {} : (result ?? {})) as Counts;
  const {
    matchedCount = 0,
    upsertedCount = 0,
    insertedCount = 0,
    modifiedCount = 0,
    deletedCount = 0,
  } = counts;
  const concern = options.writeConcern?.w ?? options.w ?? collection.writeConcern?.w;
  const hasInserted = counts.insertedId !== undefined || counts.insertedIds !== undefined;
  return {
    result,
    isAcknowledged: concern !== 0 && counts.acknowledged !== false,
    hasChanged: isDocument ? isFound : counts.acknowledged === false || modifiedCount + deletedCount > 0,
    hasStored: isDocument
      ? isFound || options.upsert === true
      : hasInserted || matchedCount + upsertedCount + insertedCount > 0,
    original: isDocument && isFound && isOriginal(call) ? result : undefined,
  };
}

/**
 * The document in the answer to a `findOneAnd…`, or `null` if none was found. With `includeResultMetadata`, and always
 * with the driver of Mongoose 7, the document is within an object that exists even if nothing was written.
 */
function withoutMetadata(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('value' in answer)) return answer;
  // some engines that are not MongoDB send no `lastErrorObject`; a document of the app has an `_id` beside its `ok`
  const isWithMetadata = 'lastErrorObject' in answer || ('ok' in answer && !('_id' in answer));
  return isWithMetadata ? answer.value : answer;
}

/** Whether a `findOneAnd…` answers with the whole document as it was before. */
function isOriginal({ method, options }: DriverCall): boolean {
  const { returnDocument, returnOriginal, projection } = options;
  const isBefore = method === 'findOneAndDelete' || (returnDocument !== 'after' && returnOriginal !== false);
  // a projection may show other values under the names of tracked fields
  const isWhole = projection === undefined || projection === null || Object.keys(projection).length === 0;
  return isBefore && isWhole;
}

export type Failure =
  /** The server or the driver refused it. Nothing was written, or only a part if the write was over many documents. */
  | 'refused'
  /** A bulk write failed half-way, and its error says what was done. */
  | 'partly written'
  /** The result is not known, for example after a lost connection. */
  | 'unknown';

/** Compares names, since the driver's classes may come from another copy of it. */
export function failureOf(error: unknown): Failure {
  const { name, result, hasErrorLabel } = error as {
    name?: string;
    result?: { getWriteConcernError?: () => unknown };
    hasErrorLabel?: (label: string) => boolean;
  };
  const isAcknowledged = !result?.getWriteConcernError?.();
  if (name === 'MongoBulkWriteError' && result !== undefined && isAcknowledged) return 'partly written';
  const isLabelled = hasErrorLabel?.call(error, 'RetryableWriteError') === true;
  const isFromServer = name === 'MongoServerError' && !isLabelled;
  const isFromDriver = ['MongoInvalidArgumentError', 'MongoAPIError', 'BSONError'].includes(name ?? '');
  return isFromServer || isFromDriver ? 'refused' : 'unknown';
}

/**
 * Errors of a server that was interrupted, shut down or replaced during a write. Most often, nothing was written; if
 * the driver does not repeat the write, this is not certain.
 */
const INTERRUPTED = new Set([
  6, 7, 50, 64, 89, 91, 189, 202, 262, 9001, 10058, 10107, 11600, 11601, 11602, 13435, 13436,
]);

/** Whether the error says for certain that a write over one document has written nothing. */
export function isCertain(error: unknown): boolean {
  return !INTERRUPTED.has(Number((error as { code?: unknown } | null)?.code));
}
