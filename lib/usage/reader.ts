import type { mongo } from 'mongoose';
import { valuesAt } from '../schema/field-values.js';
import { hasIgnored } from '../providers/address.js';
import type { StorageProvider } from '../providers/provider.js';
import type { TextReader } from '../texts/text-reader.js';
import type { BatchOfForms } from './forms.js';
import { isScalar, MentionFinder, stringsIn, textsBeside } from './mentions.js';
import { readingsOf, type Reading } from './reading.js';
import type { AskedField } from './scope.js';

/** `by itself`: a document that held the value still has it, so the write did not drop it. */
export type Use = 'by itself' | 'by another' | 'mentioned';

/** A text that is a form of another file, and mentions this one. Whether the other file is stored decides. */
export interface Doubt<T> {
  readonly file: T;
  readonly others: readonly Reading[];
}

/** Spaces, quotes and brackets: more likely a text than the path of a file. */
const LOOKS_LIKE_TEXT = /[\s<>"'`(){}[\]]/;

/** Who reads a value, and how thoroughly it is searched for names. */
export interface Reader {
  readonly readers: readonly StorageProvider[];
  /** `closely`: the write itself stored the value, so that a path in another folder may mean the same file. */
  readonly search: 'no' | 'yes' | 'closely';
}

/** A text, and the documents that may have held what it says. */
interface TextToRead<T> {
  readonly text: TextReader;
  readonly readers: readonly StorageProvider[];
  readonly isHolderOf: (file: T) => boolean;
}

/** Reads values, and records which files of a batch they use. */
export class UseReader<T extends Reading> {
  readonly uses = new Map<T, Use>();
  readonly #batch: BatchOfForms<T>;
  readonly #doubts: Doubt<T>[] = [];
  #finder: MentionFinder<T> | undefined;

  constructor(batch: BatchOfForms<T>) {
    this.#batch = batch;
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

  readDocument(
    document: mongo.Document,
    fields: readonly AskedField[],
    {
      isHolderOf,
      search,
    }: { isHolderOf: (file: T) => boolean; search: (field: AskedField) => Reader['search'] },
  ): void {
    for (const asked of fields) {
      const how = { readers: asked.readers, search: search(asked) };
      const { text } = asked.field;
      for (const value of valuesAt(document, asked.field)) {
        if (text) {
          this.#readText(value, { text, readers: asked.readers, isHolderOf });
          continue;
        }
        const mentioned = this.#mentionedBy(value, how);
        if (mentioned && !this.#isRelated(value, mentioned)) continue;
        for (const file of this.#usedBy(value, how.readers)) {
          this.#note(file, isHolderOf(file) ? 'by itself' : 'by another');
        }
        this.search(value, how, mentioned);
      }
    }
  }

  /** A text: the images that it shows are in use, and any other mention of a name keeps a file as well. */
  #readText(value: unknown, { text, readers, isHolderOf }: TextToRead<T>): void {
    const strings = typeof value === 'string' ? [value] : stringsIn(value);
    const mentioned = new Set(strings.flatMap((one) => [...this.#mentionedIn(one)]));
    if (mentioned.size === 0 && text.isNaming && this.#batch.areAllNamed) return;
    for (const image of [value, ...text.readUses(value)]) {
      for (const file of this.#usedBy(image, readers)) {
        this.#note(file, isHolderOf(file) ? 'by itself' : 'by another');
      }
    }
    for (const file of mentioned) this.#note(file, 'mentioned');
  }

  /**
   * Searches for names of files in a value that is not a form of them. `mentioned`: the files that a string mentions,
   * if they are already known.
   */
  search(value: unknown, { readers, search }: Reader, known?: readonly T[]): void {
    if (search === 'no') return;
    for (const text of textsOf(value, readers)) {
      const mentioned = known ?? [...this.#mentionedIn(text)];
      // an object may hold 100,000 strings, which are read only if they have to do with the files
      const isForm = typeof value !== 'string' && this.#batch.askedBy(text).length > 0;
      if (mentioned.length > 0 || isForm) this.#searchText(text, { readers, search }, { value, mentioned });
    }
  }

  #searchText(
    text: string,
    { readers, search }: Reader,
    { value, mentioned }: { value: unknown; mentioned: readonly T[] },
  ): void {
    const readings = readers.flatMap((reader) => readingsOf(text, reader));
    // a form of another file is not a mention of this one
    if (readings.length > 0 && search === 'yes' && !LOOKS_LIKE_TEXT.test(text)) {
      for (const file of typeof value === 'string' ? [] : this.#meantBy(readings))
        this.#note(file, 'mentioned');
      return;
    }
    for (const file of mentioned) {
      if (readings.length === 0) this.#note(file, 'mentioned');
      else if (!this.#meantBy(readings).includes(file)) this.#doubts.push({ file, others: readings });
      // a string that is a form of the file is a use, which is recorded where documents are read
      else if (typeof value !== 'string') this.#note(file, 'mentioned');
    }
  }

  #mentionedBy(value: unknown, { search }: Reader): T[] | undefined {
    return typeof value === 'string' && search !== 'no' ? [...this.#mentionedIn(value)] : undefined;
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
  async settle(): Promise<void> {
    const open = this.#doubts.splice(0).filter(({ file }) => this.uses.get(file) === undefined);
    await Promise.all(
      open.map(async ({ file, others }) => {
        if (!(await isSomeStored(others))) this.#note(file, 'mentioned');
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

  #mentionedIn(text: string): Iterable<T> {
    this.#finder ??= new MentionFinder(this.#batch.files);
    return this.#finder.mentionedIn(text);
  }

  #note(file: T, use: Use): void {
    const known = this.uses.get(file);
    if (known === undefined || WEIGHT[use] > WEIGHT[known]) this.uses.set(file, use);
  }
}

const WEIGHT: Readonly<Record<Use, number>> = { mentioned: 1, 'by another': 2, 'by itself': 3 };

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
