import type { StorageProvider } from './provider.js';

/** A value without what its providers know to be secret, for events, reports and log lines. */
export function masked(value: unknown, providers: readonly StorageProvider[]): unknown {
  try {
    return providers.reduce((shown, provider) => (provider.mask ? provider.mask(shown) : shown), value);
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}

/** What a provider knows to be secret. */
export interface Masking {
  /** Returns a text without its secrets. */
  readonly text: (text: string) => string;
  /** Whether the value of an object under this name is secret. */
  readonly isSecretName: (name: string) => boolean;
}

const DEEPEST = 8;

/**
 * The value with all its texts masked, and with values under secret names hidden. A value without secrets is returned
 * as it is.
 */
export function maskedBy(how: Masking, value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return how.text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '…';
  if (Array.isArray(value)) return value.map((one) => maskedBy(how, one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates, ids and buffers contain no text to mask, and a copy of their properties would be meaningless.
  if (prototype !== null && prototype !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    how.isSecretName(name) ? '***' : maskedBy(how, one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
