import { decodeOnce, hasIgnored, withoutIgnored } from '../address.js';
import type { KeptReason } from '../provider.js';
import { pathInBucket, type Addresses, type Beginning } from './addresses.js';
import { decodingsOf, mayGoOn, writingsOf } from './encodings.js';
import { isKey } from './keys.js';

/** Which strings that are not addresses are keys; see `S3ProviderOptions.keys`. */
export type Keys = boolean | readonly string[];

/** What is needed to read values. */
export interface Reader {
  readonly addresses: Addresses;
  /** `''`, or a folder with a slash at its end. */
  readonly prefix: string;
  readonly keys: Keys;
}

/** What a value says about objects of the bucket. */
export interface Reading {
  /** The object that is meant; `null` if it is not certain, or is not in this bucket. */
  readonly key: string | null;
  /** Why there is no certain object; `null` also if the value does not belong to this bucket. */
  readonly reason: KeptReason | null;
  /** Every object that could be meant. */
  readonly possible: readonly string[];
  /** Whether nothing follows the key, so that equality finds the value. */
  readonly isWhole: boolean;
}

/** Longer than every address of an object without its query. */
const LONGEST = 8192;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

export const NOT_OURS: Reading = { key: null, reason: null, possible: [], isWhole: true };

export function kept(reason: KeptReason | null, possible: readonly string[] = []): Reading {
  return { key: null, reason, possible, isWhole: true };
}

export function readText(text: string, reader: Reader): Reading {
  const head = text.slice(0, LONGEST);
  if (text === '' || (text.length > LONGEST && !/[?#]/.test(head))) return NOT_OURS;
  if (!hasIgnored(head)) return readClean(head, reader);
  // a browser ignores spaces at both ends, and a key may have them
  const { reason, possible } = readOdd(head, reader);
  if (/^\s+[a-z]*:?\/\//i.test(head)) return kept(reason, possible);
  return kept(reason, [...new Set([...possible, ...readClean(head, reader).possible])]);
}

function readClean(head: string, reader: Reader): Reading {
  const beginning = beginningOf(head, reader.addresses);
  if (beginning) return readAddress(head.slice(beginning.text.length), beginning, reader);
  const s3 = `s3://${reader.addresses.bucket}/`;
  if (head.startsWith(s3)) return readPlain(head.slice(s3.length), reader);
  if (SCHEME.test(head) || /^[/\\]/.test(head)) return readOdd(head, reader);
  if (isKnownHost(head, reader)) {
    const { reason, possible } = readClean(`//${head}`, reader);
    return kept(reason ?? 'not canonical', possible);
  }
  return readBare(head, reader);
}

function beginningOf(
  text: string,
  { beginnings, isOpen, endpoint, bucket }: Addresses,
): Beginning | undefined {
  const known = beginnings.find((one) => text.startsWith(one.text));
  if (known || !isOpen || endpoint !== null) return known;
  const [found, host = '', folder = ''] =
    /^(?:https?:)?\/\/([^/]*\.)?s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?\/([^/]*\/)?/.exec(text) ?? [];
  if (found === undefined) return undefined;
  if (host === `${bucket}.`) return { text: found.slice(0, found.length - folder.length), isOfS3: true };
  return host === '' && folder === `${bucket}/` ? { text: found, isOfS3: true } : undefined;
}

/** Reads what follows the address of the bucket. */
function readAddress(rest: string, { isOfS3 }: Beginning, reader: Reader): Reading {
  const end = rest.search(/[?#]/);
  const written = end === -1 ? rest : rest.slice(0, end);
  // A template that does not encode: `a#1.png` is one name, and a browser asks for another.
  const uncut = mayGoOn(rest) ? [decodeOnce(rest)] : [];
  const possible = [...new Set([...decodingsOf(written), ...uncut])].filter(isKey);
  if (possible.length === 0) return kept('unsafe', resolvedKeys(written));
  const certain = possible.filter((key) => isWriting(written, key, isOfS3));
  const [key] = certain;
  if (certain.length > 1 || uncut.some(isKey)) return kept('ambiguous', possible);
  if (key === undefined) return kept('not canonical', possible);
  // no SDK or template writes such an encoding, so it has no other meaning
  return inPrefix(key, [key], { isWhole: end === -1, prefix: reader.prefix });
}

function isWriting(written: string, key: string, isOfS3: boolean): boolean {
  if (written === key) return decodingsOf(written).includes(key);
  const { bySegment, asWhole } = writingsOf(key);
  return bySegment.includes(written) || (isOfS3 && asWhole.includes(written));
}

/** Reads a key as `s3://` URLs and the app write it: unencoded. S3's own notifications contain encoded keys. */
function readPlain(text: string, reader: Reader): Reading {
  const end = text.search(/[?#]/);
  const cut = end < 1 ? [] : [text.slice(0, end)];
  const possible = [...new Set([text, ...decodingsOf(text), ...cut])].filter(isKey);
  if (possible.length === 0) return kept('unsafe', resolvedKeys(text));
  if (possible.length > 1) return kept('ambiguous', possible);
  const [key] = possible;
  return key === text
    ? inPrefix(text, possible, { isWhole: true, prefix: reader.prefix })
    : kept('not canonical', possible);
}

function readBare(text: string, reader: Reader): Reading {
  const { keys, prefix } = reader;
  if (/[<>]/.test(text)) return NOT_OURS;
  const path = text.replaceAll('\\', '/');
  if (path !== text || /^\.\//.test(text)) {
    return kept(isOutside(path) ? 'unsafe' : null, resolvedKeys(path));
  }
  const isClaimed =
    text.startsWith(prefix) &&
    keys !== false &&
    (keys === true || keys.some((beginning) => text.startsWith(beginning)));
  const reading = readPlain(text, reader);
  // a path on disk, an id or a word does not belong to the bucket, unless the options say that it is a key
  return isClaimed || (reading.reason === 'unsafe' && isOutside(text))
    ? reading
    : kept(null, reading.possible);
}

/** Whether segments of the path lead upwards. */
function isOutside(path: string): boolean {
  return decodeOnce(path).split('/').includes('..');
}

/** Reads a spelling that the question does not ask for. What a browser makes of it says which object it could mean. */
function readOdd(text: string, reader: Reader): Reading {
  const cleaned = withoutIgnored(text).replaceAll('\\', '/');
  const [scheme, bucket] = /^s3[an]?:\/\/([^/]+)\//i.exec(cleaned) ?? [];
  if (scheme !== undefined && bucket!.toLowerCase() === reader.addresses.bucket.toLowerCase()) {
    return notCanonical(cleaned.slice(scheme.length));
  }
  const isAddress = /^(?:https?:)?\/\//i.test(cleaned);
  if (!isAddress && SCHEME.test(cleaned)) return NOT_OURS;
  if (!isAddress && !isKnownHost(cleaned, reader)) return readOddKey(text, cleaned);
  const address = isAddress ? cleaned : `//${cleaned}`;
  if (!URL.canParse(address, 'https://nowhere.invalid')) return NOT_OURS;
  const path = pathInBucket(new URL(address, 'https://nowhere.invalid'), reader.addresses);
  if (path === null) return NOT_OURS;
  const possible = [...new Set([...decodingsOf(path), ...resolvedKeys(path)])].filter(isKey);
  const isUnsafe = possible.length === 0 || isOutside(address.replace(/[?#].*$/s, ''));
  if (isUnsafe) return kept('unsafe', possible);
  return kept(reader.addresses.endpoint === undefined ? 'unanswered' : 'not canonical', possible);
}

/** `S3://`, and `s3a://`, which Hadoop writes. */
function notCanonical(written: string): Reading {
  const possible = [...new Set([written, ...decodingsOf(written), ...resolvedKeys(written)])].filter(isKey);
  return kept(possible.length === 0 || isOutside(written) ? 'unsafe' : 'not canonical', possible);
}

/** A path from the root of a site, or a key with spaces at its ends. It probably belongs elsewhere, but could be meant. */
function readOddKey(text: string, cleaned: string): Reading {
  const below = [text, cleaned].map((one) => one.replace(/^\/+/, ''));
  const readings = [text, ...below, ...below.flatMap(resolvedKeys)];
  return kept(null, [...new Set(readings)].filter(isKey));
}

/** Whether the text is an address without a scheme, before which a template writes one. */
function isKnownHost(text: string, { addresses }: Reader): boolean {
  const [host = ''] = text.slice(0, 320).toLowerCase().split('/', 1);
  const { endpoint, hosts, bucket } = addresses;
  if (hosts.includes(host)) return true;
  if (endpoint) return host === endpoint.host || host === `${bucket.toLowerCase()}.${endpoint.host}`;
  return /^(?:.+\.)?s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$/.test(host);
}

/** The keys that result when dot segments and doubled slashes are resolved, as browsers and some CDNs do. */
function resolvedKeys(written: string): string[] {
  const [path = ''] = written.split(/[?#]/, 1);
  return decodingsOf(path.replaceAll('\\', '/'))
    .map((one) => {
      const names: string[] = [];
      for (const segment of one.split('/')) {
        if (segment === '..') names.pop();
        else if (segment !== '' && segment !== '.') names.push(segment);
      }
      return names.join('/');
    })
    .filter(isKey);
}

function inPrefix(
  key: string,
  possible: readonly string[],
  { isWhole, prefix }: { readonly isWhole: boolean; readonly prefix: string },
): Reading {
  return key.startsWith(prefix) ? { key, reason: null, possible, isWhole } : kept('unsafe', possible);
}
