import type { Asset, StorageProvider } from '../../providers/provider.js';
import { isolated } from '../../shared/isolated.js';
import { areSame } from '../../shared/groups.js';
import { asError } from '../../shared/time-limit.js';
import type { Reading } from '../meaning.js';

/** The derived files of a file. */
export interface Derivation {
  readonly assets: readonly Asset[];
  /** What is wrong with the provider's answer: it may lack files, or name wrong ones. */
  readonly problem?: Error;
}

const NONE: Derivation = { assets: [] };
const MOST = 100;

/** The files that a provider derives from this one. Never throws. */
export function derivationOf({ asset, provider }: Reading): Derivation {
  if (!provider.derivedOf) return NONE;
  try {
    const answer: unknown = provider.derivedOf(asset);
    isolated(() => answer);
    if (!Array.isArray(answer) || !answer.every(isAsset))
      throw new TypeError('it did not return an array of assets');
    if (answer.length > MOST)
      throw new TypeError(`it named ${String(answer.length)} files, but at most ${String(MOST)} are allowed`);
    const again = provider.derivedOf(asset).map(({ key }) => key);
    const keys = answer.map(({ key }) => key);
    if (!areSame(keys, again))
      throw new TypeError('two calls named different files, but it must be a pure function');
    return keys.includes(asset.key)
      ? { assets: answer, problem: problemOf(asset, 'it named the file itself') }
      : { assets: answer };
  } catch (thrown) {
    return { assets: [], problem: problemOf(asset, asError(thrown).message) };
  }
}

/**
 * Like `derivationOf`, for a file that is about to be removed: empty if anything is wrong, also if one of the files is
 * outside of the storage.
 */
export function removableDerivation(reading: Reading): Derivation {
  const { assets, problem } = derivationOf(reading);
  if (problem) return { assets: [], problem };
  const outside = assets.find((one) => isOutside(one, reading.provider));
  if (!outside) return { assets };
  return {
    assets: [],
    problem: problemOf(reading.asset, `it named a file outside of the storage, ${outside.key}`),
  };
}

function isOutside(asset: Asset, provider: StorageProvider): boolean {
  const { equal, prefixes = [], scan = [] } = provider.forms(asset);
  return equal.length + prefixes.length + scan.length === 0;
}

function problemOf({ key }: Asset, message: string): Error {
  return new Error(`the files derived from ${key} are not known: ${message}`);
}

function isAsset(one: unknown): one is Asset {
  return typeof (one as Partial<Asset> | null)?.key === 'string';
}
