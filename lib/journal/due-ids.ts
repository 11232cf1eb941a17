import type { mongo } from 'mongoose';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';

/** Intents as a job of another engine names them. */
export interface NamedIntents {
  /** Where they are noted. */
  readonly journal: string;
  /** Their ids in hex digits. */
  readonly ids: readonly string[];
}

type Documents = mongo.Collection<mongo.WithId<mongo.Document> & Intent>;

const isDue = { dueAt: { $type: 'date' as const }, $expr: { $lte: ['$dueAt', '$$NOW'] } };

/** The name of a journal among those of several databases. */
export function nameOfJournal({ connection, options }: Journal): string {
  return `${connection.name}.${options.collection}`;
}

/** The ids of due intents, those first that have been due for longest. Takes none of them. */
export async function dueIds(journal: Journal, limit: number): Promise<string[]> {
  const found = documentsOf(journal).find(isDue, { projection: { _id: 1 }, sort: { dueAt: 1 }, limit });
  return (await found.toArray()).map(({ _id }) => _id.toHexString());
}

/** Takes those of these intents that are due and that no other worker has, as `Journal.claim` does. */
export async function claimThese(
  journal: Journal,
  ids: readonly string[],
  { claim, leaseMs }: { claim: string; leaseMs: number },
): Promise<Intent[]> {
  const _id = { $in: ids.flatMap((id) => idOf(journal, id) ?? []) };
  const taken = await documentsOf(journal).updateMany({ _id, ...isDue }, [
    { $set: { claim, dueAt: { $add: ['$$NOW', leaseMs] } } },
  ]);
  return taken.matchedCount === 0 ? [] : documentsOf(journal).find({ _id, claim }).toArray();
}

/** Makes what failed for good of intents due again, with all its tries. Resolves with the ids of these parts. */
export async function retryFailed(journal: Journal, ids: readonly string[]): Promise<string[]> {
  const from = { $in: ids.flatMap((id) => idOf(journal, id) ?? []) };
  const isFailed = { from, failedAt: { $type: 'date' as const } };
  const parts = await documentsOf(journal)
    .find(isFailed, { projection: { _id: 1 } })
    .toArray();
  if (parts.length === 0) return [];
  await documentsOf(journal).updateMany({ _id: { $in: parts.map(({ _id }) => _id) }, ...isFailed }, [
    { $set: { dueAt: '$$NOW', tries: 0 } },
    { $unset: 'failedAt' },
  ]);
  return parts.map(({ _id }) => _id.toHexString());
}

/** Jobs can be written by anybody: `undefined` for what is no id. */
function idOf({ connection }: Journal, id: string): mongo.ObjectId | undefined {
  const { ObjectId } = connection.base.mongo;
  return ObjectId.isValid(id) ? new ObjectId(id) : undefined;
}

function documentsOf({ connection, options }: Journal): Documents {
  const { db } = connection;
  if (!db) throw new Error('the connection is not open');
  return (db as unknown as mongo.Db).collection(options.collection) as unknown as Documents;
}
