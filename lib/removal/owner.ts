import type { Asset, KeptReason, StorageProvider } from '../providers/provider.js';

/** An asset with the provider that knows it. */
export interface Owner {
  readonly asset: Asset;
  readonly provider: StorageProvider;
}

/** The first provider that identifies a value owns it. A provider must not throw; one that does owns nothing. */
export function ownerOf(value: unknown, providers: readonly StorageProvider[]): Owner | undefined {
  for (const provider of providers) {
    try {
      const asset = provider.identify(value);
      if (asset) return { asset, provider };
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Why no provider owns the value. */
export function refusalOf(value: unknown, providers: readonly StorageProvider[]): KeptReason {
  for (const provider of providers) {
    try {
      const reason = provider.refusal?.(value);
      if (reason) return reason;
    } catch {
      return 'unsafe';
    }
  }
  return 'not ours';
}
