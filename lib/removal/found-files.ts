import type { StorageProvider, SweepableProvider } from '../providers/provider.js';

/** How many removals in a row may be `missing` before a warning is logged. */
const MANY = 3;

/** Detects a storage that has none of the files that documents name: on another machine's disk, or a wrong folder. */
export class FoundFiles {
  readonly #missing = new Map<StorageProvider, number>();
  readonly #tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  note(provider: StorageProvider, outcome: string): void {
    if (outcome === 'removed' || outcome === 'kept') this.#missing.set(provider, -Infinity);
    if (outcome !== 'missing') return;
    const count = (this.#missing.get(provider) ?? 0) + 1;
    this.#missing.set(provider, count);
    if (count !== MANY) return;
    const { storage } = provider as SweepableProvider;
    this.#tell(
      `none of the first ${String(MANY)} files to remove was in the storage "${provider.name}"${storage === undefined ? '' : ` (${storage})`}: ` +
        'check that uploads go to this storage, on this machine',
    );
  }
}
