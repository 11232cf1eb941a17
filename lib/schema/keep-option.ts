import type { CleanupOptions } from './checked-options.js';
import type { StorageProvider, SweepableProvider } from '../providers/provider.js';
import { isText, refuse, type Rule } from '../shared/option-rules.js';

export const KEEP: Rule = {
  allowed: 'strings, regular expressions or functions, one or an array',
  is: (value) =>
    [value].flat().every((rule) => isText(rule) || rule instanceof RegExp || typeof rule === 'function'),
};

type KeepOptions = Pick<CleanupOptions, 'keep' | 'providers' | 'fields'>;

/** Strings in `keep` that no provider of the plugin call reads as a file, so that they protect nothing. */
export function unknownKeepStrings(options: KeepOptions): string[] {
  const providers = providersOf(options);
  return options.keep.filter(
    (rule): rule is string => typeof rule === 'string' && !providers.some((one) => knows(one, rule)),
  );
}

/**
 * @throws TypeError for a string that no provider knows. A provider that is configured later cannot know it yet; such a
 * string is reported at first use.
 */
export function refuseUnknownKeep(options: KeepOptions): void {
  const [unknown] = unknownKeepStrings(options);
  const providers = providersOf(options);
  if (unknown === undefined || providers.some(isNotConfigured)) return;
  const names = [...new Set(providers.map(({ name }) => name))].join(', ');
  refuse({
    owner: 'imageCleanup',
    name: 'keep',
    given: unknown,
    allowed: `strings that name a file of a provider of this call (${names}); this one names none and would protect nothing`,
    advice:
      "write it as documents store it (see the provider's baseUrl and hosts), or write a regular expression",
  });
}

function providersOf({ providers, fields = [] }: KeepOptions): StorageProvider[] {
  return [...new Set([...providers, ...fields.flatMap((field) => field.providers ?? [])])];
}

/** A provider that throws may know the value. */
function knows(provider: StorageProvider, value: string): boolean {
  try {
    return provider.identify(value) !== null || (provider.possible?.(value) ?? []).length > 0;
  } catch {
    return true;
  }
}

/** A provider names its storage as soon as it is configured. */
function isNotConfigured(provider: SweepableProvider): boolean {
  return 'storage' in provider && provider.storage === undefined;
}
