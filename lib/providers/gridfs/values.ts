import type { Asset, KeptReason, StoredForms } from '../provider.js';
import { objectIdOf, type StoredValue } from '../stored-value.js';

/** How documents name a file of a bucket. */
export type NamedBy = 'id' | 'filename';

/** What the values of one bucket look like. */
export interface Naming {
  readonly name: string;
  readonly bucketName: string;
  readonly by: NamedBy;
  /** Creates an ObjectId of the driver in use from its hex digits. */
  readonly objectId: (hex: string) => object;
}

const HEX = /^(?:[\da-f]{24}|[\dA-F]{24})$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The key of the file that a value names: the hex digits of an id, or a filename. Never throws, even if a getter does. */
export function keyOf(value: unknown, { by, bucketName }: Naming): string | null {
  const read = by === 'id' ? idKey : filenameKey;
  const own = read(value);
  if (own !== null) return own;
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const { id, filename, bucketName: bucket } = value as Record<string, unknown>;
    if (bucket !== undefined && bucket !== null && bucket !== bucketName) return null;
    return read(by === 'id' ? id : filename);
  } catch {
    return null;
  }
}

export function refusalOf(value: unknown, { by }: Naming): KeptReason | null {
  const isMixedCase = typeof value === 'string' && /^[\da-f]{24}$/i.test(value) && !HEX.test(value);
  return by === 'id' && isMixedCase ? 'not canonical' : null;
}

export function formsOf({ key }: Asset, { by, objectId }: Naming): StoredForms {
  const read = by === 'id' ? idKey : filenameKey;
  if (read(key) !== key) return { equal: [] };
  const equal: StoredValue[] = by === 'id' ? [objectId(key), key, key.toUpperCase()] : [key];
  return { equal, objects: { [by]: equal } };
}

export function idKey(value: unknown): string | null {
  if (typeof value === 'string') return HEX.test(value) ? value.toLowerCase() : null;
  return objectIdOf(value);
}

/** BSON does not distinguish two lone surrogates, and a name cannot contain a NUL. */
export function filenameKey(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) return null;
  return LONE_SURROGATE.test(value) ? null : value;
}
