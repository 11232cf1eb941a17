import { asError } from '../shared/time-limit.js';
import type { ListOptions } from '../providers/provider.js';
import { stayOutside, stays } from './derived-files.js';
import { comparableKey } from './key-table.js';
import { PackedAssets } from './packed-assets.js';
import type { Listed, SweepRun } from './run.js';
import type { Storage } from './storages.js';

const TOLD_EVERY = 1000;
/** No storage has longer keys. A longer key is left alone. */
const LONGEST_KEY = 16_384;

/** Lists one storage completely, before any reference is read. An error is recorded as a refusal and not thrown. */
export async function listStorage(run: SweepRun, storage: Storage): Promise<Listed> {
  const candidates = new PackedAssets();
  const { counts } = run;
  const before = counts.listed;
  const progress = (): void => {
    run.progress({ stage: 'listing', what: storage.label, done: counts.listed - before });
  };
  try {
    for await (const { asset, details } of assetsOf(run, storage)) {
      if (run.isStopped) break;
      counts.listed++;
      run.table.add(comparableKey({ asset, provider: storage.provider }));
      if (asset.key.length > LONGEST_KEY || (details && run.isYoung(details.modifiedAt))) {
        counts.young++;
        stays(run, { asset, provider: storage.provider });
      } else candidates.add(asset.key, details);
      if (counts.listed % TOLD_EVERY === 0) progress();
    }
    await stayOutside(run, storage);
  } catch (thrown) {
    const error = asError(thrown);
    if (!run.isStopped) {
      const after = `${String(counts.listed - before)} files`;
      run.refuse(
        'broken-listing',
        `the listing of ${storage.label} failed after ${after}: ${error.message}`,
        error,
      );
    }
  }
  progress();
  return { storage, candidates };
}

async function* assetsOf({ options }: SweepRun, { provider }: Storage) {
  const { prefix, signal, dotFiles } = options;
  const how: ListOptions = { dotFiles, ...(prefix !== undefined && { prefix }), ...(signal && { signal }) };
  if (provider.listNames && provider.find) {
    for await (const asset of provider.listNames(how)) yield { asset, details: undefined };
  } else {
    for await (const { asset, size, modifiedAt } of provider.list!(how)) {
      yield { asset, details: { size, modifiedAt } };
    }
  }
}

/** Lists the keys that a storage has now, if they cannot be asked for one by one. */
export async function hasNow(storage: Storage, isWanted: (key: string) => void): Promise<void> {
  const { provider } = storage;
  for await (const { asset } of provider.list!({})) isWanted(comparableKey({ asset, provider }));
}
