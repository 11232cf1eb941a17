import type { Call } from './call.js';
import { matches } from './conditions.js';
import { malformedXml, S3Error } from './errors.js';
import { deleteOne } from './objects.js';
import { payloadOf } from './payload.js';
import type { Bucket } from './store.js';
import type { Answer, World } from './world.js';
import { parseXml, textOf, xml, type Element } from './xml.js';

const MOST_KEYS = 1000;

/** `DeleteObjects`: each key its own outcome, in one answer with status 200. */
export function deleteObjects(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const { content, checksums } = payloadOf(call);
  if (call.headers['content-md5'] === undefined && Object.keys(checksums).length === 0) {
    const what = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*';
    throw new S3Error('InvalidRequest', 400, what);
  }
  const document = parseXml(content.toString());
  const objects = document?.children.filter(({ name }) => name === 'Object') ?? [];
  if (document?.name !== 'Delete' || objects.length === 0 || objects.length > MOST_KEYS) throw malformedXml();
  const quiet = textOf(document, 'Quiet') === 'true';
  const outcomes = objects.map((object) => deleteListed(object, bucket, world));
  const Deleted = outcomes.flatMap((one) => ('Deleted' in one && !quiet ? [one.Deleted] : []));
  const Errors = outcomes.flatMap((one) => ('Error' in one ? [one.Error] : []));
  return { status: 200, body: xml('DeleteResult', { Deleted, Error: Errors }) };
}

function deleteListed(object: Element, bucket: Bucket, world: World) {
  const Key = textOf(object, 'Key') ?? '';
  const VersionId = textOf(object, 'VersionId') || undefined;
  if (Key === '') throw malformedXml();
  const Code = world.keyError(Key) ?? refusal(object, bucket, world);
  if (Code !== undefined) return { Error: { Key, VersionId, Code, Message: MESSAGES[Code] ?? Code } };
  const { versionId, isDeleteMarker } = deleteOne(bucket, Key, VersionId);
  const marker = isDeleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
  return { Deleted: { Key, VersionId, ...marker } };
}

const MESSAGES: Readonly<Record<string, string>> = {
  AccessDenied: 'Access Denied',
  SlowDown: 'Please reduce your request rate.',
  InternalError: 'We encountered an internal error. Please try again.',
};

/** The condition of a single key, where such are heeded. */
function refusal(object: Element, bucket: Bucket, { conditions }: World): string | undefined {
  const etag = textOf(object, 'ETag');
  if (conditions !== 'all' || etag === undefined) return undefined;
  const current = bucket.object(textOf(object, 'Key') ?? '');
  if (current === undefined) return 'NoSuchKey';
  return matches(etag, current) ? undefined : 'PreconditionFailed';
}
