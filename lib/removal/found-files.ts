import type { StorageProvider, SweepableProvider } from '../providers/provider.js';

/** Removals that may be missing in a row before somebody should look. */
const MANY = 3;

/** Notices that nothing of what documents name is in a storage: another machine's disk, or a wrong folder. */
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
