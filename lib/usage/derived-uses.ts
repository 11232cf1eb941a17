import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import type { StorageProvider, SweepableProvider } from '../providers/provider.js';
import { imagesAt, projectionOf, queryablePath, valuesAt } from '../schema/field-values.js';
import { addTo } from '../shared/groups.js';
import { derivationOf } from './derivation.js';
import { stringsIn } from './mentions.js';
import { folded, namesWithin } from './names.js';
import type { HowToAsk } from './question.js';
import type { Use } from './reader.js';
import { identityOf, kindOf, readingsOf, type Reading } from './reading.js';
import { driverCollection, type AskedCollection, type AskedField, type Scope } from './scope.js';

/** Providers with derived files, by their kind. */
export type Derivers = ReadonlyMap<string, readonly StorageProvider[]>;

/** How many milliseconds a read continues before other work of the process has its turn. */
const TURN_MS = 20;

/**
 * The providers in the scope that have derived files of these kinds; `undefined` if there are none, which costs
 * nothing.
 */
export function deriversOf(files: readonly Reading[], { collections }: Scope): Derivers | undefined {
  const readers = collections.flatMap(({ fields }) => fields.flatMap((field) => field.readers));
  const all = new Set([...readers, ...files.map(({ provider }) => provider)]);
  const kinds = new Set(files.map(({ provider }) => kindOf(provider)));
  const derivers = new Map<string, StorageProvider[]>();
  for (const one of all) if (one.derivedOf && kinds.has(kindOf(one))) addTo(derivers, kindOf(one), one);
  return derivers.size > 0 ? derivers : undefined;
}

/**
 * Finds those of these files that are derived from a file which documents of one collection use or mention. The app's
 * function cannot be inverted, so all values are read, and their derived files are compared. If these are not known,
 * the answer is not known.
 */
export async function usesOfOriginals<T extends Reading>(
  { asked, files, derivers }: { asked: AskedCollection; files: readonly T[]; derivers: Derivers },
  { onlyDocuments, timeoutMs, signal }: Pick<HowToAsk, 'onlyDocuments' | 'timeoutMs' | 'signal'>,
): Promise<Map<T, Use | { unanswered: Error }>> {
  const reader = new OriginalsReader(files, derivers);
  if (asked.fields.length === 0) return reader.answer();
  const filter = {
    ...(onlyDocuments && { _id: { $in: onlyDocuments } }),
    $or: asked.fields.map(({ field }) => ({
      [queryablePath(field)]: { $exists: true, $nin: [null, '', []] },
    })),
  };
  const cursor = driverCollection(asked).find(filter as mongo.Filter<mongo.Document>, {
    projection: projectionOf(asked.fields.map(({ field }) => field)),
    readPreference: 'primary',
    maxTimeMS: timeoutMs,
  });
  let turn = performance.now();
  try {
    while (await cursor.hasNext()) {
      for (const document of cursor.readBufferedDocuments()) {
        reader.read(document, asked.fields);
        if (performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        signal.throwIfAborted();
        turn = performance.now();
      }
    }
  } finally {
    await cursor.close();
  }
  return reader.answer();
}

/** Spaces, quotes and brackets: more likely a text than the path of a file. */
const LOOKS_LIKE_TEXT = /[\s<>"'`(){}[\]]/;

class OriginalsReader<T extends Reading> {
  readonly #files: readonly T[];
  readonly #byIdentity = new Map<string, T[]>();
  readonly #derivers: Derivers;
  /** Texts that precede the name of a file in a value, for texts that have only the name. */
  readonly #beginnings: readonly string[];
  readonly #uses = new Map<T, Use>();
  #problem: Error | undefined;

  constructor(files: readonly T[], derivers: Derivers) {
    this.#files = files;
    this.#derivers = derivers;
    this.#beginnings = beginningsOf(files, derivers);
    for (const file of files) addTo(this.#byIdentity, folded(identityOf(file)), file);
  }

  read(document: mongo.Document, fields: readonly AskedField[]): void {
    for (const { field, readers } of fields) {
      for (const value of valuesAt(document, field)) this.#see(value, readers);
      // the images in a text may have spellings that are not plain names, or come from a function of the app
      if (field.text) for (const value of imagesAt(document, field)) this.#see(value, readers);
    }
  }

  answer(): Map<T, Use | { unanswered: Error }> {
    const answer = new Map<T, Use | { unanswered: Error }>(this.#uses);
    if (this.#problem)
      for (const file of this.#files) if (!answer.has(file)) answer.set(file, { unanswered: this.#problem });
    return answer;
  }

  #see(value: unknown, readers: readonly StorageProvider[]): void {
    const readings = readers.flatMap((reader) => readingsOf(value, reader));
    for (const reading of readings) this.#note(reading, 'by another');
    if (typeof value === 'string' && readings.length > 0 && !LOOKS_LIKE_TEXT.test(value)) return;
    for (const text of typeof value === 'string' ? [value] : stringsIn(value)) {
      for (const name of namesWithin(text)) {
        const written = this.#beginnings.map((beginning) => beginning + name);
        const meant = readers.flatMap((reader) => written.flatMap((one) => readingsOf(one, reader)));
        for (const reading of meant) this.#note(reading, 'mentioned');
      }
    }
  }

  #note({ asset, provider }: Reading, use: Use): void {
    const kind = kindOf(provider);
    for (const deriver of this.#derivers.get(kind) ?? []) {
      const { assets, problem } = derivationOf({ asset, provider: deriver });
      // of a text it is not even known whether it means a file
      if (problem && assets.length === 0 && use === 'by another') this.#problem = problem;
      for (const one of assets) {
        for (const file of this.#byIdentity.get(folded(identityOf({ asset: one, provider: deriver }))) ?? [])
          if (this.#uses.get(file) !== 'by another') this.#uses.set(file, use);
      }
    }
  }
}

const MOST_BEGINNINGS = 4;

/**
 * The texts that precede a name in the storages of these files, the shortest first, such as an empty one or
 * `s3://bucket/`.
 */
function beginningsOf(files: readonly Reading[], derivers: Derivers): readonly string[] {
  const beginnings = new Set(['']);
  for (const [kind, [provider]] of derivers) {
    const file = files.find((one) => kindOf(one.provider) === kind);
    if (!file || !provider) continue;
    const { nameOf } = provider as SweepableProvider;
    const name = nameOf?.call(provider, file.asset) ?? file.asset.key;
    const { equal } = provider.forms(file.asset);
    const forms = equal.filter((one) => typeof one === 'string' && one.endsWith(name)) as string[];
    const shortest = forms
      .map((form) => form.slice(0, form.length - name.length))
      .sort((a, b) => a.length - b.length);
    for (const one of shortest.slice(0, MOST_BEGINNINGS)) beginnings.add(one);
  }
  return [...beginnings];
}
