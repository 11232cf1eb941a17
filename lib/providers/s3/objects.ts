import { isKey } from './keys.js';
import { kept, NOT_OURS, readText, type Reader, type Reading } from './reading.js';

/** Names under which the SDK, multer-s3 and apps store a key. */
export const KEY_NAMES = ['key', 'Key'] as const;
/** Names under which they store an address. */
export const ADDRESS_NAMES = ['location', 'Location', 'url'] as const;

/**
 * Reads `{ key, bucket, location, etag }` of multer-s3, `{ Key, Bucket, Location }` of the SDK, `{ key }` and `{ url
 * }`. All their parts must mean one object.
 */
export function readObject(value: unknown, reader: Reader): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NOT_OURS;
  const held = value as Readonly<Record<string, unknown>>;
  const texts = (names: readonly string[]): string[] =>
    names.map((name) => held[name]).filter((one): one is string => typeof one === 'string' && one !== '');
  const buckets = texts(['bucket', 'Bucket']);
  if (buckets.some((bucket) => bucket !== reader.addresses.bucket)) return NOT_OURS;
  const keys = [...new Set(texts(KEY_NAMES))];
  const addresses = texts(ADDRESS_NAMES).map((text) => ({ text, reading: readText(text, reader) }));
  const possible = [
    ...new Set([...keys.filter(isKey), ...addresses.flatMap(({ reading }) => reading.possible)]),
  ];
  const isNamed = buckets.length > 0 || addresses.some(({ reading }) => reading.key !== null);
  const certain = keys.map((key) => (isNamed ? readNamed(key, reader) : readText(key, reader)));
  const readings = [...certain, ...addresses.map(({ reading }) => reading)];
  if (readings.every((one) => one.possible.length === 0)) {
    return kept(readings.find(({ reason }) => reason !== null)?.reason ?? null);
  }
  return agreed(readings, { possible, isAsked: keys.length > 0 || readings.some(isFound) });
}

/** A key beside the name of its bucket is not encoded. */
function readNamed(key: string, { prefix }: Reader): Reading {
  if (!isKey(key) || !key.startsWith(prefix)) return kept('unsafe', isKey(key) ? [key] : []);
  return { key, reason: null, possible: [key], isWhole: true };
}

/** Whether equality finds the object by this value. */
function isFound({ key, isWhole }: Reading): boolean {
  return key !== null && isWhole;
}

function agreed(
  readings: readonly Reading[],
  { possible, isAsked }: { readonly possible: readonly string[]; readonly isAsked: boolean },
): Reading {
  const common = possible.filter((key) => readings.every((one) => one.possible.includes(key)));
  const [key] = common;
  if (common.length !== 1 || key === undefined) return refused(readings, possible);
  if (!readings.some((one) => one.key === key)) return refused(readings, possible);
  return isAsked ? { key, reason: null, possible, isWhole: true } : kept('not canonical', possible);
}

function refused(readings: readonly Reading[], possible: readonly string[]): Reading {
  const [only, ...others] = readings;
  return only && others.length === 0 ? kept(only.reason, possible) : kept('ambiguous', possible);
}

/** Reads any value that a document may hold. Never throws, even if a getter does. */
export function readValue(value: unknown, reader: Reader): Reading {
  try {
    return typeof value === 'string' ? readText(value, reader) : readObject(value, reader);
  } catch {
    return NOT_OURS;
  }
}
