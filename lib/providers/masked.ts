import type { StorageProvider } from './provider.js';

/** A value without what its providers know to be secret: as an event, a report or a log line may show it. */
export function masked(value: unknown, providers: readonly StorageProvider[]): unknown {
  try {
    return providers.reduce((shown, provider) => (provider.mask ? provider.mask(shown) : shown), value);
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}
