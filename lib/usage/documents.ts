import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import { projectionOf } from '../schema/field-values.js';
import type { AnyModel } from '../schema/options.js';
import { driverCollection, isIn, type AskedCollection } from './scope.js';

/** Which documents of the collections are read, and for how long. */
export interface ReadLimits {
  readonly timeoutMs: number;
  /** Set for `references: 'document'`: only these documents of the model's own collection are asked. */
  readonly onlyDocuments?: { readonly model: AnyModel; readonly ids: readonly unknown[] } | undefined;
}

/** How many milliseconds a read continues before other work of the process has its turn. */
const TURN_MS = 20;
/**
 * How many documents a reply has if everything is read. A small collection fits into one reply, unless it exceeds 16
 * MB.
 */
const LARGE_REPLY = 10_001;

/** The documents that match one of the conditions. Reads from the primary, outside of all sessions. */
export function find(
  asked: AskedCollection,
  conditions: readonly object[],
  { timeoutMs, onlyDocuments, limit }: ReadLimits & { readonly limit?: number },
): mongo.FindCursor<mongo.Document> {
  const only = onlyDocuments && isIn(asked, onlyDocuments.model) && { _id: { $in: onlyDocuments.ids } };
  const filter = { ...only, $or: conditions } as mongo.Filter<mongo.Document>;
  return driverCollection(asked).find(filter, {
    projection: projectionOf(asked.fields.map(({ field }) => field)),
    readPreference: 'primary',
    maxTimeMS: timeoutMs,
    // one document more than the limit, so that the first reply ends the cursor and no second command is needed
    ...(limit === undefined ? { batchSize: LARGE_REPLY } : { limit, batchSize: limit + 1 }),
  });
}

/** Reads until `read` returns `true`, or the signal is aborted. */
export async function readAll(
  cursor: mongo.FindCursor<mongo.Document>,
  signal: AbortSignal,
  read: (document: mongo.Document) => boolean,
): Promise<void> {
  let turn = performance.now();
  try {
    while (await cursor.hasNext()) {
      // without a promise for each document
      for (const document of cursor.readBufferedDocuments()) {
        if (read(document)) return;
        if (performance.now() - turn < TURN_MS) continue;
        // a reply with thousands of documents would block the process, and the timer of the time limit
        await setImmediate();
        signal.throwIfAborted();
        turn = performance.now();
      }
    }
  } finally {
    await cursor.close();
  }
}
