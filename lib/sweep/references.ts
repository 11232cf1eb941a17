import type { mongo } from 'mongoose';
import type { ReadCollection } from './report.js';
import { isBelowMap, usesAt } from '../schema/field-values.js';
import { missingIndexes } from '../usage/index-check.js';
import { driverCollection, type AskedCollection } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { firstDocuments, repliesOf } from './documents.js';
import { comparableKey, KeyTable } from './key-table.js';
import { leaveIntended } from './intended.js';
import { hasNow } from './listing.js';
import { ReferenceReader, type Where } from './reader.js';
import type { Listed, SweepRun } from './run.js';

/** Fewer documents than this are always read, which takes about a second. */
const FEW_DOCUMENTS = 100_000;
/**
 * One look-up of a file (about ten forms, each a search in an index) costs about as much as reading this many
 * documents.
 */
const LOOK_UP_COST = 20;
/** How many documents at each end of a collection must have plain values before files are looked up instead. */
const SAMPLE = 500;

/**
 * Reads all references after the listing. Documents are read in storage order, without hooks, scopes and filters: an
 * index on the field would be faster, but a value that changes during the pass can be missed by its cursor.
 */
export async function readReferences(run: SweepRun, listed: readonly Listed[]): Promise<ReferenceReader> {
  const reader = new ReferenceReader(run);
  await leaveIntended(run);
  if (await canBeLookedUp(run, listed)) {
    run.mode = 'look-ups';
    for (const asked of run.scope.collections) noteCollection(run, asked, { documents: 0, references: 0 });
    return reader;
  }
  for (const asked of run.scope.collections) {
    if (run.isStopped) break;
    await readCollection(run, asked, reader);
  }
  await tellMissing(run, reader);
  return reader;
}

async function readCollection(run: SweepRun, asked: AskedCollection, reader: ReferenceReader): Promise<void> {
  const what = `${databaseOf(asked)}.${asked.name}`;
  const before = reader.references;
  let documents = 0;
  try {
    const total = await driverCollection(asked).estimatedDocumentCount();
    const progress = (): void => {
      run.progress({ stage: 'references', what, done: documents, total: Math.max(total, documents) });
    };
    for await (const reply of repliesOf(run, asked)) {
      for (const document of reply) {
        if (run.isStopped) break;
        for (const one of asked.fields) {
          const about = (): Where => whereOf(asked, document, one.field.path);
          for (const value of usesAt(document, one.field)) reader.see(value, one, about);
        }
        if (reader.isFull) await reader.lookForUnlisted();
        if (++documents % 1000 === 0) progress();
      }
    }
    await reader.lookForUnlisted();
    progress();
  } catch (thrown) {
    if (run.isStopped) return;
    refuseUnread(run, asked, asError(thrown));
  }
  noteCollection(run, asked, { documents, references: reader.references - before });
}

/** If documents could not be read, their references are not known, and nothing is removed. */
export function refuseUnread(run: SweepRun, asked: AskedCollection, error: Error): void {
  const names = asked.models.map(({ modelName }) => modelName).join(', ');
  const what = `${databaseOf(asked)}.${asked.name}`;
  run.refuse(
    'unread-model',
    `the documents of ${names} (${what}) could not be read: ${error.message}`,
    error,
  );
}

function whereOf(asked: AskedCollection, document: mongo.Document, field: string): Where {
  return {
    model: modelNameOf(asked, field),
    database: databaseOf(asked),
    collection: asked.name,
    documentId: document['_id'] as unknown,
    field,
  };
}

/** The model of the collection that has the field. */
export function modelNameOf({ models }: AskedCollection, field: string): string {
  const named =
    models.length === 1 ? models : models.filter(({ schema }) => schema.path(field) !== undefined);
  return (named[0] ?? models[0])?.modelName ?? '';
}

export function noteCollection(
  run: SweepRun,
  asked: AskedCollection,
  { documents, references }: Pick<ReadCollection, 'documents' | 'references'>,
): void {
  const { host, port } = asked.connection as { host?: string; port?: number };
  run.collection({
    host: `${host ?? ''}:${String(port ?? '')}`,
    database: databaseOf(asked),
    collection: asked.name,
    models: asked.models.map(({ modelName }) => modelName),
    fields: asked.fields.map(({ field }) => field.path),
    documents,
    references,
  });
}

export function databaseOf({ connection }: AskedCollection): string {
  return connection.name;
}

/** A document may have been saved with its file after the listing: a file in a second listing is not missing. */
async function tellMissing(run: SweepRun, reader: ReferenceReader): Promise<void> {
  if (reader.doubtful.length === 0 || run.isStopped) return;
  const now = new KeyTable();
  try {
    for (const storage of run.storages) await hasNow(storage, (key) => now.add(key));
  } catch (thrown) {
    run.notes.push(
      `missing files could not be determined: the second listing failed: ${asError(thrown).message}`,
    );
    return;
  }
  for (const { missing, reading } of reader.doubtful) {
    if (!now.has(comparableKey(reading))) run.missingFile(missing);
  }
}

/**
 * If many documents use few files, each file is asked for instead. This is possible only if indexes serve every
 * question, and if the oldest and the newest documents have no value that leads to no listed file, such as those with
 * unlisted hosts or through symbolic links, since a question could not find such values.
 */
async function canBeLookedUp(run: SweepRun, listed: readonly Listed[]): Promise<boolean> {
  const { collections } = run.scope;
  const files = listed.reduce((sum, { candidates }) => sum + candidates.length, 0);
  // originals of derived files cannot be asked for one by one
  if (run.options.missing || files === 0 || run.derived.areAny || needsScan(listed)) return false;
  try {
    const counts = await Promise.all(
      collections.map((asked) => driverCollection(asked).estimatedDocumentCount()),
    );
    const documents = counts.reduce((sum, count) => sum + count, 0);
    if (documents < FEW_DOCUMENTS || documents < files * LOOK_UP_COST) return false;
    for (const { fields, models } of collections) {
      const paths = fields.map(({ field }) => field);
      if (paths.some((path) => isBelowMap(path) || path.text)) return false;
      if ((await missingIndexes(models, paths)).length > 0) return false;
    }
    for (const asked of collections) if (!(await isPlain(run, asked))) return false;
    return true;
  } catch {
    return false; // the pass reports what is wrong
  }
}

/** The URLs of a cloud have the id in the middle, so that a question for one asset would read every document. */
function needsScan(listed: readonly Listed[]): boolean {
  return listed.some(({ storage: { provider }, candidates }) => {
    for (const { key } of candidates)
      return (provider.forms({ provider: provider.name, key }).scan ?? []).length > 0;
    return false;
  });
}

async function isPlain(run: SweepRun, asked: AskedCollection): Promise<boolean> {
  const reader = new ReferenceReader(run);
  const about = (): Where => whereOf(asked, {}, '');
  for (const direction of [1, -1] as const) {
    for (const document of await firstDocuments(asked, direction, SAMPLE)) {
      for (const one of asked.fields) {
        for (const value of usesAt(document, one.field)) if (!reader.see(value, one, about)) return false;
      }
    }
  }
  return true;
}
