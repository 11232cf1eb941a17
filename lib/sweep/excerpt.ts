import { masked } from '../providers/masked.js';
import type { StorageProvider } from '../providers/provider.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import { folded } from '../usage/names.js';

/** How many characters around a name are read to mask secrets, and how many are shown. */
const READ = 2000;
const SHOWN = 60;

/** The part of a text around a name that was found in it, with secrets masked. */
export function excerptOf(text: string, found: string, providers: readonly StorageProvider[]): string {
  const at = Math.max(0, folded(text).indexOf(found));
  const from = Math.max(0, at - READ);
  const near = text.slice(from, at + found.length + READ);
  const shown = withoutSecrets(String(masked(near, providers)));
  const start = Math.max(0, Math.max(0, folded(shown).indexOf(found)) - SHOWN);
  const end = Math.min(shown.length, start + found.length + 2 * SHOWN);
  const before = start > 0 || from > 0 ? '…' : '';
  const after = end < shown.length || from + near.length < text.length ? '…' : '';
  return `${before}${shown.slice(start, end)}${after}`;
}
