import type { StorageProvider } from '../providers/provider.js';
import { masked } from '../providers/masked.js';
import { exampleOf } from '../removal/unknown-values.js';

const SECRET =
  '[\\w.-]*(?:signature|token|secret|api_?key|access_?key|credential|password|policy|sig)[\\w.-]*';
const IN_QUERY = new RegExp(`([?&;]${SECRET}=)[^&#\\s"'<>]*`, 'gi');
const IN_OBJECT = new RegExp(`("${SECRET}":\\s*)"[^"]*"`, 'gi');
const USER = /(:\/\/)[^/@\s"'<>]+@/g;
const SIGNED = /\bs--[\w=-]{4,}--/g;

/** A stored value as a report may show it: short, without what would let its reader fetch or change what he may not. */
export function shownExample(value: unknown, providers: readonly StorageProvider[]): string {
  const shown = masked(value, providers);
  return exampleOf(withoutSecrets(typeof shown === 'string' ? shown : textOf(shown)));
}

/** Also of providers that the app does not have: a signed URL may stand in any field. */
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
