import type { mongo } from 'mongoose';
import { projectionOf } from '../schema/field-values.js';
import { driverCollection, type AskedCollection } from '../usage/scope.js';
import type { SweepRun } from './run.js';

/** Documents of one reply. */
const BATCH = 200;
/**
 * Documents read for nothing at first. V8 decides once for each kind of object, at a collection, whether it is old from birth:
 * it is if nearly all made so far are alive, as in the midst of a first long reply. Then each document would leave garbage
 * that only a full collection takes.
 */
const FIRST = 40;

/** What of a document is read: the tracked fields, or all of it. */
export interface Parts {
  readonly isWhole?: boolean;
  /** Its `_id` beside the tracked fields. */
  readonly withId: boolean;
}

/**
 * Every document of a collection in the order in which they are stored, a reply at a time. Each is made when its turn comes, from
 * the bytes of the reply: made by the driver's cursor they take twice the time and pile up, tens of megabytes of them, before
 * they are collected.
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

/** The same values that the driver would make, whatever the options of the connection. */
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

/** Not every driver decrypts documents that it hands over as bytes. */
function isEncrypted({ models }: AskedCollection): boolean {
  return models.some(({ db }) => db.getClient().options.autoEncryption !== undefined);
}
