/** The maximum length of a key in bytes of UTF-8. */
const LONGEST_KEY = 1024;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
/** The pattern of most keys, which is faster to check. */
const USUAL = /^[A-Za-z0-9_-][\w.-]*(?:\/[A-Za-z0-9_-][\w.-]*)*$/;
/** Halves of surrogate pairs cannot be encoded as UTF-8. */
const HALF_OF_A_PAIR = /\p{Cs}/u;

/**
 * Whether this provider handles an object with this key. S3 allows more keys: browsers resolve empty segments, `.`,
 * `..` and backslashes to other paths, and control characters break the XML of a listing. Such objects are left alone.
 */
export function isKey(text: string): boolean {
  if (text === '' || text.length > LONGEST_KEY) return false;
  if (USUAL.test(text)) return true;
  if (Buffer.byteLength(text) > LONGEST_KEY) return false;
  if (CONTROL.test(text) || text.includes('\\') || HALF_OF_A_PAIR.test(text)) return false;
  return !text.split('/').some((one) => one === '' || one === '.' || one === '..');
}

/** The name of a bucket, or the alias of an access point. */
export function isBucket(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(value);
}

/** An object by its bucket and its key. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
}

/** The key of an asset: `bucket/key`. Names of buckets contain no slash. */
export function assetKeyOf({ bucket, key }: Target): string {
  return `${bucket}/${key}`;
}

/** Parses the key of an asset; `null` for one that `assetKeyOf` cannot have made. */
export function targetOf(assetKey: string): Target | null {
  const slash = assetKey.indexOf('/');
  const bucket = assetKey.slice(0, slash);
  const key = assetKey.slice(slash + 1);
  return slash > 0 && isBucket(bucket) && isKey(key) ? { bucket, key } : null;
}
