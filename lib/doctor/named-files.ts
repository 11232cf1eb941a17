import type { SweepableProvider } from '../providers/provider.js';
import type { Storage } from '../sweep/storages.js';
import { derivationOf } from '../usage/derived/derivation.js';
import type { Reading } from '../usage/meaning.js';

/** Files that sampled values name. */
export class NamedFiles {
  readonly #readings: Reading[] = [];
  /** Set if the derived files of one of these files are not known. */
  problem: Error | undefined;

  add(reading: Reading): void {
    this.#readings.push(reading);
    const { assets, problem } = derivationOf(reading);
    // files derived from a named file count as named
    for (const asset of assets) this.#readings.push({ ...reading, asset });
    this.problem ??= problem;
  }

  /** Names relative to the storage, with `/`. */
  in({ provider, owners }: Storage): string[] {
    const its = new Set<unknown>(owners.map((owner) => owner.provider));
    return this.#readings
      .filter((reading) => its.has(reading.provider))
      .map(({ asset }) => nameIn(provider, asset));
  }
}

export function nameIn(provider: SweepableProvider, asset: Reading['asset']): string {
  return provider.nameOf?.(asset) ?? asset.key;
}

/** `.png` in lower case; `''` for a name without an extension. */
export function kindOfName(name: string): string {
  return /[^/.](\.[a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** Every folder that contains the file: `a/b/c.png` is in `a` and `a/b`. */
export function foldersOf(name: string): string[] {
  const folders = name.split('/').slice(0, -1);
  return folders.map((_, end) => folders.slice(0, end + 1).join('/'));
}
