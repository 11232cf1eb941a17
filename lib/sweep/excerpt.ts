import { masked } from '../providers/masked.js';
import type { StorageProvider } from '../providers/provider.js';
import { folded } from '../usage/names.js';

/** Characters that are read around a name to mask secrets, and that are shown. */
const READ = 2000;
const SHOWN = 60;

/** `token=…` in an address, `"password": "…"` in a text. */
const NAMED_SECRET =
  /([\w.-]{0,40}(?:signature|token|secret|passw|pwd|credential|api.?key|access.?key|auth|cookie|session|sig)[\w.-]{0,40}["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"'&;,#<>{}]+/gi;
const USER_IN_ADDRESS = /(\/\/)[^/@\s:]{1,256}:[^/@\s]{1,256}@/g;

/** The part of a text around a name that was found in it, as it may be shown. */
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

function withoutSecrets(text: string): string {
  return text.replace(NAMED_SECRET, '$1***').replace(USER_IN_ADDRESS, '$1***@');
}
