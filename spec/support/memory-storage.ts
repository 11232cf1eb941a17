import type { DroppedAsset, RemovalOutcome, StorageProvider } from '../../lib/index.js';
import type { StorageKind } from '../histories/steps.js';

/** Files in memory, each with a version that a new upload under the same name raises; and a provider over them. */
export class MemoryStorage {
  readonly #files = new Map<string, number>();
  readonly #faults: StorageKind[] = [];
  #uploads = 0;
  /** Every `name#version` removed, in order. */
  readonly removed: string[] = [];
  /** Names that met a fault. */
  readonly faulted = new Set<string>();

  put(name: string): Promise<void> {
    this.#files.set(name, ++this.#uploads);
    return Promise.resolve();
  }

  /** `name#version` of everything stored. */
  contents(): Promise<string[]> {
    return Promise.resolve([...this.#files].map(([name, version]) => `${name}#${String(version)}`));
  }

  clear(): Promise<void> {
    this.#files.clear();
    this.heal();
    this.removed.length = 0;
    this.faulted.clear();
    return Promise.resolve();
  }

  /** The next `times` assets run into it. */
  fail(fault: StorageKind, times = 1): void {
    for (let n = 0; n < times; n++) this.#faults.push(fault);
  }

  heal(): void {
    this.#faults.length = 0;
  }

  provider(batchSize = 2): StorageProvider {
    return {
      name: 'memory',
      batchSize,
      identify: (value) => {
        const name = nameOf(value);
        return name === null ? null : { provider: 'memory', key: name };
      },
      forms: ({ key }) => ({
        equal: [key, `./${key}`, `/uploads/${key}`],
        prefixes: [`/uploads/${key}?`],
        objects: { public_id: [key] },
      }),
      remove: (assets) => this.#remove(assets),
      fingerprint: ({ key }) => Promise.resolve(this.#fingerprintOf(key)),
    };
  }

  #fingerprintOf(name: string): string | null {
    const version = this.#files.get(name);
    return version === undefined ? null : String(version);
  }

  #remove(assets: readonly DroppedAsset[]): Promise<RemovalOutcome[]> {
    const outcomes: RemovalOutcome[] = [];
    for (const { key, expected } of assets) {
      const fault = this.#faults.shift();
      if (fault === undefined) {
        outcomes.push(this.#removeOne(key, expected));
        continue;
      }
      for (const one of assets) this.faulted.add(one.key);
      if (fault === 'throws') throw Object.assign(new Error('storage is down'), { code: 'ECONNRESET' });
      if (fault === 'throws a string') throw 'storage is down';
      if (fault === 'short answer') return Promise.resolve(outcomes);
      if (fault === 'nonsense') outcomes.push('fine' as unknown as RemovalOutcome);
      else outcomes.push({ outcome: 'failed', error: new Error(fault), retryable: fault === 'busy' });
    }
    return Promise.resolve(outcomes);
  }

  #removeOne(name: string, expected: string | null | undefined): RemovalOutcome {
    const version = this.#files.get(name);
    if (version === undefined) return { outcome: 'missing' };
    if (expected !== undefined && expected !== this.#fingerprintOf(name))
      return { outcome: 'kept', reason: 'changed' };
    this.#files.delete(name);
    this.removed.push(`${name}#${String(version)}`);
    return { outcome: 'removed' };
  }
}

/** `a.png`, `./a.png`, `/uploads/a.png`, `/uploads/a.png?v=1` and `{ public_id: 'a.png' }` are one file. */
function nameOf(value: unknown): string | null {
  if (typeof value === 'object' && value !== null) {
    const { public_id: id } = value as { public_id?: unknown };
    return typeof id === 'string' ? id : null;
  }
  if (typeof value !== 'string') return null;
  return (
    /^(?:\.\/)?([\w-]+\.png)$|^\/uploads\/([\w-]+\.png)(?:\?.*)?$/.exec(value)?.slice(1).find(Boolean) ?? null
  );
}
