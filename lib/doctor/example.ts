import type { StorageProvider } from '../providers/provider.js';
import { masked } from '../providers/masked.js';
import { exampleOf } from '../removal/unknown-values.js';

const SECRET =
  '[\\w.-]*(?:signature|token|secret|api_?key|access_?key|credential|password|policy|sig)[\\w.-]*';
const IN_QUERY = new RegExp(`([?&;]${SECRET}=)[^&#\\s"'<>]*`, 'gi');
const IN_OBJECT = new RegExp(`("${SECRET}":\\s*)"[^"]*"`, 'gi');
const USER = /(:\/\/)[^/@\s"'<>]+@/g;
const SIGNED = /\bs--[\w=-]{4,}--/g;

/** A stored value for a report: shortened, and without what would allow its reader to fetch or change a file. */
export function shownExample(value: unknown, providers: readonly StorageProvider[]): string {
  const shown = masked(value, providers);
  return exampleOf(withoutSecrets(typeof shown === 'string' ? shown : textOf(shown)));
}

/** Also masks secrets that no provider of the app knows, since any field may contain a signed URL. */
export function withoutSecrets(text: string): string {
  return text
    .replace(IN_QUERY, '$1***')
    .replace(IN_OBJECT, '$1"***"')
    .replace(USER, '$1***@')
    .replace(SIGNED, 's--***--');
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
