import type { mongo } from 'mongoose';
import { valuesAt } from '../schema/field-values.js';
import { hasIgnored } from '../providers/address.js';
import type { StorageProvider } from '../providers/provider.js';
import type { TextReader } from '../texts/text-reader.js';
import type { BatchOfForms } from './forms.js';
import { isScalar, MentionFinder, stringsIn, textsBeside } from './mentions.js';
import { looksLikeText } from './names.js';
import { readingsOf, type Reading } from './meaning.js';
import type { AskedField } from './scope.js';
import { note, type Use } from './verdict.js';

/** Who reads a value, and how thoroughly it is searched for names. */
interface Search {
  readonly readers: readonly StorageProvider[];
  /** `closely`: the write itself stored the value, so that a path in another folder may mean the same file. */
  readonly search: 'no' | 'yes' | 'closely';
}

/** Reads values, and records which files of a batch they use. */
export class UseReader<T extends Reading> {
  readonly uses = new Map<T, Use>();
  readonly #batch: BatchOfForms<T>;
  readonly #isSmall: boolean;
  /** Texts that are forms of other files and mention this one. Whether one of the others is stored decides. */
  readonly #doubts: { readonly file: T; readonly others: readonly Reading[] }[] = [];
  #finder: MentionFinder<T> | undefined;

  /** `isSmall`: whether every field is searched for mentions. */
  constructor(batch: BatchOfForms<T>, isSmall = false) {
    this.#batch = batch;
    this.#isSmall = isSmall;
  }

  /**
   * Whether every file is used by a document. A mention does not decide, since the document itself may still use the
   * file.
   */
  get isDecided(): boolean {
    return this.#batch.files.every((file) => isUse(this.uses.get(file)));
  }

  get undecided(): T[] {
    return this.#batch.files.filter((file) => !isUse(this.uses.get(file)));
  }

  /** `held`: the files that the document held before the write; `undefined` if the write had nothing to do with it. */
  readDocument(
    document: mongo.Document,
    fields: readonly AskedField[],
    held: ReadonlySet<T> | undefined,
  ): void {
    const noteUses = (value: unknown, readers: readonly StorageProvider[]): void => {
      for (const file of this.#usedBy(value, readers))
        note(this.uses, file, held?.has(file) ? 'by itself' : 'by another');
    };
    for (const { field, readers, isAlwaysSearched } of fields) {
      const search = held ? 'closely' : this.#isSmall || isAlwaysSearched ? 'yes' : 'no';
      for (const value of valuesAt(document, field)) {
        if (field.text) {
          for (const one of this.#readText(value, field.text)) noteUses(one, readers);
          continue;
        }
        const mentioned = typeof value === 'string' && search !== 'no' ? this.#mentionedIn(value) : undefined;
        if (mentioned && !this.#isRelated(value, mentioned)) continue;
        noteUses(value, readers);
        this.search(value, { readers, search }, mentioned);
      }
    }
  }

  /** Records the files that a text mentions, and returns what it shows, which is in use. */
  #readText(value: unknown, text: TextReader): readonly unknown[] {
    const mentioned = new Set(stringsIn(value).flatMap((one) => this.#mentionedIn(one)));
    if (mentioned.size === 0 && text.isNaming && this.#batch.areAllNamed) return [];
    for (const file of mentioned) note(this.uses, file, 'mentioned');
    return [value, ...text.readUses(value)];
  }

  /**
   * Searches for names of files in a value that is not a form of them. `known`: the files that a string mentions, if
   * they are already known.
   */
  search(value: unknown, { readers, search }: Search, known?: readonly T[]): void {
    if (search === 'no') return;
    const isString = typeof value === 'string';
    for (const text of textsOf(value, readers)) {
      const mentioned = known ?? this.#mentionedIn(text);
      // an object may hold 100,000 strings, which are read only if they have to do with the files
      if (mentioned.length === 0 && (isString || this.#batch.askedBy(text).length === 0)) continue;
      const readings = readers.flatMap((reader) => readingsOf(text, reader));
      const meant = this.#meantBy(readings);
      // a string that is a form of the file is a use, which is recorded where documents are read
      if (!isString) for (const file of meant) note(this.uses, file, 'mentioned');
      // a form of another file is not a mention of this one
      if (readings.length > 0 && search === 'yes' && !looksLikeText(text)) continue;
      for (const file of mentioned) {
        if (readings.length === 0) note(this.uses, file, 'mentioned');
        else if (!meant.includes(file)) this.#doubts.push({ file, others: readings });
      }
    }
  }

  /**
   * Whether a string can have to do with the files at all. If a whole collection is read, most strings do not, and
   * reading all of them with every provider would take many seconds. Skips only what a question by forms or names would
   * not find.
   */
  #isRelated(value: unknown, mentioned: readonly T[]): boolean {
    return (
      mentioned.length > 0 ||
      this.#batch.hasScans ||
      this.#batch.askedBy(value).length > 0 ||
      hasIgnored(value as string)
    );
  }

  /** Decides the open cases: if the other file is not stored, the text mentions this one. */
  async decideDoubts(): Promise<void> {
    const open = this.#doubts.filter(({ file }) => !this.uses.has(file));
    await Promise.all(
      open.map(async ({ file, others }) => {
        if (!(await isSomeStored(others))) note(this.uses, file, 'mentioned');
      }),
    );
  }

  #usedBy(value: unknown, readers: readonly StorageProvider[]): readonly T[] {
    const readings = readers.flatMap((reader) => readingsOf(value, reader));
    // a form that its own readers do not understand is uncertain, so it is a use
    return readings.length > 0 ? this.#meantBy(readings) : this.#batch.askedBy(value);
  }

  #meantBy(readings: readonly Reading[]): T[] {
    return readings.flatMap((reading) => this.#batch.meantBy(reading));
  }

  #mentionedIn(text: string): T[] {
    this.#finder ??= new MentionFinder(this.#batch.forms);
    return [...this.#finder.mentionedIn(text)];
  }
}

function isUse(use: Use | undefined): boolean {
  return use === 'by itself' || use === 'by another';
}

function textsOf(value: unknown, readers: readonly StorageProvider[]): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || isScalar(value)) return [];
  const isUpload = readers.some((reader) => reader.identify(value) !== null);
  return isUpload ? textsBeside(value) : stringsIn(value);
}

/** If a storage cannot tell, the case stays open and the file is kept. */
async function isSomeStored(readings: readonly Reading[]): Promise<boolean> {
  for (const { asset, provider } of readings) {
    try {
      if (typeof (await provider.fingerprint?.(asset)) === 'string') return true;
    } catch {
      return false;
    }
  }
  return false;
}
