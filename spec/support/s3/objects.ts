import { parameter, type Call } from './call.js';
import { checkCondition, checkRead } from './conditions.js';
import { noSuchKey, preconditionFailed, S3Error } from './errors.js';
import { payloadOf } from './payload.js';
import type { Bucket, Version } from './store.js';
import type { Answer, World } from './world.js';

const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const LONGEST_KEY = 1024;

export function putObject(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  checkKey(call.key);
  const { content, checksums } = payloadOf(call);
  const current = bucket.object(call.key);
  if (call.headers['if-none-match'] === '*' && current !== undefined) throw preconditionFailed();
  checkCondition(call.headers['if-match'], current);
  const version = bucket.put(call.key, { body: content, headers: keptHeaders(call) });
  return { status: 200, headers: { etag: version.etag, ...checksums, ...idOf(bucket, version) } };
}

/** The headers of a write that come back with every read. */
export function keptHeaders({ headers }: Call): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => KEPT.includes(name) || name.startsWith('x-amz-meta-'),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value.replace(/^aws-chunked,?/, '')]));
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY) throw new S3Error('KeyTooLongError', 400, 'Your key is too long');
}

export function getObject(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const version = wanted(bucket, call);
  checkRead(call, version);
  const { etag, lastModified, body, headers } = version;
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      ...headers,
      etag,
      'last-modified': lastModified.toUTCString(),
      'content-length': String(body.length),
      ...idOf(bucket, version),
    },
    body,
  };
}

function wanted(bucket: Bucket, call: Call): Version {
  const id = parameter(call, 'versionId');
  const version =
    id === undefined
      ? bucket.current(call.key)
      : bucket.versionsOf(call.key).find((one) => one.versionId === id);
  if (version === undefined) {
    throw id === undefined
      ? noSuchKey()
      : new S3Error('NoSuchVersion', 404, 'The specified version does not exist.');
  }
  if (!version.isDeleteMarker) return version;
  const headers = { 'x-amz-delete-marker': 'true', ...idOf(bucket, version) };
  if (id === undefined) throw noSuchKey(headers);
  throw new S3Error('MethodNotAllowed', 405, 'A delete marker has no content', headers);
}

export function deleteObject(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const condition = call.headers['if-match'];
  if (world.conditions !== 'none' && condition !== undefined) {
    const current = bucket.current(call.key);
    if (current === undefined) throw noSuchKey();
    checkCondition(condition, current.isDeleteMarker ? undefined : current);
  }
  const { versionId, isDeleteMarker } = deleteOne(bucket, call.key, parameter(call, 'versionId'));
  return {
    status: 204,
    headers: {
      ...(isDeleteMarker ? { 'x-amz-delete-marker': 'true' } : {}),
      ...(versionId === undefined ? {} : { 'x-amz-version-id': versionId }),
    },
  };
}

/** Deletes an object or one version of it; what the answer says about the version that was deleted or made. */
export function deleteOne(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): { versionId?: string | undefined; isDeleteMarker: boolean } {
  const version = versionId === undefined ? bucket.remove(key) : bucket.removeVersion(key, versionId);
  return { versionId: versionId ?? version?.versionId, isDeleteMarker: version?.isDeleteMarker ?? false };
}

/** The header that names a version, where the bucket keeps versions. */
export function idOf(bucket: Bucket, { versionId }: Version): Record<string, string> {
  return bucket.versioning === '' ? {} : { 'x-amz-version-id': versionId };
}
