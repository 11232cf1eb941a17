import type { mongo } from 'mongoose';
import type { Intent } from './intent.js';
import type { IntentDocument, Journal } from './journal.js';

/** Intents as a job of another engine names them. */
export interface NamedIntents {
  /** Where they are noted. */
  readonly journal: string;
  /** Their ids in hex digits. */
  readonly ids: readonly string[];
}

/** Whose intents a process takes. */
interface Taking {
  /** Those whose disks it has; intents of no machine are for all. */
  readonly machines: readonly string[];
}

const isDue = { dueAt: { $type: 'date' as const }, $expr: { $lte: ['$dueAt', '$$NOW'] } };

/** The name of a journal among those of several databases. */
export function nameOfJournal({ connection, options }: Journal): string {
  return `${connection.name}.${options.collection}`;
}

/** The ids of due intents, those first that have been due for longest. Takes none of them. */
export async function dueIds(
  journal: Journal,
  { limit, machines, lacking }: Taking & { limit: number; lacking: readonly string[] },
): Promise<string[]> {
  const areOthers = { $nin: [...lacking] };
  const isKnown = lacking.length > 0 && { model: areOthers, alsoAsking: areOthers };
  const found = journal.collection.find(
    { ...areOf(machines), ...isDue, ...isKnown },
    { projection: { _id: 1 }, sort: { dueAt: 1 }, limit },
  );
  return (await found.toArray()).map(({ _id }) => _id.toHexString());
}

/** Takes those of these intents that are due and that no other worker has, as `Journal.claim` does. */
export async function claimThese(
  journal: Journal,
  ids: readonly string[],
  { claim, leaseMs, machines }: Taking & { claim: string; leaseMs: number },
): Promise<Intent[]> {
  const _id = { $in: ids.flatMap((id) => idOf(journal, id) ?? []) };
  const taken = await journal.collection.updateMany({ ...areOf(machines), _id, ...isDue }, [
    { $set: { claim, dueAt: { $add: ['$$NOW', leaseMs] } } },
  ]);
  return taken.matchedCount === 0 ? [] : journal.collection.find({ _id, claim }).toArray();
}

/** Makes what failed for good of intents due again, with all its tries. Resolves with the ids of these parts. */
export async function retryFailedParts(journal: Journal, ids: readonly string[]): Promise<string[]> {
  const from = { $in: ids.flatMap((id) => idOf(journal, id) ?? []) };
  const isFailed = { from, failedAt: { $type: 'date' as const } };
  const parts = await journal.collection.find(isFailed, { projection: { _id: 1 } }).toArray();
  if (parts.length === 0) return [];
  await journal.collection.updateMany({ _id: { $in: parts.map(({ _id }) => _id) }, ...isFailed }, [
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

function areOf(machines: readonly string[]): mongo.Filter<IntentDocument> {
  return { machine: { $in: [null, ...machines] } } as mongo.Filter<IntentDocument>;
}
