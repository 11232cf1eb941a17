import { assetsIn } from '../providers/possible-assets.js';
import type { Asset, KeptReason, StorageProvider } from '../providers/provider.js';

/** An asset, with the provider that read it from a value. */
export interface Reading {
  readonly asset: Asset;
  readonly provider: StorageProvider;
}

/** Keys can be compared among providers of one kind, whatever their names. */
export function kindOf({ kind, name }: StorageProvider): string {
  return kind ?? name;
}

/** The identity of an asset, which is equal for all readings of it. */
export function identityOf({ asset, provider }: Reading): string {
  return `${kindOf(provider)}\0${asset.key}`;
}

/** Every asset that a value could mean to one provider, the certain one first; `certain` if that is already known. */
export function readingsOf(
  value: unknown,
  provider: StorageProvider,
  certain: Asset | null = provider.identify(value),
): Reading[] {
  return assetsIn(value, provider, certain).map((asset) => ({ asset, provider }));
}

/** Like `readingsOf`, for code that only looks: a provider that throws has no reading. */
export function safeReadingsOf(value: unknown, provider: StorageProvider): readonly Reading[] {
  try {
    return readingsOf(value, provider);
  } catch {
    return [];
  }
}

/** What a dropped value means. */
export type Meaning =
  | { readonly certain: Reading }
  /** One of several files: the one that is stored, if only one is. `likely` is what is meant if none is stored. */
  | { readonly oneOf: readonly Reading[]; readonly likely: Reading | undefined }
  | { readonly refusal: KeptReason };

/**
 * The first provider that identifies a value owns it. If another reading with the same kind of storage is possible,
 * also by a second provider, the storage has to tell which file is meant. A provider that throws owns nothing.
 */
export function meaningOf(value: unknown, providers: readonly StorageProvider[]): Meaning {
  try {
    const owner = ownerOf(value, providers);
    const refusal = owner ? undefined : refusalOf(value, providers);
    if (refusal !== undefined && refusal !== 'ambiguous') return { refusal };
    const kind = owner && kindOf(owner.provider);
    const alike = providers.filter((one) => one.fingerprint && (!kind || kindOf(one) === kind));
    const certainOf = (one: StorageProvider): Asset | undefined =>
      one === owner?.provider ? owner.asset : undefined;
    const readings = unique(alike.flatMap((one) => readingsOf(value, one, certainOf(one))));
    if (owner && readings.length <= 1) return { certain: owner };
    return readings.length > 1 ? { oneOf: readings, likely: owner } : { refusal: 'ambiguous' };
  } catch {
    return { refusal: 'unsafe' };
  }
}

/** Every file that a meaning may be about. */
export function readingsIn(meaning: Meaning): readonly Reading[] {
  if ('refusal' in meaning) return [];
  return 'certain' in meaning ? [meaning.certain] : meaning.oneOf;
}

export function ownerOf(value: unknown, providers: readonly StorageProvider[]): Reading | undefined {
  for (const provider of providers) {
    const asset = provider.identify(value);
    if (asset) return { asset, provider };
  }
  return undefined;
}

/** Like `meaningOf`, for code that only reports: a provider that throws owns nothing. */
export function safeOwnerOf(value: unknown, providers: readonly StorageProvider[]): Reading | undefined {
  try {
    return ownerOf(value, providers);
  } catch {
    return undefined;
  }
}

/** Why no provider owns the value. */
function refusalOf(value: unknown, providers: readonly StorageProvider[]): KeptReason {
  for (const provider of providers) {
    const reason = provider.refusal?.(value);
    if (reason) return reason;
  }
  return 'not ours';
}

function unique(readings: readonly Reading[]): readonly Reading[] {
  if (readings.length <= 1) return readings;
  return [...new Map(readings.map((one) => [identityOf(one), one])).values()];
}
