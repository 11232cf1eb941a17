import type { Asset, DroppedAsset, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import type { ContractOptions } from './contract-options.js';
import type { Random } from './random.js';

/** One rule of the contract. It throws if the provider breaks it. */
export interface Rule {
  readonly title: string;
  readonly check: (trial: Trial) => Promise<void>;
}

/** A new provider with an empty storage, and what a rule does with it. */
export class Trial {
  constructor(
    readonly provider: StorageProvider,
    readonly options: ContractOptions,
    readonly random: Random,
  ) {}

  get runs(): number {
    return this.options.runs ?? 10_000;
  }

  /** Stores a file. Returns its spellings. */
  async seeded(label: string): Promise<readonly unknown[]> {
    const values = await this.options.seed(this.provider, label);
    holds(values.length > 0, () => `seed() gave no value for ${label}`);
    return values;
  }

  /** Stores a file. Returns the asset that its first spelling names. */
  async stored(label: string): Promise<Asset> {
    const [value] = await this.seeded(label);
    const asset = this.provider.identify(value);
    holds(
      asset !== null,
      () => `identify(${shown(value)}) refused the first spelling of a file that seed() stored`,
    );
    return asset;
  }

  async storedAll(labels: readonly string[]): Promise<Asset[]> {
    const assets: Asset[] = [];
    for (const label of labels) assets.push(await this.stored(label));
    return assets;
  }

  async exists(label: string): Promise<boolean> {
    return await this.options.exists(this.provider, label);
  }

  async remove(assets: readonly DroppedAsset[], signal?: AbortSignal): Promise<readonly RemovalOutcome[]> {
    return await this.provider.remove(assets, { signal: signal ?? new AbortController().signal });
  }
}

/**
 * The message is made only if it is needed: some generated values take milliseconds to show.
 *
 * @throws Error with the message if the condition does not hold.
 */
export function holds(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new Error(typeof message === 'string' ? message : message());
}

/** A value as a message can show it. */
export function shown(value: unknown): string {
  try {
    const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return typeof value;
  }
}
