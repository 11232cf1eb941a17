import type { StoredAsset, SweepableProvider } from '../providers/provider.js';
import { safeReadingsOf, type Reading } from '../usage/meaning.js';
import type { AskedField } from '../usage/scope.js';
import { masked } from '../providers/masked.js';
import { forEachOf } from '../shared/pool.js';
import { stays } from './derived-files.js';
import { comparableKey, KeyTable } from './key-table.js';
import type { MissingFile } from './report.js';
import type { SweepRun } from './run.js';

/** A reading of a value that leads to no listed asset. */
interface Unlisted {
  readonly reading: Reading;
  /** Absent if a provider other than this one owns the value. */
  readonly missing: MissingFile | undefined;
}

/** How many files are looked for at the same time. */
const CONCURRENCY = 16;
const BATCH = 256;

/** Reads values: marks the listed assets that they mean, and finds out about values that lead to no listed asset. */
export class ReferenceReader {
  /** Missing according to the listing, with providers that cannot be asked for one asset. The next listing decides. */
  readonly doubtful: { readonly reading: Reading; readonly missing: MissingFile }[] = [];
  references = 0;
  readonly #run: SweepRun;
  readonly #lookedFor = new KeyTable();
  #unlisted: Unlisted[] = [];

  constructor(run: SweepRun) {
    this.#run = run;
  }

  /** Returns `false` if no provider knows what the value means, or if it leads to no listed asset. */
  see(
    value: unknown,
    { readers, field }: Pick<AskedField, 'readers' | 'field'>,
    about: () => Where,
  ): boolean {
    this.references++;
    const { table, used, swept } = this.#run;
    const own = readers.flatMap((reader) => safeReadingsOf(value, reader));
    // a value that the field's own providers do not know may be a form of another model's provider
    const readings = own.length > 0 ? own : swept.flatMap((reader) => safeReadingsOf(value, reader));
    const unlisted: Reading[] = [];
    for (const reading of readings) {
      stays(this.#run, reading, true);
      if (table.mark(comparableKey(reading))) used.noteUsed(reading);
      else unlisted.push(reading);
    }
    const isListed = unlisted.length < readings.length;
    if (!isListed && own[0] && !field.text) used.noteStored(own[0]);
    for (const reading of unlisted) {
      // A value with several readings is missing only if none of them leads to a file. A value in a text is more often
      // a link or a word than a missing file.
      const isMeant = !isListed && reading === own[0] && !field.text;
      this.#noteUnlisted(value, reading, isMeant ? about : undefined);
    }
    return isListed;
  }

  get isFull(): boolean {
    return this.#unlisted.length >= BATCH;
  }

  /**
   * Finds out where the unlisted references lead: to a listed asset under another name, to something else, or to
   * nothing.
   */
  async lookForUnlisted(): Promise<void> {
    const unlisted = this.#unlisted;
    this.#unlisted = [];
    await forEachOf(unlisted, CONCURRENCY, (one) => this.#lookFor(one));
  }

  async #lookFor({ reading: { asset, provider }, missing }: Unlisted): Promise<void> {
    let found: StoredAsset | null;
    try {
      found = await (provider as SweepableProvider).find!(asset);
    } catch {
      return; // it is neither stored nor missing: the storage did not say
    }
    if (found) {
      const reading = { asset: found.asset, provider };
      stays(this.#run, reading, true);
      if (this.#run.table.mark(comparableKey(reading))) this.#run.used.noteUsed(reading);
    } else if (missing) this.#run.missingFile(missing);
  }

  #noteUnlisted(value: unknown, reading: Reading, about: (() => Where) | undefined): void {
    const { options, swept } = this.#run;
    const { asset } = reading;
    const provider: SweepableProvider = reading.provider;
    if (!swept.includes(provider)) return;
    const { prefix } = options;
    if (prefix !== undefined && provider.nameOf && !provider.nameOf(asset).startsWith(prefix)) return;
    const missing =
      options.missing && about ? { ...about(), value: masked(value, [provider]), asset } : undefined;
    const key = comparableKey(reading);
    if (!missing && this.#lookedFor.has(key)) return;
    this.#lookedFor.add(key);
    if (provider.find) this.#unlisted.push({ reading, missing });
    else if (missing) this.doubtful.push({ reading, missing });
  }
}

export type Where = Omit<MissingFile, 'value' | 'asset'>;
