import type { mongo } from 'mongoose';
import { comparable } from '../providers/stored-value.js';
import { ANYTHING, checkOptions, integer, oneOf, refuse, TEXT } from '../shared/option-rules.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import { formsOfId, textOfId } from './document-id.js';
import type { Intent, IntendedValue } from './intent.js';
import type { Journal } from './journal.js';
import { dateOf, readable } from './readable.js';

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

/** One value that a write dropped, and the outcome or the state of its file. Times are those of the MongoDB server. */
export interface JournalledFile {
  /** The intent. It may hold more files of the same write. */
  readonly intentId: string;
  /**
   * - `waiting`: the removal waits until `dueAt`.
   * - `due`: the next worker takes it.
   * - `claimed`: a worker has taken it.
   * - `failed`: the removal failed for good, and waits for `retry`.
   * - `settled`: the file has an outcome.
   */
  readonly state: 'waiting' | 'due' | 'claimed' | 'failed' | 'settled';
  /** The name of the database of the model. */
  readonly database: string;
  /** The name of the model that was written. */
  readonly model: string;
  /** The Mongoose call that dropped the value. */
  readonly operation: string;
  /** The tracked path; `null` for values of `removeUnused`. */
  readonly field: string | null;
  /** The value as the documents stored it, with secrets masked as in events. */
  readonly value: unknown;
  /** The documents that held the value, at most 1,000. */
  readonly documentIds: readonly unknown[];
  /** The name of the provider; several names if the value could mean files of several providers. */
  readonly providers: readonly string[];
  /** The machine whose disk has the file (see `localProvider({ machine })`); `null`: any machine. */
  readonly machine: string | null;
  /** When the intent was stored; `null` if somebody has changed the intent. */
  readonly notedAt: Date | null;
  /** When the file is due, with `waiting`, `due` and `claimed`. A worker that dies loses its claim at this time. */
  readonly dueAt: Date | null;
  /** When the file was settled or failed, with `failed` and `settled`. */
  readonly endedAt: Date | null;
  /** When MongoDB deletes the entry, with `settled`. */
  readonly expiresAt: Date | null;
  /** Number of attempts by workers so far. */
  readonly tries: number;
  /** The outcome, with `settled`. */
  readonly outcome: 'removed' | 'missing' | 'kept' | null;
  /** The reason, with the outcome `kept`, where it is known. */
  readonly reason: string | null;
  /** The error of the last attempt, with secrets masked. */
  readonly error: string | null;
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

function fileOf(
  value: IntendedValue,
  { intent, isDue, database }: { intent: Intent; isDue: boolean; database: string },
): JournalledFile {
  const { _id, writtenAt, dueAt, failedAt, settledAt, expiresAt } = intent;
  const { model, operation, machine, tries } = readable(intent);
  const { field, documentIds, files, outcome, reason, error } = value;
  return {
    intentId: textOfId(_id),
    state: stateOf(intent, isDue),
    database,
    model,
    operation,
    field,
    value: value.value,
    documentIds,
    providers: [...new Set(files.map(({ provider }) => provider))],
    machine,
    notedAt: dateOf(writtenAt),
    dueAt: dateOf(dueAt),
    endedAt: dateOf(failedAt ?? settledAt),
    expiresAt: dateOf(expiresAt),
    tries,
    outcome: (outcome as JournalledFile['outcome'] | undefined) ?? null,
    reason: reason ?? null,
    error: error === undefined ? null : withoutSecrets(error),
  };
}

function stateOf({ dueAt, failedAt, claim }: Intent, isDue: boolean): JournalledFile['state'] {
  if (dueAt === undefined) return failedAt === undefined ? 'settled' : 'failed';
  if (isDue) return 'due';
  return claim === undefined ? 'waiting' : 'claimed';
}
