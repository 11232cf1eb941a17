import type {
  Asset,
  ListOptions,
  RemovalOutcome,
  RemoveOptions,
  StoredAsset,
  StoredForms,
  SweepableProvider,
} from '../../lib/providers/provider.js';
import { memoryProvider, type MemoryProvider } from '../../lib/testing/index.js';

/** A storage in memory that only lists, as a cloud does (no `find`, no `listNames`), with places for a spec to step in. */
export class ListingProvider implements SweepableProvider {
  readonly name: string;
  readonly #memory: MemoryProvider;
  /** Called with the number of files listed so far; what it throws ends the listing. */
  onListed: (count: number) => unknown = () => undefined;
  /** Called before a removal is carried out. */
  onRemove: (keys: readonly string[]) => unknown = () => undefined;
  /** The outcome for a key; default: that of the storage. */
  outcomeOf: (key: string) => RemovalOutcome | undefined = () => undefined;
  listings = 0;

  constructor(name = 'memory') {
    this.name = name;
    this.#memory = memoryProvider({ name, now: () => new Date(0) });
  }

  put(...keys: string[]): void {
    for (const key of keys) this.#memory.put(key, key);
  }

  get keys(): string[] {
    return [...this.#memory.files.keys()].sort();
  }

  identify(value: unknown): Asset | null {
    return this.#memory.identify(value);
  }

  forms(asset: Asset): StoredForms {
    return this.#memory.forms(asset);
  }

  async remove(assets: readonly Asset[], options: RemoveOptions): Promise<RemovalOutcome[]> {
    await this.onRemove(assets.map(({ key }) => key));
    const outcomes = assets.map(async (asset) => {
      const outcome = this.outcomeOf(asset.key);
      return outcome ?? (await this.#memory.remove([asset], options))[0]!;
    });
    return Promise.all(outcomes);
  }

  async *list(options: ListOptions): AsyncGenerator<StoredAsset> {
    this.listings++;
    let count = 0;
    for await (const one of this.#memory.list({ prefix: options.prefix ?? '' })) {
      yield one;
      await this.onListed(++count);
    }
    await this.onListed(Infinity);
  }
}
