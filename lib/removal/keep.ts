import type { CleanupOptions, KeepContext, KeepRule } from '../options.js';
import type { Asset, StorageProvider, StoredForms } from '../providers/provider.js';
import { identityOf } from './candidates.js';
import { isolated } from './events.js';

export interface Judged {
  readonly value: unknown;
  readonly asset: Asset;
  readonly provider: StorageProvider;
}

/** Is the asset protected by a `keep` rule, or by a literal default of a schema in the scope? A rule that throws keeps. */
export function isProtected(
  judged: Judged,
  about: KeepContext,
  options: CleanupOptions,
  defaults: readonly unknown[],
): boolean {
  try {
    return (
      defaults.some((value) => isSameAsset(value, judged)) ||
      options.keep.some((rule) => keeps(rule, judged, about))
    );
  } catch {
    return true;
  }
}

function keeps(rule: KeepRule, judged: Judged, about: KeepContext): boolean {
  if (typeof rule === 'string') return rule === judged.value || isSameAsset(rule, judged);
  if (rule instanceof RegExp) return matchesAnyForm(rule, judged);
  const answer = rule(judged.value, about);
  isolated(() => answer);
  return answer !== false;
}

function isSameAsset(value: unknown, { asset, provider }: Judged): boolean {
  const other = provider.identify(value);
  return other !== null && identityOf(other) === identityOf(asset);
}

/** `g` and `y` make a RegExp remember where it stopped, so the same file would be kept only every other time. */
function matchesAnyForm(rule: RegExp, { value, asset, provider }: Judged): boolean {
  const pattern = new RegExp(rule.source, rule.flags.replace(/[gy]/g, ''));
  return [value, ...allForms(provider.forms(asset))].some(
    (form) => typeof form === 'string' && pattern.test(form),
  );
}

function allForms(forms: StoredForms): string[] {
  return [...forms.equal, ...Object.values(forms.objects ?? {}).flat()];
}
