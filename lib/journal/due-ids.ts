import type { mongo } from 'mongoose';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';

/** What a job of another engine says of an intent: where it is noted, and its id in hex digits. */
export interface IntentName {
  readonly journal: string;
  readonly intent: string;
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

/** Takes an intent as `Journal.claim` does; `undefined`: it is not due, another worker has it, or it is gone. */
export async function claimById(
  journal: Journal,
  id: string,
  { claim, leaseMs }: { claim: string; leaseMs: number },
): Promise<Intent | undefined> {
  const { ObjectId } = journal.connection.base.mongo;
  if (!ObjectId.isValid(id)) return undefined;
  const _id = new ObjectId(id);
  const taken = await documentsOf(journal).updateOne({ _id, ...isDue }, [
    { $set: { claim, dueAt: { $add: ['$$NOW', leaseMs] } } },
  ]);
  if (taken.matchedCount === 0) return undefined;
  return (await documentsOf(journal).findOne({ _id, claim })) ?? undefined;
}

/** Makes what failed for good of an intent due again, with all its tries. Resolves with the ids of these parts. */
export async function retryFailed(journal: Journal, id: string): Promise<string[]> {
  const { ObjectId } = journal.connection.base.mongo;
  if (!ObjectId.isValid(id)) return [];
  const isFailed = { from: new ObjectId(id), failedAt: { $type: 'date' as const } };
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

function documentsOf({ connection, options }: Journal): Documents {
  const { db } = connection;
  if (!db) throw new Error('the connection is not open');
  return (db as unknown as mongo.Db).collection(options.collection) as unknown as Documents;
}
