import type { ProvidedField } from './options.js';
import type { StorageProvider } from '../providers/provider.js';
import { isPlainObject, refuse, refuseUnknown } from '../shared/check-options.js';

/** A field as a plugin call names it. */
export interface NamedPath {
  readonly path: string;
  /** Its own providers; `undefined`: those of the plugin call. */
  readonly providers: readonly StorageProvider[] | undefined;
}

/** @throws TypeError for anything but paths and `{ path, provider }`, and for one path with two providers. */
export function checkFields(given: unknown): readonly NamedPath[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    refuse(
      'fields',
      given,
      "a non-empty array of schema paths, such as ['image', 'photos.url', { path: 'cover', provider }]",
      'name the paths of this schema that hold images',
    );
  }
  const byPath = new Map<string, NamedPath>();
  for (const one of (given as unknown[]).map(checkField)) {
    const known = byPath.get(one.path);
    if (known?.providers && one.providers && !areSame(known.providers, one.providers)) {
      throw new TypeError(
        `imageCleanup: the option "fields" names "${one.path}" twice, with different providers; name it once, with an ` +
          'array of providers if its images live in several places',
      );
    }
    byPath.set(one.path, known?.providers ? known : one);
  }
  return [...byPath.values()];
}

function checkField(given: unknown): NamedPath {
  if (typeof given === 'string' && given !== '') return { path: given, providers: undefined };
  const allowed = "a schema path, such as 'image', or { path: 'image', provider: localProvider({ … }) }";
  if (!isPlainObject(given)) refuse('fields', given, `in the array ${allowed}`, 'correct this entry');
  refuseUnknown('key of an entry of "fields"', given, ['path', 'provider'] satisfies (keyof ProvidedField)[]);
  const { path, provider } = given;
  if (typeof path !== 'string' || path === '') refuse('fields', given, allowed, 'give the entry a path');
  return {
    path,
    providers: provider === undefined ? undefined : checkProviders(`fields: "${path}".provider`, provider),
  };
}

/** @throws TypeError for anything but a provider or several. */
export function checkProviders(name: string, given: unknown): readonly StorageProvider[] {
  const providers = [given].flat();
  if (providers.length === 0 || !providers.every(isProvider)) {
    refuse(name, given, 'a provider such as localProvider(), or a non-empty array of providers');
  }
  return providers;
}

function isProvider(one: unknown): one is StorageProvider {
  return (
    typeof one === 'object' &&
    one !== null &&
    typeof (one as StorageProvider).name === 'string' &&
    (['identify', 'forms', 'remove'] as const).every(
      (method) => typeof (one as StorageProvider)[method] === 'function',
    )
  );
}

export function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
