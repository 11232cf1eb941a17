import type { SweepableProvider } from '../providers/provider.js';
import type { Storage } from '../sweep/storages.js';
import { derivationOf } from '../usage/derivation.js';
import type { Reading } from '../usage/reading.js';

/** Files that sampled values name. */
export class NamedFiles {
  readonly #readings: Reading[] = [];
  /** Why it is not known what is made from one of them. */
  problem: Error | undefined;

  add(reading: Reading): void {
    this.#readings.push(reading);
    const { assets, problem } = derivationOf(reading);
    // what is made from a file that is named belongs to it
    for (const asset of assets) this.#readings.push({ ...reading, asset });
    this.problem ??= problem;
  }

  /** The names below a storage, with `/`. */
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

/** `.png` in lower case; `''` for a name without extension. */
export function kindOfName(name: string): string {
  return /[^/.](\.[a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** Every folder on the way to a file: `a/b/c.png` lies in `a` and `a/b`. */
export function foldersOf(name: string): string[] {
  const folders = name.split('/').slice(0, -1);
  return folders.map((_, end) => folders.slice(0, end + 1).join('/'));
}
