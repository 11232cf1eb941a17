import type { StorageProvider, StoredForms } from '../providers/provider.js';
import { comparable, type StoredValue } from '../providers/stored-value.js';
import { copyOf, hasBson } from './bson.js';
import { isFound } from './forms.js';
import { generated, spellings } from './generated.js';
import { holds, shown, type Rule } from './rule.js';

export const BSON_RULES: readonly Rule[] = [
  {
    title:
      'ObjectIds and other BSON values are compared by content: a copy means the same asset, and forms covers it',
    async check(trial) {
      const { provider } = trial;
      for (const value of [...(await spellings(trial)), ...(await generated(trial))]) {
        if (hasBson(value)) checkCopy(value, provider);
        const asset = provider.identify(value);
        if (asset) checkForms(provider.forms(asset), asset.key);
      }
    },
  },
];

/** A value as the database returns it: never the object that was stored. */
function checkCopy(value: unknown, provider: StorageProvider): void {
  const asset = provider.identify(value);
  if (!asset) return;
  const copy = copyOf(value);
  const key = provider.identify(copy)?.key;
  holds(key === asset.key, () => `a copy of ${shown(value)} has key ${key}, the value itself ${asset.key}`);
  holds(
    isFound(copy, asset, provider),
    () => `identify accepts ${shown(value)} as ${asset.key}, which a question for its forms does not find`,
  );
}

/** Forms are strings, numbers and BSON scalars. A question for an object would compare its exact fields in their order. */
function checkForms({ equal, objects = {} }: StoredForms, key: string): void {
  const wrong = [...equal, ...Object.values(objects).flat()].find((form) => !isComparable(form));
  holds(
    wrong === undefined,
    () => `the forms of ${key} have ${shown(wrong)}, which is neither a string nor a scalar of BSON`,
  );
}

function isComparable(form: StoredValue): boolean {
  return typeof comparable(form) === 'string';
}
