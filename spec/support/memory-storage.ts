import type { DroppedAsset, RemovalOutcome, RemoveOptions, StorageProvider } from '../../lib/index.js';
import { memoryProvider } from '../../lib/testing/index.js';
import type { StorageKind } from '../histories/steps.js';
import { publicIdOf } from './recording-provider.js';

/**
 * A storage in memory with faults of single assets and of whole calls. A new upload under a name has another version.
 * `a.png`, `./a.png`, `/uploads/a.png`, `/uploads/a.png?v=1` and `{ public_id: 'a.png' }` are one file.
 */
export class MemoryStorage {
  readonly #memory = memoryProvider({ baseUrl: '/uploads' });
  readonly #faults: StorageKind[] = [];
  #uploads = 0;
  /** Every `name#version` removed, in order. */
  readonly removed: string[] = [];
  /** Names that met a fault. */
  readonly faulted = new Set<string>();

  put(name: string): Promise<void> {
    this.#memory.put(name, `${name}#${String(++this.#uploads)}`);
    return Promise.resolve();
  }

  /** `name#version` of everything stored. */
  contents(): Promise<string[]> {
    return Promise.resolve([...this.#memory.files.values()]);
  }

  async clear(): Promise<void> {
    const assets = [...this.#memory.files.keys()].map((key) => ({ provider: 'memory', key }));
    await this.#memory.remove(assets, { signal: new AbortController().signal });
    this.#memory.reset();
    this.heal();
    this.removed.length = 0;
    this.faulted.clear();
  }

  /** The next `times` assets run into it. */
  fail(fault: StorageKind, times = 1): void {
    for (let n = 0; n < times; n++) this.#faults.push(fault);
  }

  heal(): void {
    this.#faults.length = 0;
  }

  provider(batchSize = 2): StorageProvider {
    const { name, fingerprint } = this.#memory;
    return {
      name,
      batchSize,
      identify: (value) => this.#memory.identify(publicIdOf(value) ?? value),
      forms: (asset) => ({ ...this.#memory.forms(asset), objects: { public_id: [asset.key] } }),
      remove: (assets, options) => this.#remove(assets, options),
      fingerprint,
    };
  }

  async #remove(assets: readonly DroppedAsset[], options: RemoveOptions): Promise<RemovalOutcome[]> {
    const outcomes: RemovalOutcome[] = [];
    for (const asset of assets) {
      const fault = this.#faults.shift();
      if (fault === undefined) {
        outcomes.push(await this.#removeOne(asset, options));
        continue;
      }
      for (const one of assets) this.faulted.add(one.key);
      if (fault === 'throws') throw Object.assign(new Error('storage is down'), { code: 'ECONNRESET' });
      if (fault === 'throws a string') throw 'storage is down';
      if (fault === 'short answer') return outcomes;
      if (fault === 'nonsense') outcomes.push('fine' as unknown as RemovalOutcome);
      else outcomes.push({ outcome: 'failed', error: new Error(fault), retryable: fault === 'busy' });
    }
    return outcomes;
  }

  async #removeOne(asset: DroppedAsset, options: RemoveOptions): Promise<RemovalOutcome> {
    const version = this.#memory.files.get(asset.key);
    const [outcome] = await this.#memory.remove([asset], options);
    if (outcome!.outcome === 'removed') this.removed.push(version!);
    return outcome!;
  }
}
