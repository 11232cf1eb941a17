import { parameter, type Call } from './call.js';
import { pageOf, prefixesOf, textsFor, wishOf } from './listing.js';
import type { Version } from './store.js';
import type { Answer, World } from './world.js';
import { xml } from './xml.js';

/** `ListObjectVersions`: all versions and delete markers, keys in order, of each key the newest first. */
export function listVersions(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const wish = wishOf(call);
  const text = textsFor(call);
  const [keyMarker = '', idMarker = ''] = ['key-marker', 'version-id-marker'].map((name) =>
    parameter(call, name),
  );
  const marker =
    keyMarker === ''
      ? null
      : { after: keyMarker, isPrefix: wish.delimiter !== '' && keyMarker.endsWith(wish.delimiter) };
  // one name more than asked for tells whether the list goes on
  const { names, next } = pageOf(bucket.keys, { ...wish, marker }, () => true);
  const left = idMarker === '' ? [] : after(bucket.versionsOf(keyMarker), idMarker);
  const listed = names.flatMap(({ name, isPrefix }) => (isPrefix ? [] : bucket.versionsOf(name)));
  const all = [...left, ...listed];
  const versions = all.slice(0, wish.max);
  const last = versions.at(-1);
  const truncated = all.length > wish.max || next !== null;
  const parts = {
    Name: call.bucket,
    Prefix: text(wish.prefix),
    KeyMarker: text(keyMarker),
    VersionIdMarker: idMarker,
    NextKeyMarker: truncated ? text(last?.key ?? next?.after ?? '') : undefined,
    NextVersionIdMarker: truncated ? last?.versionId : undefined,
    MaxKeys: wish.max,
    EncodingType: parameter(call, 'encoding-type'),
    IsTruncated: truncated,
    CommonPrefixes: prefixesOf(names, text),
  };
  const rows = versions.map((one) => rowOf(one, bucket.current(one.key) === one, text)).join('');
  return {
    status: 200,
    body: xml('ListVersionsResult', parts).replace(/<\/ListVersionsResult>$/, `${rows}$&`),
  };
}

function after(versions: readonly Version[], id: string): readonly Version[] {
  const at = versions.findIndex(({ versionId }) => versionId === id);
  return at === -1 ? [] : versions.slice(at + 1);
}

function rowOf(version: Version, IsLatest: boolean, text: (name: string) => string): string {
  const { key, versionId, lastModified, etag, body, isDeleteMarker } = version;
  const about = { Key: text(key), VersionId: versionId, IsLatest, LastModified: lastModified.toISOString() };
  if (isDeleteMarker) return xml('DeleteMarker', about);
  return xml('Version', { ...about, ETag: etag, Size: body.length, StorageClass: 'STANDARD' });
}
