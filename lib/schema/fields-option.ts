import type { NamedPath } from './checked-options.js';
import type { ProvidedField } from './options.js';
import type { StorageProvider } from '../providers/provider.js';
import { isSameText, readText, type Tell } from './text-option.js';
import { areSame } from '../shared/groups.js';
import { isPlainObject, isText, refuse, refuseUnknown } from '../shared/option-rules.js';

const FIELDS = { owner: 'imageCleanup', name: 'fields' };
const KEYS = ['path', 'provider', 'in', 'index'] satisfies (keyof ProvidedField)[];

/**
 * @throws TypeError for anything but paths and `{ path, provider, in, index }`, and for one path with two providers or
 * formats.
 */
export function readFields(given: unknown, tell: Tell): readonly NamedPath[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    refuse({
      ...FIELDS,
      given,
      allowed:
        "a non-empty array of schema paths, such as ['image', 'photos.url', { path: 'cover', provider }]",
      advice: 'name the paths of this schema that hold images',
    });
  }
  const byPath = new Map<string, NamedPath>();
  for (const one of (given as unknown[]).map((entry) => readField(entry, tell))) {
    const known = byPath.get(one.path);
    if (known?.providers && one.providers && !areSame(known.providers, one.providers)) {
      throw new TypeError(
        `imageCleanup: the option "fields" names "${one.path}" twice, with different providers; name it once, with an ` +
          'array of providers if its images live in several places',
      );
    }
    if (known && !isSameText(known.text, one.text)) {
      throw new TypeError(
        `imageCleanup: the option "fields" names "${one.path}" twice, with different values of "in" or "index"; name it once`,
      );
    }
    byPath.set(one.path, known?.providers ? known : one);
  }
  return [...byPath.values()];
}

function readField(given: unknown, tell: Tell): NamedPath {
  if (isText(given)) return { path: given };
  const allowed = "a schema path, such as 'image', or { path: 'image', provider: localProvider({ … }) }";
  if (!isPlainObject(given)) {
    refuse({ ...FIELDS, given, allowed: `in the array ${allowed}`, advice: 'correct this entry' });
  }
  refuseUnknown('imageCleanup: unknown key of an entry of "fields"', given, KEYS);
  const { path, provider } = given;
  if (!isText(path)) refuse({ ...FIELDS, given, allowed, advice: 'give the entry a path' });
  return {
    path,
    providers: provider === undefined ? undefined : readProviders(`fields: "${path}".provider`, provider),
    text: readText(given, { name: `fields: "${path}"`, path, tell }),
  };
}

/** @throws TypeError for anything but one or several providers. */
export function readProviders(name: string, given: unknown): readonly StorageProvider[] {
  const providers = [given].flat();
  if (providers.length === 0 || !providers.every(isProvider)) {
    const allowed = 'a provider such as localProvider(), or a non-empty array of providers';
    refuse({ owner: 'imageCleanup', name, given, allowed });
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
