import { withoutSecrets } from '../shared/without-secrets.js';
import { textOfId } from './document-id.js';
import type { IntendedValue, Intent } from './intent.js';
import { dateOf, readable } from './readable-intent.js';

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

export function fileOf(
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
