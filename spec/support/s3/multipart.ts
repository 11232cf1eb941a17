import { randomBytes } from 'node:crypto';
import { parameter, type Call } from './call.js';
import { checkCondition } from './conditions.js';
import { malformedXml, preconditionFailed, S3Error } from './errors.js';
import { checkKey, idOf, keptHeaders } from './objects.js';
import { payloadOf } from './payload.js';
import { etagOf, etagOfParts, type Upload } from './store.js';
import type { Answer, World } from './world.js';
import { parseXml, textOf, xml } from './xml.js';

const LEAST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export function createUpload(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  checkKey(call.key);
  const UploadId = randomBytes(16).toString('hex');
  bucket.uploads.set(UploadId, { key: call.key, headers: keptHeaders(call), parts: new Map() });
  const body = xml('InitiateMultipartUploadResult', { Bucket: call.bucket, Key: call.key, UploadId });
  return { status: 200, body };
}

export function uploadPart(call: Call, world: World): Answer {
  const { parts } = uploadOf(call, world);
  const number = Number(parameter(call, 'partNumber'));
  if (!(Number.isInteger(number) && number >= 1 && number <= MOST_PARTS)) {
    throw new S3Error(
      'InvalidArgument',
      400,
      'Part number must be an integer between 1 and 10000, inclusive',
    );
  }
  const { content, checksums } = payloadOf(call);
  const etag = etagOf(content);
  parts.set(number, { body: content, etag });
  return { status: 200, headers: { etag, ...checksums } };
}

export function completeUpload(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const upload = uploadOf(call, world);
  const parts = partsOf(payloadOf(call).content.toString(), upload);
  const current = bucket.object(call.key);
  if (call.headers['if-none-match'] === '*' && current !== undefined) throw preconditionFailed();
  checkCondition(call.headers['if-match'], current);
  const etag = etagOfParts(parts.map((one) => one.etag));
  const content = { body: Buffer.concat(parts.map(({ body }) => body)), headers: upload.headers, etag };
  const version = bucket.put(call.key, content);
  bucket.uploads.delete(parameter(call, 'uploadId')!);
  const host = call.headers['host'] ?? '';
  const place = host.startsWith(`${call.bucket}.`) ? host : `${host}/${call.bucket}`;
  const Location = `http://${place}/${locationOf(call.key)}`;
  const body = xml('CompleteMultipartUploadResult', {
    Location,
    Bucket: call.bucket,
    Key: call.key,
    ETag: etag,
  });
  return { status: 200, headers: idOf(bucket, version), body };
}

/** As S3 writes a key into the location of a large upload: also slashes are encoded, a space is a plus. */
function locationOf(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+');
}

export function abortUpload(call: Call, world: World): Answer {
  uploadOf(call, world);
  world.bucket(call).uploads.delete(parameter(call, 'uploadId')!);
  return { status: 204 };
}

function uploadOf(call: Call, world: World): Upload {
  const upload = world.bucket(call).uploads.get(parameter(call, 'uploadId')!);
  if (upload?.key === call.key) return upload;
  throw new S3Error('NoSuchUpload', 404, 'The specified upload does not exist.');
}

function partsOf(source: string, { parts }: Upload): { body: Buffer; etag: string }[] {
  const document = parseXml(source);
  const named = document?.children.filter(({ name }) => name === 'Part') ?? [];
  if (document?.name !== 'CompleteMultipartUpload' || named.length === 0) throw malformedXml();
  let before = 0;
  return named.map((element, index) => {
    const number = Number(textOf(element, 'PartNumber'));
    const part = parts.get(number);
    if (
      part === undefined ||
      textOf(element, 'ETag')?.replaceAll('"', '') !== part.etag.replaceAll('"', '')
    ) {
      throw new S3Error('InvalidPart', 400, 'One or more of the specified parts could not be found.');
    }
    if (number <= before)
      throw new S3Error('InvalidPartOrder', 400, 'The list of parts was not in ascending order.');
    before = number;
    if (index < named.length - 1 && part.body.length < LEAST_PART) {
      throw new S3Error(
        'EntityTooSmall',
        400,
        'Your proposed upload is smaller than the minimum allowed size',
      );
    }
    return part;
  });
}
