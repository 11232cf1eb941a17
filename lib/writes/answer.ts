import type { DriverCall } from './driver-call.js';

/** What the driver answers to all but `findOneAnd…`, which answers with a document of the user's. */
interface Counts {
  readonly acknowledged?: boolean;
  readonly matchedCount?: number;
  readonly upsertedCount?: number;
  readonly insertedCount?: number;
  readonly insertedId?: unknown;
  readonly insertedIds?: unknown;
  readonly modifiedCount?: number;
  readonly deletedCount?: number;
}

/** What the driver's answer says about a write. */
export interface Answer {
  /** The counts, or the document of a `findOneAnd…`. */
  readonly result: unknown;
  readonly isAcknowledged: boolean;
  /** Documents that were there have changed or gone. */
  readonly hasChanged: boolean;
  readonly hasStored: boolean;
  /** The document as it was: whatever another write stored in the meantime is in it. `undefined`: not answered. */
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
 * The document in the answer to a `findOneAnd…`, `null` where none was found. With `includeResultMetadata`, and always with the
 * driver of Mongoose 7, it lies within an object that is there also where nothing was written.
 */
function withoutMetadata(answer: unknown): unknown {
  const isWithMetadata =
    typeof answer === 'object' && answer !== null && 'lastErrorObject' in answer && 'value' in answer;
  return isWithMetadata ? answer.value : answer;
}

/** Does a `findOneAnd…` answer with the whole document as it was before? */
function isOriginal({ method, options }: DriverCall): boolean {
  const { returnDocument, returnOriginal, projection } = options;
  const isBefore = method === 'findOneAndDelete' || (returnDocument !== 'after' && returnOriginal !== false);
  // a projection may show other values under the names of tracked fields
  const isWhole = projection === undefined || projection === null || Object.keys(projection).length === 0;
  return isBefore && isWhole;
}

/** What an error of the driver says about a write. */
export type Failure =
  /** The server or the driver refused it: nothing was written, or by a write over many documents a part. */
  | 'refused'
  /** A bulk write that failed half-way and says what it has done. */
  | 'partly written'
  /** Such as a lost connection: nobody knows. */
  | 'unknown';

/** By name, since the driver's classes may come from another copy of it. */
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
 * Errors of a server that was interrupted, shut down or replaced while it was at a write. Most often nothing was written; where
 * the driver does not repeat writes, nobody has looked.
 */
const INTERRUPTED = new Set([
  6, 7, 50, 64, 89, 91, 189, 202, 262, 9001, 10058, 10107, 11600, 11601, 11602, 13435, 13436,
]);

/** Does the error say for certain that a write over one document has written nothing? */
export function isCertain(error: unknown): boolean {
  return !INTERRUPTED.has(Number((error as { code?: unknown } | null)?.code));
}
