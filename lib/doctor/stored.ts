import type { StorageProvider } from '../providers/provider.js';
import { safeReadingsOf } from '../usage/reading.js';

/** Longer strings, and those of several lines, are no names of files. */
const NAME = /^[^\n\r<>]{3,512}$/;
/** At least one character that ids, words and numbers of everyday values lack, or a name as multer makes it. */
const LIKELY = /[./\\]|^[0-9a-f]{32}$/i;

/** A look at a folder costs nothing, at other storages perhaps a request. */
const MOST_LOOKS = 20_000;

/** Says whether values name files that are stored now, whatever they look like. */
export class StoredFiles {
  readonly #providers: readonly StorageProvider[];
  #looks = 0;

  constructor(providers: readonly StorageProvider[]) {
    this.#providers = providers.filter(({ fingerprint }) => fingerprint !== undefined);
  }

  async has(value: unknown): Promise<boolean> {
    if (typeof value !== 'string' || !NAME.test(value) || !LIKELY.test(value)) return false;
    for (const provider of this.#providers) {
      for (const { asset } of safeReadingsOf(value, provider)) {
        if (this.#looks++ >= MOST_LOOKS) return false;
        const found = await provider.fingerprint!(asset).catch(() => null);
        if (typeof found === 'string') return true;
      }
    }
    return false;
  }
}
