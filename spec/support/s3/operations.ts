import { parameter, type Call } from './call.js';
import { notImplemented } from './errors.js';

export type Operation =
  | 'ListBuckets'
  | 'CreateBucket'
  | 'HeadBucket'
  | 'DeleteBucket'
  | 'PutBucketVersioning'
  | 'GetBucketVersioning'
  | 'ListObjectsV2'
  | 'ListObjectVersions'
  | 'DeleteObjects'
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

type Table = Readonly<Record<string, Operation>>;

/** By method, and by the parameter that chooses the operation. */
const ON_BUCKETS: Table = {
  PUT: 'CreateBucket',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
  'PUT versioning': 'PutBucketVersioning',
  'GET versioning': 'GetBucketVersioning',
  'GET list-type': 'ListObjectsV2',
  'GET versions': 'ListObjectVersions',
  'POST delete': 'DeleteObjects',
};

const ON_OBJECTS: Table = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
  'POST uploads': 'CreateMultipartUpload',
  'PUT uploadId': 'UploadPart',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
};

/** Parameters that make another operation of a request. */
const CHOOSING = [
  ...['acl', 'cors', 'lifecycle', 'list-type', 'location', 'policy', 'tagging', 'versioning', 'versions'],
  ...[
    'delete',
    'uploads',
    'uploadId',
    'attributes',
    'restore',
    'retention',
    'legal-hold',
    'select',
    'torrent',
  ],
];

/** Which operation a request asks for. Throws `NotImplemented` for what the specs have no use for. */
export function operationOf(call: Call): Operation {
  const { method, bucket, key } = call;
  if (bucket === '' && method === 'GET') return 'ListBuckets';
  const chosen = CHOOSING.filter((name) => parameter(call, name) !== undefined);
  const what = [method, ...chosen].join(' ');
  const operation = bucket === '' ? undefined : (key === '' ? ON_BUCKETS : ON_OBJECTS)[what];
  if (operation === undefined || call.headers['x-amz-copy-source'] !== undefined) {
    throw notImplemented(`${what} on ${key === '' ? 'a bucket' : 'an object'}`);
  }
  return operation;
}
