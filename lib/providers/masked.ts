import type { StorageProvider } from './provider.js';

/** A value without what its providers know to be secret: as an event, a report or a log line may show it. */
export function masked(value: unknown, providers: readonly StorageProvider[]): unknown {
  try {
    return providers.reduce((shown, provider) => (provider.mask ? provider.mask(shown) : shown), value);
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}

/** What a provider knows to be secret. */
export interface Masking {
  /** A text without it. */
  readonly text: (text: string) => string;
  /** Is what an object holds under this name secret? */
  readonly isSecretName: (name: string) => boolean;
}

const DEEPEST = 8;

/** The value with all its texts masked, and what stands under secret names hidden. What holds none of these is handed back as it is. */
export function maskedBy(how: Masking, value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return how.text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '…';
  if (Array.isArray(value)) return value.map((one) => maskedBy(how, one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates, ids and buffers hold no text of ours, and a copy of their properties would mean nothing
  if (prototype !== null && prototype !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    how.isSecretName(name) ? '***' : maskedBy(how, one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
