import type { mongo } from 'mongoose';
import { valuesAt } from '../fields.js';
import type { StorageProvider } from '../providers/provider.js';
import type { BatchOfForms } from './forms.js';
import { MentionFinder, stringsIn, textsBeside } from './mentions.js';
import { readingsOf, type Reading } from './reading.js';
import type { AskedField } from './scope.js';

/** `by itself`: a document that held the value still has it, so the write did not drop it. */
export type Use = 'by itself' | 'by another' | 'mentioned';

/** A text that is a form of another file, too, and mentions this one: whether that other file exists decides. */
export interface Doubt<T> {
  readonly file: T;
  readonly others: readonly Reading[];
}

/** Spaces, quotes and brackets: more likely a text than the path of a file. */
const LOOKS_LIKE_TEXT = /[\s<>"'`(){}[\]]/;

/** Who reads a value, and how carefully it is searched for names. */
export interface Reader {
  readonly readers: readonly StorageProvider[];
  /** `closely`: the value came into the document by the write itself, so a path of another folder may mean the same file. */
  readonly search: 'no' | 'yes' | 'closely';
}

/** Reads values and notes which files of a batch they use. */
export class UseReader<T extends Reading> {
  readonly uses = new Map<T, Use>();
  readonly #batch: BatchOfForms<T>;
  readonly #doubts: Doubt<T>[] = [];
  #finder: MentionFinder<T> | undefined;

  constructor(batch: BatchOfForms<T>) {
    this.#batch = batch;
  }

  /** Is every file used by some document? A mention leaves it open: the document itself may still use the file. */
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
      for (const value of valuesAt(document, asked.field)) {
        for (const file of this.#usedBy(value, how.readers)) {
          this.#note(file, isHolderOf(file) ? 'by itself' : 'by another');
        }
        this.search(value, how);
      }
    }
  }

  /** Looks for names of files in a value that is no form of them. */
  search(value: unknown, { readers, search }: Reader): void {
    if (search === 'no') return;
    for (const text of textsOf(value, readers)) {
      const mentioned = [...this.#mentionedIn(text)];
      if (mentioned.length === 0) continue;
      const readings = readers.flatMap((reader) => readingsOf(text, reader));
      const meant = this.#meantBy(readings);
      for (const file of mentioned) {
        if (readings.length === 0) this.#note(file, 'mentioned');
        // a string that is a form of the file is a use, which is noted where documents are read
        else if (meant.includes(file)) {
          if (typeof value !== 'string') this.#note(file, 'mentioned');
        }
        // a form of another file is no mention of this one, unless it only looks like one
        else if (search === 'closely' || LOOKS_LIKE_TEXT.test(text)) {
          this.#doubts.push({ file, others: readings });
        }
      }
    }
  }

  /** Settles the doubts: where the other file is not stored, the text mentions this one. */
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
    // a form that its own readers do not understand: uncertain, so it is a use
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
  const isUpload =
    typeof value === 'object' && value !== null && readers.some((reader) => reader.identify(value) !== null);
  return isUpload ? textsBeside(value) : stringsIn(value);
}

/** A storage that cannot tell leaves the doubt, which keeps. */
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
