import type { mongo } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { driverCollection } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import type { Examination } from './examination.js';

/** Which documents are read. */
export interface Wanted {
  readonly filter: object;
  readonly projection?: Readonly<Record<string, 0 | 1>>;
  readonly limit: number;
}

/** Documents per reply, so that not too many large documents are in memory. */
const BATCH = 100;

/**
 * Yields the newest and the oldest documents of a collection, half of each, since old documents often hold what an app
 * wrote before a change. Ignores all hooks and filters. If a read takes too long, a note says so, and the documents
 * read until then are used.
 */
export async function* sampledDocuments(
  run: Examination,
  model: AnyModel,
  wanted: Wanted,
): AsyncGenerator<mongo.Document> {
  const half = Math.ceil(wanted.limit / 2);
  const seen = new Set<string>();
  try {
    for (const [direction, limit] of [
      [-1, half],
      [1, wanted.limit - half],
    ] as const) {
      if (direction === 1 && (seen.size < half || limit === 0)) return;
      for await (const document of find(run, model, wanted).sort({ _id: direction }).limit(limit)) {
        run.options.signal?.throwIfAborted();
        const id = String(document._id);
        if (!seen.has(id)) yield document;
        seen.add(id);
      }
    }
  } catch (thrown) {
    run.options.signal?.throwIfAborted();
    run.note(`"${model.modelName}" could not be read to the end: ${asError(thrown).message}`);
  }
}

function find(
  run: Examination,
  model: AnyModel,
  { filter, projection }: Wanted,
): mongo.FindCursor<mongo.Document> {
  const asked = { connection: model.db, name: model.collection.name, fields: [], models: [model] };
  return driverCollection(asked).find(filter as mongo.Filter<mongo.Document>, {
    ...(projection && { projection }),
    maxTimeMS: run.timeoutMs,
    batchSize: BATCH,
  });
}
