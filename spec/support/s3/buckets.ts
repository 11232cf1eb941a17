import type { Call } from './call.js';
import { malformedXml, S3Error } from './errors.js';
import { payloadOf } from './payload.js';
import type { Answer, World } from './world.js';
import { parseXml, textOf, xml } from './xml.js';

export function listBuckets(_: Call, world: World): Answer {
  const names = [...world.buckets.keys()].sort();
  return {
    status: 200,
    body: xml('ListAllMyBucketsResult', { Buckets: { Bucket: names.map((Name) => ({ Name })) } }),
  };
}

export function createBucket(call: Call, world: World): Answer {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(call.bucket)) {
    throw new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.');
  }
  world.create(call.bucket);
  return { status: 200, headers: { location: `/${call.bucket}` } };
}

export function headBucket(call: Call, world: World): Answer {
  world.bucket(call);
  return { status: 200 };
}

export function deleteBucket(call: Call, world: World): Answer {
  if (world.bucket(call).keys.length > 0) {
    throw new S3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty');
  }
  world.buckets.delete(call.bucket);
  return { status: 204 };
}

export function putBucketVersioning(call: Call, world: World): Answer {
  const bucket = world.bucket(call);
  const document = parseXml(payloadOf(call).content.toString());
  const status = document === null ? undefined : textOf(document, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  bucket.versioning = status;
  return { status: 200 };
}

export function getBucketVersioning(call: Call, world: World): Answer {
  return {
    status: 200,
    body: xml('VersioningConfiguration', { Status: world.bucket(call).versioning || undefined }),
  };
}
