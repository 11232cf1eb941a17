import type { mongo } from 'mongoose';
import { isBelowMap, valuesAt } from '../fields.js';
import { fieldsWithoutIndex } from '../removal/index-check.js';
import type { Place } from '../removal/question.js';
import { asError } from '../removal/time-limit.js';
import { firstDocuments, repliesOf } from './documents.js';
import { comparableKey, KeyTable } from './key-table.js';
import { hasNow } from './listing.js';
import { ReferenceReader, type Where } from './reader.js';
import type { Listed, SweepRun } from './run.js';

/** Fewer documents than this are always read: it takes a second. */
const FEW_DOCUMENTS = 100_000;
/** One look-up of a file (some ten forms, each a seek in an index) costs about as much as reading so many documents. */
const LOOK_UP_COST = 20;
/** Documents at either end of a collection that must be plain before files are looked up instead. */
const SAMPLE = 500;

/**
 * Reads all references, after the listing. Documents come in the order in which they are stored, past every hook, scope
 * and filter: an index on the field would be quicker, but a value that changes during the pass can slip past its cursor.
 */
export async function readReferences(run: SweepRun, listed: readonly Listed[]): Promise<ReferenceReader> {
  const reader = new ReferenceReader(run);
  if (await canBeLookedUp(run, listed)) {
    run.mode = 'look-ups';
    for (const place of run.scope.places) noteCollection(run, place, 0, 0);
    return reader;
  }
  for (const place of run.scope.places) {
    if (run.isStopped) break;
    await readPlace(run, place, reader);
  }
  await settleDoubtful(run, reader);
  return reader;
}

async function readPlace(run: SweepRun, place: Place, reader: ReferenceReader): Promise<void> {
  const { collectionName: collection, dbName: database } = place.collection;
  const what = `${database}.${collection}`;
  const before = reader.references;
  let documents = 0;
  try {
    const total = await place.collection.estimatedDocumentCount();
    const progress = (): void => {
      run.progress({ stage: 'references', what, done: documents, total: Math.max(total, documents) });
    };
    const readers = reader.readersFor(place);
    for await (const reply of repliesOf(run, place)) {
      for (const document of reply) {
        if (run.isStopped) break;
        for (const field of place.fields) {
          const about = (): Where => whereOf(place, document, field.path);
          for (const value of valuesAt(document, field)) reader.see(value, readers, about);
        }
        if (reader.isFull) await reader.lookForUnlisted();
        if (++documents % 1000 === 0) progress();
      }
    }
    await reader.lookForUnlisted();
    progress();
  } catch (thrown) {
    if (run.isStopped) return;
    const error = asError(thrown);
    const names = place.models.map(({ modelName }) => modelName).join(', ');
    run.refuse(
      'unread-model',
      `the documents of ${names} (${what}) could not be read: ${error.message}`,
      error,
    );
  }
  noteCollection(run, place, documents, reader.references - before);
}

function whereOf({ collection, models, fields }: Place, document: mongo.Document, field: string): Where {
  const named =
    models.length === 1 ? models : models.filter(({ schema }) => schema.path(field) !== undefined);
  return {
    model: (named[0] ?? models[0])?.modelName ?? '',
    database: collection.dbName,
    collection: collection.collectionName,
    documentId: document['_id'] as unknown,
    field: fields.find(({ path }) => path === field)?.path ?? field,
  };
}

function noteCollection(run: SweepRun, place: Place, documents: number, references: number): void {
  const { host, port } = place.models[0]?.db ?? {};
  run.collection({
    host: `${host ?? ''}:${String(port ?? '')}`,
    database: place.collection.dbName,
    collection: place.collection.collectionName,
    models: place.models.map(({ modelName }) => modelName),
    fields: place.fields.map(({ path }) => path),
    documents,
    references,
  });
}

/** A document may have been saved with its file after the listing: what the listing after it has is not missing. */
async function settleDoubtful(run: SweepRun, reader: ReferenceReader): Promise<void> {
  if (reader.doubtful.length === 0 || run.isStopped) return;
  const now = new KeyTable();
  try {
    for (const storage of run.storages) await hasNow(storage, (key) => now.add(key));
  } catch (thrown) {
    run.notes.push(
      `missing files could not be told: the second listing broke off: ${asError(thrown).message}`,
    );
    return;
  }
  for (const missing of reader.doubtful) if (!now.has(comparableKey(missing.asset))) run.missingFile(missing);
}

/**
 * Where many documents use few files, each file is asked for instead. Only if indexes answer every question, and if
 * the oldest and the newest documents show nothing that a question could not find: no value that leads to no listed
 * file, as those with unlisted hosts or through symbolic links do.
 */
async function canBeLookedUp(run: SweepRun, listed: readonly Listed[]): Promise<boolean> {
  const { places } = run.scope;
  const files = listed.reduce((sum, { candidates }) => sum + candidates.length, 0);
  if (run.options.missing || files === 0 || needsScan(listed)) return false;
  try {
    const counts = await Promise.all(places.map(({ collection }) => collection.estimatedDocumentCount()));
    const documents = counts.reduce((sum, count) => sum + count, 0);
    if (documents < FEW_DOCUMENTS || documents < files * LOOK_UP_COST) return false;
    for (const { fields, models } of places) {
      if (fields.some(isBelowMap)) return false;
      if (models[0] && (await fieldsWithoutIndex(models[0], fields)).length > 0) return false;
    }
    for (const place of places) if (!(await isPlain(run, place))) return false;
    return true;
  } catch {
    return false; // the pass will say what is wrong
  }
}

/** A cloud's URLs hold the id in the middle: a question for one asset reads every document. */
function needsScan(listed: readonly Listed[]): boolean {
  return listed.some(({ storage: { provider }, candidates }) => {
    for (const { key } of candidates)
      return (provider.forms({ provider: provider.name, key }).scan ?? []).length > 0;
    return false;
  });
}

async function isPlain(run: SweepRun, place: Place): Promise<boolean> {
  const reader = new ReferenceReader(run);
  const readers = reader.readersFor(place);
  const about = (): Where => whereOf(place, {}, '');
  for (const direction of [1, -1] as const) {
    for (const document of await firstDocuments(run, place, direction, SAMPLE)) {
      for (const field of place.fields) {
        for (const value of valuesAt(document, field)) if (!reader.see(value, readers, about)) return false;
      }
    }
  }
  return true;
}
