import type { Asset, StorageProvider, StoredForms } from '../providers/provider.js';

/** Whether the "still used?" question would find a document that stores this value, asked for this asset. */
export function isFound(value: unknown, asset: Asset, provider: StorageProvider): boolean {
  const forms = provider.forms(asset);
  return isAskedFor(value, forms) || isScanned(value, asset, forms, provider);
}

/** Whether the value is found without a look at what it means: every hit is a use. */
export function isAskedFor(value: unknown, forms: StoredForms): boolean {
  if (typeof value === 'string') {
    return forms.equal.includes(value) || startsWithOne(value, forms.prefixes);
  }
  return Object.entries(forms.objects ?? {}).some(([path, texts]) =>
    texts.includes(at(value, path) as string),
  );
}

function isScanned(value: unknown, asset: Asset, forms: StoredForms, provider: StorageProvider): boolean {
  if (typeof value !== 'string' || !startsWithOne(value, forms.scan)) return false;
  const identified = provider.identify(value);
  const readings = [...(identified ? [identified] : []), ...(provider.possible?.(value) ?? [])];
  return readings.some((one) => one.provider === asset.provider && one.key === asset.key);
}

function startsWithOne(text: string, beginnings: readonly string[] = []): boolean {
  return beginnings.some((one) => text.startsWith(one));
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((one, name) => (one as Record<string, unknown> | null)?.[name], value);
}
