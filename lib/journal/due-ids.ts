import type { mongo } from 'mongoose';
import type { Intent } from './intent.js';
import type { Journal, Looking, Taking } from './journal.js';

/** Intents as a job of an external job queue names them. */
export interface NamedIntents {
  /** The name of their journal. */
  readonly journal: string;
  /** Their ids in hex digits. */
  readonly ids: readonly string[];
}

/** The name of a journal among those of several databases. */
export function nameOfJournal({ connection, options }: Journal): string {
  return `${connection.name}.${options.collection}`;
}

/** The ids of due intents in hex digits. Does not take the intents. */
export async function dueIds(journal: Journal, looking: Looking): Promise<string[]> {
  return (await journal.due(looking)).map((id) => id.toHexString());
}

/** Takes those of these intents that are due and that no other worker has. */
export async function claimThese(
  journal: Journal,
  ids: readonly string[],
  { claim, ...taking }: Taking & { claim: string; leaseMs: number },
): Promise<Intent[]> {
  return journal.take(
    claim,
    ids.flatMap((id) => idOf(journal, id) ?? []),
    taking,
  );
}

/**
 * Makes the failed parts of intents due again, with their full number of attempts. Resolves with the ids of these
 * parts.
 */
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

/** Anybody can write a job: returns `undefined` for a text that is not an id. */
function idOf({ connection }: Journal, id: string): mongo.ObjectId | undefined {
  const { ObjectId } = connection.base.mongo;
  return ObjectId.isValid(id) ? new ObjectId(id) : undefined;
}
