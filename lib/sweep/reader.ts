import type { StoredAsset, SweepableProvider } from '../providers/provider.js';
import { safeReadingsOf, type Reading } from '../usage/reading.js';
import type { AskedField } from '../usage/scope.js';
import { masked } from '../providers/masked.js';
import { forEachOf } from '../shared/pool.js';
import { comparableKey, KeyTable } from './key-table.js';
import type { MissingFile } from './report.js';
import type { SweepRun } from './run.js';

/** A reading of a value that leads to no listed asset. */
interface Unlisted {
  readonly reading: Reading;
  /** Absent where another provider than this one owns the value. */
  readonly missing: MissingFile | undefined;
}

/** Looked for at the same time. */
const CONCURRENCY = 16;
const BATCH = 256;

/** Reads values: which listed assets do they mean, and what becomes of those that mean none? */
export class ReferenceReader {
  /** Missing by the listing alone, of providers that cannot be asked for one asset: the next listing tells. */
  readonly doubtful: { readonly reading: Reading; readonly missing: MissingFile }[] = [];
  references = 0;
  readonly #run: SweepRun;
  readonly #lookedFor = new KeyTable();
  #unlisted: Unlisted[] = [];

  constructor(run: SweepRun) {
    this.#run = run;
  }

  /** `false`: no provider knows what the value means, or it leads to nothing that was listed. */
  see(
    value: unknown,
    { readers, field }: Pick<AskedField, 'readers' | 'field'>,
    about: () => Where,
  ): boolean {
    this.references++;
    const { table, used, swept } = this.#run;
    const own = readers.flatMap((reader) => safeReadingsOf(value, reader));
    // what its own readers do not know may be a form of another model's provider
    const readings = own.length > 0 ? own : swept.flatMap((reader) => safeReadingsOf(value, reader));
    const unlisted: Reading[] = [];
    for (const reading of readings) {
      if (table.mark(comparableKey(reading))) used.noteUsed(reading);
      else unlisted.push(reading);
    }
    const isListed = unlisted.length < readings.length;
    if (!isListed && own[0] && !field.text) used.noteStored(own[0]);
    for (const reading of unlisted) {
      // a value with several readings points to nothing only if none of them leads anywhere
      // what stands in a text is more often a link or a word than a file that is missing
      const isMeant = !isListed && reading === own[0] && !field.text;
      this.#noteUnlisted(value, reading, isMeant ? about : undefined);
    }
    return isListed;
  }

  get isFull(): boolean {
    return this.#unlisted.length >= BATCH;
  }

  /** Looks where the unlisted references lead: to a listed asset by another name, to something else, or nowhere. */
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
      return; // neither there nor missing: nobody knows
    }
    if (found) {
      const reading = { asset: found.asset, provider };
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
