import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startS3 } from '../../spec/support/s3/index.js';

export interface Storage {
  readonly name: string;
  readonly client: S3Client;
  readonly bucket: string;
  /** All keys of this example begin with this prefix. */
  readonly prefix: string;
  stop(): Promise<void>;
}

/**
 * With S3_BUCKET: your bucket, below one prefix, with the credentials and region that the SDK finds, and S3_ENDPOINT if
 * it is not AWS. Without: a bucket of the S3 server that the specs of this repository use.
 */
export async function openStorage(): Promise<Storage> {
  const { S3_BUCKET: bucket, S3_ENDPOINT: endpoint } = process.env;
  const prefix = 'mongoose-image-cleanup-example/';
  if (bucket) {
    const client = new S3Client(endpoint ? { endpoint, forcePathStyle: true } : {});
    return { name: `the bucket ${bucket}`, client, bucket, prefix, stop: async () => client.destroy() };
  }
  const s3 = await startS3();
  const name = s3.local
    ? 'a local server (set S3_BUCKET to use your own bucket)'
    : `a new bucket at ${s3.endpoint}`;
  return { name, client: s3.client(), bucket: await s3.bucket(), prefix, stop: () => s3.stop() };
}

/** The stored keys, as one line. */
export async function contentsOf({ client, bucket, prefix }: Storage): Promise<string> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length)).join(', ') || 'nothing';
}
