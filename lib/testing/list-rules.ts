import type { StoredAsset } from '../providers/provider.js';
import { holds, shown } from './rule.js';
import type { Rule, Trial } from './rule.js';

function isEntry({ asset, size, modifiedAt }: StoredAsset, { provider }: Trial): void {
  holds(asset?.provider === provider.name, () => `the listing has the asset ${shown(asset)}`);
  holds(
    Number.isInteger(size) && size >= 0,
    () => `the size of ${asset.key} is ${shown(size)}, not a number of bytes`,
  );
  const isTime = modifiedAt instanceof Date && !Number.isNaN(modifiedAt.getTime());
  holds(isTime, () => `modifiedAt of ${asset.key} is ${shown(modifiedAt)}, not a valid Date`);
}

const labelsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => `list/pic-${String(i).padStart(5, '0')}`);

export const LIST_RULES: readonly Rule[] = [
  {
    title: 'list has every asset once, under the key that identify gives',
    async check(trial) {
      const { provider, options } = trial;
      if (!provider.list) return;
      const assets = await trial.storedAll(labelsOf(options.listSize ?? 30));
      const expected = new Set(assets.map(({ key }) => key));
      const found = new Set<string>();
      for await (const entry of provider.list({})) {
        isEntry(entry, trial);
        holds(!found.has(entry.asset.key), () => `${entry.asset.key} is listed twice`);
        found.add(entry.asset.key);
      }
      for (const key of expected) holds(found.has(key), () => `${key} is not listed`);
      for (const key of found) holds(expected.has(key), () => `${key} is listed and was never stored`);
    },
  },
  {
    title: 'list misses nothing and repeats nothing while files come and go',
    async check(trial) {
      const { provider, options } = trial;
      if (!provider.list) return;
      const count = options.listSize ?? 30;
      const assets = await trial.storedAll(labelsOf(count));
      const found = new Set<string>();
      // Before, between and after the files that are listed: pages that are counted by position would shift.
      const step = Math.max(1, Math.floor(count / 10));
      let listed = 0;
      for await (const { asset } of provider.list({})) {
        holds(!found.has(asset.key), () => `${asset.key} is listed twice`);
        found.add(asset.key);
        if (listed++ % step !== 0) continue;
        await trial.stored(`list/0-new-${listed}`);
        await trial.stored(`list/pic-00000-new-${listed}`);
        await trial.stored(`list/z-new-${listed}`);
        const isOld = assets.some(({ key }) => key === asset.key);
        if (isOld) await trial.remove([asset]);
      }
      for (const { key } of assets)
        holds(found.has(key), () => `${key} was there all the time, or until it was listed, and is missing`);
    },
  },
  {
    title: 'list ends when its signal is aborted',
    async check(trial) {
      const { provider } = trial;
      if (!provider.list) return;
      await trial.stored('pic');
      const entries = provider.list({ signal: AbortSignal.abort() })[Symbol.asyncIterator]();
      const ended = await entries.next().then(
        () => false,
        () => true,
      );
      holds(ended, 'a listing whose signal was aborted goes on');
    },
  },
];
