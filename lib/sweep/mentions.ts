import type { TrackedField } from '../schema/tracked-field.js';
import { safeReadingsOf } from '../usage/meaning.js';
import { driverCollection, type AskedCollection } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { repliesOf } from './documents.js';
import { excerptOf } from './excerpt.js';
import { stays } from './derived-files.js';
import { comparableKey } from './key-table.js';
import { OrphanNames } from './orphan-names.js';
import { collectionsToSearch } from './other-collections.js';
import { PackedAssets } from './packed-assets.js';
import { databaseOf, modelNameOf, noteCollection, refuseUnread } from './references.js';
import type { UnclearFile } from './report.js';
import { nameOf, NOWHERE, type Listed, type SweepRun } from './run.js';
import { DocumentWalk, type FoundText, type Search } from './texts.js';

type Source = Omit<UnclearFile, 'asset' | 'name'>;

/**
 * Removes from the seeming orphans those whose names a document mentions. Reads all documents of the connections'
 * models as a whole; with `onlyTracked`, only their tracked fields. Reads nothing if there are no seeming orphans.
 */
export async function withoutMentioned(run: SweepRun, seeming: readonly Listed[]): Promise<Listed[]> {
  const names = new OrphanNames<Source>();
  let isAny = false;
  for (const { storage, candidates } of seeming) {
    for (const { key } of candidates) {
      names.add(nameOf({ provider: storage.provider.name, key }, storage.provider));
      isAny = true;
    }
  }
  for (const asked of isAny ? collectionsToSearch(run) : []) {
    if (run.isStopped) break;
    await searchCollection(run, asked, new Searching(run, asked, names));
  }
  return seeming.map((listed) => leftOf(run, listed, names));
}

function leftOf(run: SweepRun, { storage, candidates }: Listed, names: OrphanNames<Source>): Listed {
  const { counts, bytes, table } = run;
  const { provider } = storage;
  const orphans = new PackedAssets();
  for (const { key, details } of candidates) {
    const asset = { provider: provider.name, key };
    const name = nameOf(asset, provider);
    const mention = names.mentionOf(name);
    const isUsed = table.isMarked(comparableKey({ asset, provider }));
    if (isUsed || mention) stays(run, { asset, provider }, isUsed);
    if (isUsed) counts.used++;
    else if (mention) run.unclearFile({ asset, name, ...(mention.source ?? NOWHERE) });
    else {
      orphans.add(key, details);
      counts.orphans++;
      bytes.orphans += details?.size ?? 0;
    }
  }
  return { storage, candidates: orphans };
}

/** Searches one collection for mentions of the names. */
class Searching {
  readonly walk: DocumentWalk;
  documentId: unknown;
  readonly #run: SweepRun;
  readonly #asked: AskedCollection;
  readonly #names: OrphanNames<Source>;

  constructor(run: SweepRun, asked: AskedCollection, names: OrphanNames<Source>) {
    this.#run = run;
    this.#asked = asked;
    this.#names = names;
    this.walk = new DocumentWalk(
      asked.fields.map(({ field }) => field),
      {
        value: (value, fields) => this.#value(value, fields),
        text: (found) => this.#text(found),
        reference: (found) => this.#reference(found),
        id: (id) => this.#id(id),
      },
    );
  }

  /**
   * A value that leads to a listed file mentions no other file. A document that stored the value only now uses its
   * file.
   */
  #value(value: unknown, fields: readonly TrackedField[]): Search {
    const { table, used, swept, mode } = this.#run;
    // images in a text were read before, and anything else that it mentions is kept
    if (fields.some(({ text }) => text)) return 'all';
    // with look-ups, no value has been read yet, and each value has the path of the uploads
    if (typeof value === 'string' && mode === 'pass' && !this.#names.mayBeIn(value)) return 'none';
    const readers = this.#asked.fields
      .filter(({ field }) => fields.includes(field))
      .flatMap((one) => one.readers);
    const own = readers.flatMap((reader) => safeReadingsOf(value, reader));
    const readings = own.length > 0 ? own : swept.flatMap((reader) => safeReadingsOf(value, reader));
    const listed = readings.filter((reading) => table.mark(comparableKey(reading)));
    for (const reading of listed) used.noteUsed(reading);
    // an upload result names its file in several ways
    if (listed.length > 0) return typeof value === 'object' ? 'beside' : 'none';
    if (own[0]) used.noteStored(own[0]);
    const isElsewhere = own[0] !== undefined && !swept.includes(own[0].provider);
    return isElsewhere ? 'none' : 'all';
  }

  #text({ text, isWhole, isTracked, path }: FoundText): void {
    if (this.#run.options.onlyTracked && !isTracked) return;
    this.#names.mark(text, isWhole, (found) => this.#source(text, path.join('.'), found));
  }

  #reference({ text, isTracked, path }: FoundText): void {
    if (this.#run.options.onlyTracked && !isTracked) return;
    this.#names.markWhole(text, (found) => this.#source(text, path.join('.'), found));
  }

  #id(id: string): void {
    if (this.#run.options.onlyTracked) return;
    this.#names.markBare(id, (found) => this.#source(id, '_id', found));
  }

  #source(text: string, field: string, found: string): Source {
    return {
      model: modelNameOf(this.#asked, field),
      database: databaseOf(this.#asked),
      collection: this.#asked.name,
      documentId: this.documentId,
      field,
      value: excerptOf(text, found, this.#run.swept),
    };
  }
}

async function searchCollection(run: SweepRun, asked: AskedCollection, searching: Searching): Promise<void> {
  const what = `${databaseOf(asked)}.${asked.name}`;
  let documents = 0;
  try {
    const total = await estimateOf(asked);
    const progress = (): void => {
      const known = total === undefined ? {} : { total: Math.max(total, documents) };
      run.progress({ stage: 'mentions', what, done: documents, ...known });
    };
    const isWhole = !run.options.onlyTracked;
    for await (const reply of repliesOf(run, asked, { isWhole, withId: true })) {
      for (const document of reply) {
        if (run.isStopped) return;
        searching.documentId = document['_id'];
        searching.walk.document(document);
        if (++documents % 1000 === 0) progress();
      }
    }
    progress();
  } catch (thrown) {
    if (run.isStopped) return;
    refuseUnread(run, asked, asError(thrown));
  }
  if (asked.fields.length === 0) noteCollection(run, asked, { documents, references: 0 });
}

/** The number is not known for a view. */
async function estimateOf(asked: AskedCollection): Promise<number | undefined> {
  return driverCollection(asked)
    .estimatedDocumentCount()
    .catch(() => undefined);
}
