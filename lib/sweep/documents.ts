import type { mongo } from 'mongoose';
import { projectionOf } from '../schema/field-values.js';
import { driverCollection, type AskedCollection } from '../usage/scope.js';
import type { SweepRun } from './run.js';

/** Documents per reply. */
const BATCH = 200;
/**
 * How many documents are read first without being used. V8 decides once for each allocation site, at a garbage
 * collection, whether its objects live long: it assumes so if nearly all of them are still alive, as in the middle of a
 * first long reply. Each document would then leave garbage that only a full collection frees.
 */
const FIRST = 40;

/** The parts of a document that are read: the tracked fields, or everything. */
export interface Parts {
  readonly isWhole?: boolean;
  /** Whether the `_id` is read besides the tracked fields. */
  readonly withId: boolean;
}

/**
 * Yields every document of a collection in storage order, one reply at a time. Each document is created when it is
 * reached, from the bytes of the reply. Documents that the driver's cursor creates take twice the time, and tens of
 * megabytes of them accumulate before they are collected.
 */
export async function* repliesOf(
  run: SweepRun,
  asked: AskedCollection,
  parts: Parts = { withId: run.options.missing },
): AsyncGenerator<Iterable<mongo.Document>> {
  const raw = !isEncrypted(asked);
  await find(asked, parts, { raw }).limit(FIRST).toArray();
  const cursor = find(asked, parts, { raw });
  const read = raw ? readerOf(asked) : (document: mongo.Document) => document;
  try {
    while (!run.isStopped && (await cursor.hasNext())) yield each(cursor.readBufferedDocuments(), read);
  } finally {
    await cursor.close().catch(() => undefined);
  }
}

/** The oldest or the newest documents of a collection. */
export function firstDocuments(
  asked: AskedCollection,
  direction: 1 | -1,
  limit: number,
): Promise<mongo.Document[]> {
  return find(asked, { withId: false }).sort({ _id: direction }).limit(limit).toArray();
}

function find(
  asked: AskedCollection,
  { isWhole = false, withId }: Parts,
  how: mongo.FindOptions = {},
): mongo.FindCursor<mongo.Document> {
  const projection: Record<string, 0 | 1> = projectionOf(asked.fields.map(({ field }) => field));
  if (!withId) projection['_id'] = 0;
  return driverCollection(asked).find(
    {},
    { ...(!isWhole && { projection }), readPreference: 'primary', batchSize: BATCH, ...how },
  );
}

function* each(
  raw: readonly mongo.Document[],
  read: (raw: mongo.Document) => mongo.Document,
): Generator<mongo.Document> {
  for (const one of raw) yield read(one);
}

/** Creates the same values as the driver would, whatever the options of the connection. */
function readerOf(asked: AskedCollection): (bytes: mongo.Document) => mongo.Document {
  const { BSON } = asked.models[0]!.base.mongo;
  const { promoteValues, promoteLongs, promoteBuffers, useBigInt64, bsonRegExp, enableUtf8Validation } =
    driverCollection(asked).bsonOptions;
  const options = {
    promoteValues,
    promoteLongs,
    promoteBuffers,
    useBigInt64,
    bsonRegExp,
    validation: { utf8: enableUtf8Validation !== false },
  };
  return (bytes) => BSON.deserialize(bytes as Uint8Array, options);
}

/** Not every driver decrypts documents that it returns as bytes. */
function isEncrypted({ models }: AskedCollection): boolean {
  return models.some(({ db }) => db.getClient().options.autoEncryption !== undefined);
}
