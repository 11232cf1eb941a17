import type { Asset, KeptReason, StoredForms } from './provider.js';
import { ADDRESS_NAMES, uploadResultOf } from './upload-result.js';

/** How the values of a storage in memory are written. */
export interface MemoryNaming {
  /** The scheme: `memory:a.png`. */
  readonly name: string;
  /** The paths of an app's documents; `null`: values have only the scheme. */
  readonly served: { readonly baseUrl: string; readonly root: string } | null;
}

const LONGEST_ID = 1024;

export function isId(text: string): boolean {
  return (
    text.length <= LONGEST_ID &&
    text.split('/').every((one) => /^[A-Za-z0-9_.-]+$/.test(one) && one !== '.' && one !== '..')
  );
}

/** How values are written with these options, which are checked already. */
export function namingOf(
  name: string,
  { baseUrl, root = 'uploads' }: { readonly baseUrl?: string; readonly root?: string },
): MemoryNaming {
  return { name, served: baseUrl === undefined ? null : { baseUrl: baseUrl.replace(/\/$/, ''), root } };
}

/** The value that a document holds. */
export function valueOf(id: string, { name, served }: MemoryNaming): string {
  return served ? `${served.baseUrl}/${id}` : `${name}:${id}`;
}

/** The texts that may precede an id. A query may follow an id behind an address. */
function beginningsOf({ name, served }: MemoryNaming): { addresses: string[]; paths: string[] } {
  const own = [`${name}://`, `${name}:`];
  if (!served) return { addresses: own, paths: [] };
  const path = served.baseUrl.replace(/^https?:\/\/[^/]+/, '');
  return {
    addresses: [...own, ...new Set([`${served.baseUrl}/`, `${path}/`, `${path.slice(1)}/`])],
    paths: [`${served.root}/`, `./${served.root}/`, './', ''],
  };
}

/** Every id that a value could mean, the likeliest first. Never throws. */
export function idsIn(value: unknown, naming: MemoryNaming): string[] {
  if (typeof value === 'string') return idsInText(value, naming);
  const own = ownId(value, naming.name);
  if (own !== null || !naming.served) return own === null ? [] : [own];
  const addresses = uploadResultOf(value)?.addresses ?? {};
  return [...new Set(Object.values(addresses).flatMap((text) => idsInText(text, naming)))];
}

function idsInText(text: string, naming: MemoryNaming): string[] {
  const { addresses, paths } = beginningsOf(naming);
  const after = (beginning: string): string[] =>
    text.startsWith(beginning) ? [text.slice(beginning.length)] : [];
  const ids = [...addresses.flatMap(after).map((rest) => rest.split('?', 1)[0]!), ...paths.flatMap(after)];
  return [...new Set(ids)].filter(isId);
}

function ownId(value: unknown, name: string): string | null {
  try {
    const id = (value as Record<string, unknown> | null)?.[name];
    return typeof id === 'string' && isId(id) ? id : null;
  } catch {
    return null;
  }
}

/** The id that a value means; `null` if there is none, or if the paths of an object mean several. */
export function idIn(value: unknown, naming: MemoryNaming): string | null {
  const [id] = idsIn(value, naming);
  if (id === undefined) return null;
  if (typeof value === 'string' || ownId(value, naming.name) !== null) return id;
  const texts = Object.values(uploadResultOf(value)?.addresses ?? {});
  const firsts = texts.map((text) => idsInText(text, naming)[0]);
  const isAsked = texts.some((text) => !text.includes('?') && idsInText(text, naming)[0] === id);
  return isAsked && firsts.every((one) => one === id) ? id : null;
}

export function refusalOf(value: unknown, naming: MemoryNaming): KeptReason | null {
  const [id, ...others] = idsIn(value, naming);
  if (id !== undefined)
    return idIn(value, naming) === null ? (others.length > 0 ? 'ambiguous' : 'not canonical') : null;
  if (typeof value !== 'string') return null;
  const { addresses, paths } = beginningsOf(naming);
  return [...addresses, ...paths].some((one) => one !== '' && value.startsWith(one)) ? 'unsafe' : null;
}

export function formsOf({ key }: Asset, naming: MemoryNaming): StoredForms {
  if (!isId(key)) return { equal: [] };
  const { addresses, paths } = beginningsOf(naming);
  const equal = [...addresses, ...paths].map((beginning) => beginning + key);
  const held = naming.served ? Object.fromEntries(ADDRESS_NAMES.map((name) => [name, equal])) : {};
  return {
    equal,
    prefixes: addresses.map((beginning) => `${beginning}${key}?`),
    objects: { ...held, [naming.name]: [key] },
  };
}
