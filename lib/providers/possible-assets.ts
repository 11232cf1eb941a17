import type { Asset, StorageProvider } from './provider.js';

/** Every asset that a value could mean to a provider, the certain one first; `certain` if that is already known. */
export function assetsIn(
  value: unknown,
  provider: StorageProvider,
  certain: Asset | null = provider.identify(value),
): Asset[] {
  const possible = provider.possible?.(value) ?? [];
  const others = certain ? possible.filter(({ key }) => key !== certain.key) : possible;
  return [...(certain ? [certain] : []), ...others];
}
