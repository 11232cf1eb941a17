import { isDeepStrictEqual } from 'node:util';
import { hasBson } from './bson.js';
import { formsOrError, isAskedFor, isFound } from './forms.js';
import { generated, NEIGHBOURS, spellings } from './generated.js';
import { answers, imageOf, output, saidAbout } from './purity.js';
import { holds, shown, type Rule } from './rule.js';

/** Keys that no storage has: an empty one, and keys that no path, URL or id contains. */
const OUTSIDE = ['', '\0', '\0/\0', 'no/\0asset\0/of/this\0storage'];

export const IDENTIFY_RULES: readonly Rule[] = [
  {
    title: 'has a name and a sensible batch size',
    async check({ provider }) {
      holds(
        typeof provider.name === 'string' && provider.name !== '',
        'name must be a string that is not empty',
      );
      const { batchSize = 100 } = provider;
      holds(
        Number.isInteger(batchSize) && batchSize > 0,
        () => `batchSize must be a positive integer, not ${batchSize}`,
      );
      const { fingerprint, fingerprintWhen: when } = provider;
      holds(
        when === undefined || when === 'always' || when === 'waiting',
        () => `fingerprintWhen must be 'always' or 'waiting', not ${shown(when)}`,
      );
      holds(
        when === undefined || typeof fingerprint === 'function',
        () => `fingerprintWhen is ${shown(when)}, but there is no fingerprint`,
      );
    },
  },
  {
    title: 'identify, refusal and possible never throw',
    async check(trial) {
      for (const value of await generated(trial)) {
        try {
          answers(trial.provider, value);
        } catch (error) {
          holds(false, () => `identify, refusal or possible threw for ${shown(value)}: ${String(error)}`);
        }
      }
    },
  },
  {
    title: 'identify returns null, or an asset with the name of the provider and a key',
    async check(trial) {
      const { provider } = trial;
      for (const value of [...(await generated(trial)), ...(await trial.seeded('pic'))]) {
        const asset = provider.identify(value);
        if (asset === null) continue;
        const isAsset = asset.provider === provider.name && typeof asset.key === 'string' && asset.key !== '';
        holds(isAsset, () => `identify(${shown(value)}) returned ${shown(asset)}`);
      }
    },
  },
  {
    title: 'identify is pure: the same answer each time, and the value unchanged',
    async check(trial) {
      const { provider } = trial;
      const values = [...(await generated(trial)), ...(await trial.seeded('pic'))];
      const first = values.map((value) => {
        const before = imageOf(value);
        const said = saidAbout(provider, value);
        holds(before === imageOf(value), () => `identify changed the value ${shown(value)}`);
        return said;
      });
      for (const [i, value] of [...values.entries()].reverse()) {
        holds(
          isDeepStrictEqual(saidAbout(provider, value), first[i]),
          () => `two calls gave different answers about ${shown(value)}`,
        );
      }
    },
  },
  {
    title: 'identify writes no output',
    async check(trial) {
      const values = [...(await generated(trial)), ...(await trial.seeded('pic'))];
      const said = output(() => values.forEach((value) => saidAbout(trial.provider, value)));
      holds(said === null, () => `identify wrote to ${said}`);
    },
  },
  {
    title: 'refuses foreign values',
    async check({ provider, options }) {
      for (const value of options.foreignValues) {
        const asset = provider.identify(value);
        holds(asset === null, () => `identify(${shown(value)}) accepted a foreign value as ${shown(asset)}`);
        const reason = provider.refusal?.(value) ?? null;
        holds(
          reason === null || typeof reason === 'string',
          () => `refusal(${shown(value)}) returned ${shown(reason)}`,
        );
      }
    },
  },
  {
    title: 'accepts every spelling of a file, under one key',
    async check(trial) {
      for (const label of NEIGHBOURS) {
        const values = await trial.seeded(label);
        const keys = values.map((value) => trial.provider.identify(value)?.key);
        keys.forEach((key, i) =>
          holds(
            key !== undefined && key === keys[0],
            () => `${shown(values[i])} has key ${key}, ${shown(values[0])} ${keys[0]}`,
          ),
        );
      }
    },
  },
  {
    title: 'different files have different keys',
    async check(trial) {
      const assets = await trial.storedAll(NEIGHBOURS);
      const keys = new Set(assets.map(({ key }) => key));
      holds(
        keys.size === NEIGHBOURS.length,
        () => `${NEIGHBOURS.length} files have ${keys.size} keys: ${[...keys].join(', ')}`,
      );
    },
  },
  {
    title: 'forms covers every value that identify accepts',
    async check(trial) {
      const { provider } = trial;
      for (const value of [...(await spellings(trial)), ...(await generated(trial))]) {
        // values with BSON scalars are tested by another rule
        if (hasBson(value)) continue;
        const asset = provider.identify(value);
        holds(
          asset === null || isFound(value, asset, provider),
          () =>
            `identify accepts ${shown(value)} as ${asset?.key}, which a question for its forms does not find`,
        );
      }
    },
  },
  {
    title: 'forms of one file do not ask for another',
    async check(trial) {
      const values = new Map<string, readonly unknown[]>();
      for (const label of NEIGHBOURS) values.set(label, await trial.seeded(label));
      for (const label of NEIGHBOURS) {
        const asset = await trial.stored(label);
        for (const other of NEIGHBOURS.filter((one) => one !== label)) {
          const hit = values.get(other)?.find((value) => isAskedFor(value, asset, trial.provider));
          holds(
            hit === undefined,
            () => `the forms of ${asset.key} find ${shown(hit)}, which is another file`,
          );
        }
      }
    },
  },
  {
    title: 'forms of an asset outside the storage is empty',
    async check(trial) {
      const { provider, options } = trial;
      const foreign = OUTSIDE.map((key) => ({ provider: provider.name, key }));
      for (const asset of [...foreign, ...(options.foreignAssets ?? [])]) {
        const {
          equal,
          prefixes = [],
          addresses = [],
          objects = {},
          scan = [],
        } = formsOrError(provider, asset);
        const all = [...equal, ...prefixes, ...addresses, ...Object.values(objects).flat(), ...scan];
        holds(
          all.length === 0,
          () => `the forms of ${shown(asset)}, which is not in this storage, ask for ${shown(all)}`,
        );
      }
    },
  },
  {
    title: 'possible includes the result of identify',
    async check(trial) {
      const { provider } = trial;
      for (const value of [...(await trial.seeded('pic')), ...(await generated(trial))]) {
        const asset = provider.identify(value);
        if (!asset || !provider.possible) continue;
        const found = provider.possible(value).some(({ key }) => key === asset.key);
        holds(found, () => `possible(${shown(value)}) lacks ${asset.key}`);
      }
    },
  },
  {
    title: 'mask never throws, changes no value and hides nothing twice',
    async check(trial) {
      const { mask } = trial.provider;
      if (!mask) return;
      for (const value of [...(await trial.seeded('pic')), ...(await generated(trial))]) {
        const before = imageOf(value);
        const once = mask.call(trial.provider, value);
        holds(before === imageOf(value), () => `mask changed the value ${shown(value)}`);
        const same = isDeepStrictEqual(once, mask.call(trial.provider, once));
        holds(once === value || same, () => `mask of mask of ${shown(value)} differs`);
      }
    },
  },
];
