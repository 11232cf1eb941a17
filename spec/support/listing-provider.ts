import type {
  Asset,
  ListOptions,
  RemovalOutcome,
  StoredAsset,
  SweepableProvider,
} from '../../lib/providers/provider.js';

/** A storage in memory that only lists, as a cloud does (no `find`, no `listNames`), with places for a spec to step in. */
export class ListingProvider implements SweepableProvider {
  readonly name: string;
  readonly files = new Map<string, { size: number; modifiedAt: Date }>();
  /** Called with the number of files listed so far; what it throws ends the listing. */
  onListed: (count: number) => unknown = () => undefined;
  /** Called before a removal is carried out. */
  onRemove: (keys: readonly string[]) => unknown = () => undefined;
  /** The outcome for a key; default `removed`. */
  outcomeOf: (key: string) => RemovalOutcome = () => ({ outcome: 'removed' });
  listings = 0;

  constructor(name = 'memory') {
    this.name = name;
  }

  put(...keys: string[]): void {
    for (const key of keys) this.files.set(key, { size: key.length, modifiedAt: new Date(0) });
  }

  get keys(): string[] {
    return [...this.files.keys()].sort();
  }

  identify(value: unknown): Asset | null {
    const read = typeof value === 'string' ? /^memory:([^?]+)/.exec(value) : null;
    return read ? { provider: this.name, key: read[1]! } : null;
  }

  forms({ key }: Asset): { equal: string[]; prefixes: string[] } {
    return { equal: [`memory:${key}`], prefixes: [`memory:${key}?`] };
  }

  async remove(assets: readonly Asset[]): Promise<RemovalOutcome[]> {
    await this.onRemove(assets.map(({ key }) => key));
    return assets.map(({ key }) => {
      const outcome = this.outcomeOf(key);
      if (outcome.outcome === 'removed') this.files.delete(key);
      return outcome;
    });
  }

  async *list({ prefix = '' }: ListOptions): AsyncGenerator<StoredAsset> {
    this.listings++;
    let count = 0;
    for (const [key, details] of [...this.files]) {
      if (!key.startsWith(prefix)) continue;
      yield { asset: { provider: this.name, key }, ...details };
      await this.onListed(++count);
    }
    await this.onListed(Infinity);
  }
}
