import type { Connection } from 'mongoose';
import type { Intent } from '../../lib/journal/intent.js';

export const INTENTS = 'imagecleanupintents';

/** What the journal of a connection holds, in the order in which it was written. */
export async function intentsOf(connection: Connection, collection = INTENTS): Promise<Intent[]> {
  const found = await connection
    .collection(collection)
    .find({}, { sort: { writtenAt: 1, _id: 1 } })
    .toArray();
  return found as unknown as Intent[];
}

/** Lets so many milliseconds pass for all intents, by the server's clock. */
export async function letTimePass(connection: Connection, ms: number, collection = INTENTS): Promise<void> {
  await connection.collection(collection).updateMany({}, [
    {
      $set: {
        writtenAt: { $subtract: ['$writtenAt', ms] },
        dueAt: { $cond: [{ $eq: [{ $type: '$dueAt' }, 'date'] }, { $subtract: ['$dueAt', ms] }, '$dueAt'] },
      },
    },
  ] as never);
}
