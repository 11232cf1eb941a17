import { assetsIn } from '../providers/possible-assets.js';
import type { Asset, StorageProvider, StoredForms } from '../providers/provider.js';
import { isSameValue, type StoredValue } from '../providers/stored-value.js';
import { holds, shown } from './rule.js';

/** The forms of an asset outside of the storage. */
export function formsOrError(provider: StorageProvider, asset: Asset): StoredForms {
  try {
    return provider.forms(asset);
  } catch (error) {
    holds(false, () => `forms threw for ${shown(asset)}, which is not in this storage: ${String(error)}`);
  }
}

/** Whether the "still used?" question for this asset would find a document that stores this value. */
export function isFound(value: unknown, asset: Asset, provider: StorageProvider): boolean {
  const forms = provider.forms(asset);
  return isAskedFor(value, asset, provider) || (isScanned(value, forms) && means(value, asset, provider));
}

/** Whether the value is found by more than its beginning. A string counts as it is; an object is read first. */
export function isAskedFor(value: unknown, asset: Asset, provider: StorageProvider): boolean {
  const forms = provider.forms(asset);
  if (typeof value === 'string') {
    const isAddress = [...value.matchAll(/[?#]/g)].some(({ index }) =>
      forms.addresses?.includes(value.slice(0, index)),
    );
    return isAddress || isOneOf(value, forms.equal) || startsWithOne(value, forms.prefixes);
  }
  if (isOneOf(value, forms.equal)) return true;
  const isHit = Object.entries(forms.objects ?? {}).some(([path, texts]) => isOneOf(at(value, path), texts));
  return isHit && means(value, asset, provider);
}

function isOneOf(value: unknown, forms: readonly StoredValue[]): boolean {
  return forms.some((form) => isSameValue(form, value));
}

function isScanned(value: unknown, { scan, scanObjects = [] }: StoredForms): boolean {
  const texts = typeof value === 'string' ? [value] : scanObjects.map((path) => at(value, path));
  return texts.some((text) => typeof text === 'string' && startsWithOne(text, scan));
}

function means(value: unknown, asset: Asset, provider: StorageProvider): boolean {
  return assetsIn(value, provider).some((one) => one.provider === asset.provider && one.key === asset.key);
}

function startsWithOne(text: string, beginnings: readonly string[] = []): boolean {
  return beginnings.some((one) => text.startsWith(one));
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((one, name) => (one as Record<string, unknown> | null)?.[name], value);
}
