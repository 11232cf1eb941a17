import type { mongo } from 'mongoose';
import { comparable } from '../providers/stored-value.js';
import {
  ANYTHING,
  checkOptions,
  integer,
  oneOf,
  refuse,
  refuseUndefined,
  TEXT,
} from '../shared/option-rules.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import { formsOfId, textOfId } from './document-id.js';
import type { Intent, IntendedValue } from './intent.js';
import type { Journal } from './journal.js';
import { dateOf, readable } from './readable.js';

/** Which files of the journal are meant. */
export interface JournalQuery {
  /**
   * A document that held them: its `_id`, or that as text (an ObjectId in hex, a UUID, a number, a string). Of a write over many
   * documents that held one file, the journal knows the first 1,000.
   */
  documentId?: unknown;
  /** The intent that they were noted in, as `intentId` says. */
  intentId?: string;
}

/** Which files of the journal are listed, and how many. */
export interface JournalListQuery extends JournalQuery {
  /** `'open'`: those that wait. `'failed'`: for good. `'settled'`: as long as `keepSettled` says. Default: all. */
  state?: 'open' | 'failed' | 'settled';
  /** The most files, from 1. Default: all. */
  limit?: number;
}

/** One value that a write dropped, and what became, or is to become, of its file. Times are those of the MongoDB server. */
export interface JournalledFile {
  /** The intent, which may hold further files of the same write. */
  readonly intentId: string;
  /**
   * `waiting`: until `dueAt`. `due`: the next worker takes it. `claimed`: a worker has it. `failed`: for good, until `retry`.
   * `settled`: it has an outcome.
   */
  readonly state: 'waiting' | 'due' | 'claimed' | 'failed' | 'settled';
  readonly database: string;
  readonly model: string;
  /** The Mongoose call that dropped it. */
  readonly operation: string;
  /** The tracked path; `null` for values of `removeUnused`. */
  readonly field: string | null;
  /** What the documents stored, masked as in events. */
  readonly value: unknown;
  /** The documents that held it, at most 1,000. */
  readonly documentIds: readonly unknown[];
  /** One provider, or several where the value could mean files of several. */
  readonly providers: readonly string[];
  /** The machine whose disk has the file, see `localProvider({ machine })`; `null`: any. */
  readonly machine: string | null;
  /** `null`: somebody has changed the intent. */
  readonly notedAt: Date | null;
  /** With `waiting`, `due` and `claimed`. A worker that ends without a word loses its claim then. */
  readonly dueAt: Date | null;
  /** With `failed` and `settled`. */
  readonly endedAt: Date | null;
  /** With `settled`: when MongoDB deletes the entry. */
  readonly expiresAt: Date | null;
  /** Tries of workers so far. */
  readonly tries: number;
  /** With `settled`. */
  readonly outcome: 'removed' | 'missing' | 'kept' | null;
  /** With `kept`, where it is known. */
  readonly reason: string | null;
  /** What the last try came to, without what looks like a secret. */
  readonly error: string | null;
}

/** Numbers of files in the journal. */
export interface JournalCounts {
  /** Those that wait, are due, or are claimed. */
  readonly open: number;
  readonly failed: number;
  /** As far as `keepSettled` keeps them. */
  readonly settled: number;
}

type State = keyof JournalCounts;

const ENDS = { open: 'dueAt', failed: 'failedAt', settled: 'settledAt' } as const;

/** An intent, and whether it is due by the server's clock. */
type Row = Intent & { readonly isDue: boolean };

/** The files of these journals that are meant, in the order in which they were noted, read as they are asked for. */
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

/** Those of the document that is asked for. */
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
  // one that somebody has changed is a file as well
  const values = { $cond: [{ $isArray: '$values' }, '$values', [null]] };
  return journal.collection.aggregate<{ _id: State; files: number }>([
    { $match: meantBy(query, journal) },
    { $group: { _id: state, files: { $sum: { $size: values } } } },
  ]);
}

/** Failed intents become due at once, with all their tries before them. Resolves with the number of intents. */
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

const ALL_WITHOUT = 'give an id, or leave the option out for all files';

/** @throws TypeError for wrong options of `owner`. */
export function checkQuery(
  owner: string,
  query: JournalQuery,
  own: Parameters<typeof checkOptions>[2] = {},
): void {
  checkOptions(owner, query, { documentId: ANYTHING, intentId: TEXT, ...own });
  refuseUndefined(owner, query, { documentId: ALL_WITHOUT, intentId: ALL_WITHOUT });
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
