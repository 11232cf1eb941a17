import { parameter, type Call } from './call.js';
import { S3Error } from './errors.js';
import { byBytes, placeOf } from './sorted.js';
import type { Answer, World } from './world.js';
import { xml } from './xml.js';

const PAGE = 1000;

/** How far a list has come: after this key, or after everything that begins with this common prefix. */
interface Marker {
  readonly after: string;
  readonly isPrefix: boolean;
}

/** What a list is asked for. */
export interface Wish {
  readonly prefix: string;
  readonly delimiter: string;
  readonly max: number;
  readonly marker: Marker | null;
}

/** One page of names: keys, and beginnings up to the delimiter that stand for all keys below. */
export interface Page {
  readonly names: readonly { readonly name: string; readonly isPrefix: boolean }[];
  /** Where the next page starts; `null` at the end. */
  readonly next: Marker | null;
}

export function listObjects(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const [token, startAfter] = ['continuation-token', 'start-after'].map((name) => parameter(call, name));
  const marker = token ? markerOf(token) : startAfter ? { after: startAfter, isPrefix: false } : null;
  const wish = { ...wishOf(call), marker };
  const { names, next } = pageOf(bucket.keys, wish, (key) => bucket.object(key) !== undefined);
  const text = textsFor(call);
  const Contents = names.flatMap(({ name, isPrefix }) => (isPrefix ? [] : [bucket.object(name)!]));
  const body = xml('ListBucketResult', {
    Name: call.bucket,
    Prefix: text(wish.prefix),
    Delimiter: wish.delimiter === '' ? undefined : text(wish.delimiter),
    MaxKeys: wish.max,
    EncodingType: parameter(call, 'encoding-type'),
    KeyCount: names.length,
    IsTruncated: next !== null,
    ContinuationToken: token,
    NextContinuationToken: next === null ? undefined : tokenOf(next),
    StartAfter: startAfter === undefined ? undefined : text(startAfter),
    Contents: Contents.map(({ key, lastModified, etag, body: { length } }) => ({
      Key: text(key),
      LastModified: lastModified.toISOString(),
      ETag: etag,
      Size: length,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: prefixesOf(names, text),
  });
  return { status: 200, body };
}

export function prefixesOf(names: Page['names'], text: (name: string) => string): { Prefix: string }[] {
  return names.flatMap(({ name, isPrefix }) => (isPrefix ? [{ Prefix: text(name) }] : []));
}

export function wishOf(call: Call): Omit<Wish, 'marker'> {
  const max = Number(parameter(call, 'max-keys') ?? PAGE);
  if (!Number.isInteger(max) || max < 0)
    throw new S3Error('InvalidArgument', 400, 'max-keys must be a whole number');
  const [prefix = '', delimiter = ''] = ['prefix', 'delimiter'].map((name) => parameter(call, name));
  return { prefix, delimiter, max: Math.min(max, PAGE) };
}

/** How names are written in the answer: encoded where the request wants it. */
export function textsFor(call: Call): (name: string) => string {
  const type = parameter(call, 'encoding-type');
  if (type !== undefined && type !== 'url')
    throw new S3Error('InvalidArgument', 400, 'Invalid Encoding Method specified in Request');
  return type === undefined
    ? (name) => name
    : (name) => encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+');
}

export function pageOf(keys: readonly string[], wish: Wish, isListed: (key: string) => boolean): Page {
  const { prefix, delimiter, max, marker } = wish;
  const names: Page['names'][number][] = [];
  const from = marker !== null && byBytes(marker.after, prefix) > 0 ? marker.after : prefix;
  for (let at = placeOf(keys, from); at < keys.length; at++) {
    const key = keys[at]!;
    if (!key.startsWith(prefix)) break;
    if (marker !== null && (marker.isPrefix ? key.startsWith(marker.after) : key === marker.after)) continue;
    if (!isListed(key)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? key : key.slice(0, end + delimiter.length);
    if (end !== -1 && names.at(-1)?.name === name) continue;
    const last = names.at(-1);
    if (names.length === max)
      return { names, next: last ? { after: last.name, isPrefix: last.isPrefix } : null };
    names.push({ name, isPrefix: end !== -1 });
  }
  return { names, next: null };
}

function tokenOf(marker: Marker): string {
  return Buffer.from(JSON.stringify(marker)).toString('base64');
}

function markerOf(token: string): Marker {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString()) as Marker;
  } catch {
    throw new S3Error('InvalidArgument', 400, 'The continuation token provided is incorrect');
  }
}
