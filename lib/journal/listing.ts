import type { mongo } from 'mongoose';
import { comparable } from '../providers/stored-value.js';
import { ANYTHING, checkOptions, integer, oneOf, refuse, TEXT } from '../shared/option-rules.js';
import { formsOfId } from './document-id.js';
import type { Intent, IntendedValue } from './intent.js';
import type { Journal } from './journal.js';
import { fileOf, type JournalledFile } from './journalled-file.js';
import { readable } from './readable-intent.js';

/** Selects files of the journal. */
export interface JournalQuery {
  /**
   * The `_id` of a document that held the files, or the `_id` as text (an ObjectId in hex, a UUID, a number, a string).
   * If one write changed many documents that held the same file, the journal has the first 1,000 of them.
   */
  documentId?: unknown;
  /** The intent in which the files were recorded; see `JournalledFile.intentId`. */
  intentId?: string;
}

/** Selects the files of the journal to list. */
export interface JournalListQuery extends JournalQuery {
  /**
   * `'open'`: files that wait for their removal. `'failed'`: files whose removal failed for good. `'settled'`: files
   * that have an outcome, for as long as `keepSettled` says. Default: all files.
   */
  state?: 'open' | 'failed' | 'settled';
  /** The maximum number of files, at least 1. Default: all files. */
  limit?: number;
}

/** Numbers of files in the journal. */
export interface JournalCounts {
  /** Files that wait, are due or are claimed. */
  readonly open: number;
  /** Files whose removal failed for good. */
  readonly failed: number;
  /** Settled files, for as long as `keepSettled` keeps them. */
  readonly settled: number;
}

type State = keyof JournalCounts;

const ENDS = { open: 'dueAt', failed: 'failedAt', settled: 'settledAt' } as const;

/** An intent, and whether it is due according to the server's clock. */
type Row = Intent & { readonly isDue: boolean };

/** The selected files of these journals in the order in which they were recorded, read while the caller iterates. */
export function listFiles(
  journals: Iterable<Journal>,
  query: JournalListQuery,
): AsyncGenerator<JournalledFile> {
  checkQuery('journal.files', query, { state: oneOf('open', 'failed', 'settled'), limit: integer(1) });
  return read(journals, query);
}

async function* read(journals: Iterable<Journal>, query: JournalListQuery): AsyncGenerator<JournalledFile> {
  let left = query.limit ?? Infinity;
  for (const journal of journals) {
    for await (const { isDue, ...intent } of rows(journal, query)) {
      for (const value of valuesOf(intent, query, journal)) {
        if (left-- === 0) return;
        yield fileOf(value, { intent, isDue, database: journal.connection.name });
      }
    }
  }
}

function rows(journal: Journal, query: JournalListQuery): AsyncIterable<Row> {
  return journal.collection.aggregate<Row>([
    { $match: meantBy(query, journal) },
    { $sort: { _id: 1 } },
    { $set: { isDue: { $lte: ['$dueAt', '$$NOW'] } } },
  ]);
}

/** The values of the document that is asked for. */
function valuesOf(
  intent: Intent,
  { documentId }: JournalQuery,
  { connection }: Journal,
): readonly IntendedValue[] {
  const { values } = readable(intent);
  if (documentId === undefined) return values;
  const forms = new Set(formsOfId(documentId, connection.base).map(comparable));
  return values.filter(({ documentIds }) => documentIds.some((id) => forms.has(comparable(id))));
}

/** Reads the whole journal, unless an intent is named. */
export async function countFiles(journals: Iterable<Journal>, query: JournalQuery): Promise<JournalCounts> {
  checkQuery('journal.counts', query);
  const counts = { open: 0, failed: 0, settled: 0 };
  for (const journal of journals) {
    if (query.documentId === undefined) {
      for await (const { _id, files } of countsIn(journal, query)) counts[_id] += files;
    } else {
      for await (const intent of rows(journal, query)) {
        const state = intent.dueAt ? 'open' : intent.failedAt ? 'failed' : 'settled';
        counts[state] += valuesOf(intent, query, journal).length;
      }
    }
  }
  return counts;
}

function countsIn(journal: Journal, query: JournalQuery): AsyncIterable<{ _id: State; files: number }> {
  const isOf = (state: State): mongo.Document => ({ $eq: [{ $type: `$${ENDS[state]}` }, 'date'] });
  const state = { $cond: [isOf('open'), 'open', { $cond: [isOf('failed'), 'failed', 'settled'] }] };
  // an intent that somebody has changed counts as one file
  const values = { $cond: [{ $isArray: '$values' }, '$values', [null]] };
  return journal.collection.aggregate<{ _id: State; files: number }>([
    { $match: meantBy(query, journal) },
    { $group: { _id: state, files: { $sum: { $size: values } } } },
  ]);
}

/** Makes failed intents due at once, with their full number of attempts. Resolves with the number of intents. */
export async function retryFailed(journals: Iterable<Journal>, query: JournalQuery): Promise<number> {
  checkQuery('journal.retry', query);
  let count = 0;
  for (const journal of journals) {
    const failed = { $and: [{ failedAt: { $type: 'date' } }, meantBy(query, journal)] };
    const { modifiedCount } = await journal.collection.updateMany(failed as never, [
      { $set: { dueAt: '$$NOW', tries: 0 } },
      { $unset: ['failedAt', 'claim'] },
    ]);
    count += modifiedCount;
  }
  return count;
}

const ifUndefined = '; give an id, or leave the option out for all files';

/** @throws TypeError that names `owner`, for wrong options. */
export function checkQuery(
  owner: string,
  query: JournalQuery,
  own: Parameters<typeof checkOptions>[2] = {},
): void {
  checkOptions(owner, query, {
    documentId: { ...ANYTHING, ifUndefined },
    intentId: { ...TEXT, ifUndefined },
    ...own,
  });
  const { intentId } = query;
  if (intentId !== undefined && !/^[0-9a-f]{24}$/i.test(intentId))
    refuse({ owner, name: 'intentId', given: intentId, allowed: '24 hexadecimal digits' });
}

function meantBy({ state, documentId, intentId }: JournalListQuery, journal: Journal): mongo.Document {
  return {
    ...(intentId !== undefined && { _id: new journal.connection.base.mongo.ObjectId(intentId) }),
    ...(state !== undefined && { [ENDS[state]]: { $type: 'date' } }),
    ...(documentId !== undefined && {
      'values.documentIds': { $in: formsOfId(documentId, journal.connection.base) },
    }),
  };
}
