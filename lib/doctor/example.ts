import type { StorageProvider } from '../providers/provider.js';
import { masked } from '../providers/masked.js';
import { exampleOf } from '../removal/unknown-values.js';
import { withoutSecrets } from '../shared/without-secrets.js';

/**
 * A stored value for a report: shortened, and without what would allow its reader to fetch or change a file. Any field
 * may contain a signed URL, also one that no provider of the app knows.
 */
export function shownExample(value: unknown, providers: readonly StorageProvider[]): string {
  const shown = masked(value, providers);
  return exampleOf(withoutSecrets(typeof shown === 'string' ? shown : textOf(shown)));
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
