import type { mongo } from 'mongoose';
import { setImmediate } from 'node:timers/promises';
import type { StorageProvider } from '../providers/provider.js';
import { projectionOf, queryablePath, valuesAt } from '../schema/field-values.js';
import { addTo } from '../shared/groups.js';
import { derivationOf } from './derivation.js';
import { stringsIn } from './mentions.js';
import { folded, namesWithin } from './names.js';
import type { HowToAsk } from './question.js';
import type { Use } from './reader.js';
import { identityOf, kindOf, readingsOf, type Reading } from './reading.js';
import { driverCollection, type AskedCollection, type AskedField, type Scope } from './scope.js';

/** Providers that say what is made from a file, by their kind. */
export type Derivers = ReadonlyMap<string, readonly StorageProvider[]>;

/** Reading goes on so long before others in the process have their turn. */
const TURN_MS = 20;

/** Who in the scope says of files of these kinds what is made from them; `undefined`: nobody, which costs nothing. */
export function deriversOf(files: readonly Reading[], { collections }: Scope): Derivers | undefined {
  const readers = collections.flatMap(({ fields }) => fields.flatMap((field) => field.readers));
  const all = new Set([...readers, ...files.map(({ provider }) => provider)]);
  const kinds = new Set(files.map(({ provider }) => kindOf(provider)));
  const derivers = new Map<string, StorageProvider[]>();
  for (const one of all) if (one.derivedOf && kinds.has(kindOf(one))) addTo(derivers, kindOf(one), one);
  return derivers.size > 0 ? derivers : undefined;
}

/**
 * Which of these files are made from a file that documents of one collection use, or mention? A function cannot be read backwards,
 * so all values are read, and what is made from each is compared. Where that is not known, nothing is.
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
  readonly #uses = new Map<T, Use>();
  #problem: Error | undefined;

  constructor(files: readonly T[], derivers: Derivers) {
    this.#files = files;
    this.#derivers = derivers;
    for (const file of files) addTo(this.#byIdentity, folded(identityOf(file)), file);
  }

  read(document: mongo.Document, fields: readonly AskedField[]): void {
    for (const { field, readers } of fields) {
      for (const value of valuesAt(document, field)) this.#see(value, readers);
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
        const meant = readers.flatMap((reader) => readingsOf(name, reader));
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
