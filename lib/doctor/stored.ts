import type { StorageProvider } from '../providers/provider.js';
import { safeReadingsOf } from '../usage/meaning.js';

/** Longer strings, and strings with several lines, are not names of files. */
const NAME = /^[^\n\r<>]{3,512}$/;
/** The text has at least one character that ids, words and numbers usually lack, or it is a name as multer makes it. */
const LIKELY = /[./\\]|^[0-9a-f]{32}$/i;

/** How many files are looked at: free for a folder, but possibly a request each for other storages. */
const MOST_LOOKS = 20_000;

/** Tells whether values name files that are stored now, whatever the values look like. */
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
