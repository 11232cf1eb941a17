import type { TrackedField } from '../fields.js';
import type { Asset, StorageProvider, StoredAsset, SweepableProvider } from '../providers/provider.js';
import type { Place } from '../removal/question.js';
import { trackedOf } from '../tracking.js';
import { comparableKey, KeyTable } from './key-table.js';
import type { MissingFile } from './report.js';
import { nameOf, readingsOf, type SweepRun } from './run.js';
import { UnclearNames } from './unclear-names.js';

/** A value that leads to no listed asset. */
interface Unlisted {
  readonly asset: Asset;
  readonly provider: SweepableProvider;
  /** Absent where another provider than this one owns the value. */
  readonly missing: MissingFile | undefined;
}

/** Looked for at the same time. */
const CONCURRENCY = 16;
const BATCH = 256;

/** Reads values: which listed assets do they mean, and what becomes of those that mean none? */
export class ReferenceReader {
  readonly unclear = new UnclearNames();
  /** Missing by the listing alone, of providers that cannot be asked for one asset: the next listing tells. */
  readonly doubtful: MissingFile[] = [];
  references = 0;
  readonly #run: SweepRun;
  readonly #swept: readonly SweepableProvider[];
  readonly #lookedFor = new KeyTable();
  #unlisted: Unlisted[] = [];

  constructor(run: SweepRun) {
    this.#run = run;
    this.#swept = [...new Set(run.storages.flatMap(({ owners }) => owners.map(({ provider }) => provider)))];
  }

  /** Providers that can say what a value of this collection means: those of its own models first. */
  readersFor(place: Place): Readers {
    const own = new Set(
      place.models.flatMap((model) => trackedOf(model).flatMap(({ options }) => options.providers)),
    );
    return {
      own: own.size > 0 ? [...own] : this.#swept,
      all: [...new Set<StorageProvider>([...own, ...this.#swept])],
    };
  }

  /** `false`: no provider knows what the value means, or it leads to nothing that was listed. */
  see(value: unknown, readers: Readers, about: () => Where): boolean {
    this.references++;
    let isListed = false;
    const unlisted: { asset: Asset; provider: StorageProvider; isFirst: boolean }[] = [];
    for (const provider of readers.all) {
      for (const [index, asset] of readingsOf(value, provider).entries()) {
        if (this.#run.table.mark(comparableKey(asset))) isListed = true;
        else unlisted.push({ asset, provider, isFirst: index === 0 });
      }
    }
    if (!isListed && !this.#isOwnedElsewhere(value, readers)) this.unclear.addFrom(value);
    for (const { asset, provider, isFirst } of unlisted) {
      // an ambiguous value points to nothing only if none of its readings leads anywhere
      const where = isListed || !isFirst ? undefined : about;
      this.#noteUnlisted(value, asset, provider, readers, where);
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
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < unlisted.length; index = next++) await this.#lookFor(unlisted[index]!);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, unlisted.length) }, worker));
  }

  async #lookFor({ asset, provider, missing }: Unlisted): Promise<void> {
    let found: StoredAsset | null;
    try {
      found = await provider.find!(asset);
    } catch {
      return; // neither there nor missing: nobody knows
    }
    if (found) {
      this.#run.table.mark(comparableKey(found.asset));
      this.unclear.addFrom(nameOf(found.asset, provider));
    } else if (missing) this.#run.missingFile(missing);
  }

  /** A storage that is not swept owns the value: nothing unclear about it. */
  #isOwnedElsewhere(value: unknown, { own }: Readers): boolean {
    const owner = own.find((provider) => readingsOf(value, provider).length > 0);
    return owner !== undefined && !this.#swept.includes(owner);
  }

  #noteUnlisted(
    value: unknown,
    asset: Asset,
    provider: SweepableProvider,
    { own }: Readers,
    about: (() => Where) | undefined,
  ): void {
    const { options } = this.#run;
    if (!this.#swept.includes(provider)) return;
    const { prefix } = options;
    if (prefix !== undefined && provider.nameOf && !provider.nameOf(asset).startsWith(prefix)) return;
    const owner = own.find((one) => readingsOf(value, one).length > 0);
    const missing =
      options.missing && about && owner === provider
        ? { ...about(), value: masked(value, provider), asset }
        : undefined;
    const key = comparableKey(asset);
    if (!missing && this.#lookedFor.has(key)) return;
    this.#lookedFor.add(key);
    if (provider.find) this.#unlisted.push({ asset, provider, missing });
    else if (missing) this.doubtful.push(missing);
  }
}

export interface Readers {
  readonly own: readonly StorageProvider[];
  readonly all: readonly StorageProvider[];
}

export type Where = Omit<MissingFile, 'value' | 'asset'>;

export function fieldNames(fields: readonly TrackedField[]): string[] {
  return fields.map(({ path }) => path);
}

function masked(value: unknown, provider: StorageProvider): unknown {
  try {
    return provider.mask ? provider.mask(value) : value;
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}
