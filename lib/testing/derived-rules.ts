import type { Asset } from '../providers/provider.js';
import { holds, shown } from './rule.js';
import type { Rule, Trial } from './rule.js';

const LABELS = ['pic', 'pic.png', 'sub/pic.png', 'sub/deep/pic-2.png'];
const MOST = 100;

/** The derived files of stored files, each with its original. */
async function derivations(trial: Trial): Promise<{ original: Asset; derived: readonly Asset[] }[]> {
  const originals = await trial.storedAll(LABELS);
  return originals.map((original) => ({ original, derived: trial.provider.derivedOf!(original) }));
}

export const DERIVED_RULES: readonly Rule[] = [
  {
    title: 'derivedOf is pure, and returns an array of at most 100 assets of the provider',
    async check(trial) {
      const { provider } = trial;
      if (!provider.derivedOf) return;
      for (const { original, derived } of await derivations(trial)) {
        const what = `derivedOf(${shown(original)}) is ${shown(derived)}`;
        holds(
          Array.isArray(derived) && derived.length <= MOST,
          () => `${what}, not an array of at most ${MOST}`,
        );
        for (const one of derived) {
          const isAsset = one?.provider === provider.name && typeof one.key === 'string';
          holds(isAsset, () => `${what}, which is not an array of its assets`);
        }
        const again = provider.derivedOf(original);
        holds(shown(again) === shown(derived), () => `${what} at first, and then ${shown(again)}`);
      }
    },
  },
  {
    title: 'derivedOf never names the file itself, nor one outside of the storage',
    async check(trial) {
      const { provider } = trial;
      if (!provider.derivedOf) return;
      for (const { original, derived } of await derivations(trial)) {
        for (const one of derived) {
          holds(one?.key !== original.key, () => `derivedOf of ${shown(original)} names the asset itself`);
          const { equal = [], prefixes = [], scan = [] } = provider.forms(one);
          const isInside = equal.length + prefixes.length + scan.length > 0;
          holds(
            isInside,
            () => `a file derived from ${shown(original)} lies outside of the storage: ${shown(one)}`,
          );
        }
      }
    },
  },
  {
    title: 'derivedOf of an asset outside the storage is empty',
    async check({ provider, options }) {
      if (!provider.derivedOf) return;
      const nowhere = ['', '\0', 'no/\0asset\0/of/this\0storage'];
      const foreign = nowhere.map((key) => ({ provider: provider.name, key }));
      for (const asset of [...foreign, ...(options.foreignAssets ?? [])]) {
        const derived = provider.derivedOf(asset);
        holds(
          derived.length === 0,
          () => `derivedOf names ${shown(derived)} for ${shown(asset)}, which is not in this storage`,
        );
      }
    },
  },
];
