import type { mongo } from 'mongoose';
import type { StorageProvider } from '../../providers/provider.js';
import { imagesAt, valuesAt } from '../../schema/field-values.js';
import { find, readAll, type ReadLimits } from '../documents.js';
import { stringsIn } from '../mentions.js';
import { looksLikeText, namesWithin } from '../names.js';
import { holdsSomething } from '../query-conditions.js';
import { readingsOf, type Reading } from '../meaning.js';
import type { AskedCollection, AskedField } from '../scope.js';
import { note, type Use, type Verdict } from '../verdict.js';
import type { Originals } from './originals.js';

/**
 * Finds those of the files that are derived from a file which documents of one collection use or mention. The app's
 * function cannot be inverted, so all values are read, and their derived files are compared. If these are not known,
 * the answer is not known.
 */
export async function askAboutOriginals<T extends Reading>(
  asked: AskedCollection,
  originals: Originals<T>,
  how: ReadLimits & { readonly signal: AbortSignal },
): Promise<Map<T, Verdict>> {
  const reader = new OriginalsReader(originals);
  const cursor = find(
    asked,
    asked.fields.map(({ field }) => holdsSomething(field)),
    how,
  );
  await readAll(cursor, how.signal, (document) => reader.read(document, asked.fields));
  return reader.verdicts();
}

class OriginalsReader<T extends Reading> {
  readonly #originals: Originals<T>;
  /** Texts that precede the name of a file in a value, for texts that have only the name. */
  readonly #beginnings: readonly string[];
  readonly #verdicts = new Map<T, Verdict>();
  #problem: Error | undefined;

  constructor(originals: Originals<T>) {
    this.#originals = originals;
    this.#beginnings = originals.beginnings();
  }

  read(document: mongo.Document, fields: readonly AskedField[]): false {
    for (const { field, readers } of fields) {
      for (const value of valuesAt(document, field)) this.#see(value, readers);
      // the images in a text may have spellings that are not plain names, or come from a function of the app
      if (field.text) for (const value of imagesAt(document, field)) this.#see(value, readers);
    }
    return false;
  }

  verdicts(): Map<T, Verdict> {
    const { files } = this.#originals;
    if (this.#problem) for (const file of files) note(this.#verdicts, file, { unanswered: this.#problem });
    return this.#verdicts;
  }

  #see(value: unknown, readers: readonly StorageProvider[]): void {
    const readings = readers.flatMap((reader) => readingsOf(value, reader));
    for (const reading of readings) this.#note(reading, 'by another');
    if (typeof value === 'string' && readings.length > 0 && !looksLikeText(value)) return;
    for (const text of stringsIn(value)) {
      for (const name of namesWithin(text)) {
        const written = this.#beginnings.map((beginning) => beginning + name);
        const meant = readers.flatMap((reader) => written.flatMap((one) => readingsOf(one, reader)));
        for (const reading of meant) this.#note(reading, 'mentioned');
      }
    }
  }

  #note(reading: Reading, use: Use): void {
    for (const { files, problem } of this.#originals.madeFrom(reading)) {
      // of a text it is not even known whether it means a file
      if (problem && use === 'by another') this.#problem = problem;
      for (const file of files) note(this.#verdicts, file, use);
    }
  }
}
