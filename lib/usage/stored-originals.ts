import type { Asset, StorageProvider, SweepableProvider } from '../providers/provider.js';
import { addTo } from '../shared/groups.js';
import { derivationOf } from './derivation.js';
import type { Derivers } from './derived-uses.js';
import { folded } from './names.js';
import { identityOf, kindOf, type Reading } from './reading.js';

/**
 * The stored originals of these files, each with its derived files. A function in `references` can be asked about a
 * file but cannot list files, so the originals are found by a listing. Rejects if the storage cannot be listed.
 */
export async function storedOriginals<T extends Reading>(
  files: readonly T[],
  derivers: Derivers,
  signal: AbortSignal,
): Promise<Map<Reading, readonly T[]>> {
  const asked = new Map<string, T[]>();
  for (const file of files) addTo(asked, folded(identityOf(file)), file);
  const originals = new Map<Reading, readonly T[]>();
  for (const provider of [...derivers.values()].flat()) {
    for await (const asset of storedIn(provider, signal)) {
      const { assets, problem } = derivationOf({ asset, provider });
      if (problem && assets.length === 0) throw problem;
      const made = assets.flatMap(({ key }) => asked.get(folded(`${kindOf(provider)}\0${key}`)) ?? []);
      if (made.length > 0) originals.set({ asset, provider }, made);
    }
  }
  return originals;
}

async function* storedIn(provider: StorageProvider, signal: AbortSignal): AsyncGenerator<Asset> {
  const { listNames } = provider as SweepableProvider;
  if (listNames) {
    for await (const asset of listNames.call(provider, { signal, dotFiles: true })) yield asset;
  } else if (provider.list) {
    for await (const { asset } of provider.list({ signal, dotFiles: true })) yield asset;
  } else {
    throw new Error(
      `the provider "${provider.name}" has no "list", so it is not known whether a references function uses the original of a derived file`,
    );
  }
}
