import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ObjectIdentifier,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Server } from '../../spec/support/s3/index.js';

/** One thing that servers do in different ways: what it is, and what this one does. */
export interface Probe {
  readonly what: string;
  readonly measure: (bucket: ProbedBucket) => Promise<string>;
}

/** A new bucket of the server that is looked at. */
export class ProbedBucket {
  readonly client: S3Client;

  constructor(
    readonly s3: S3Server,
    readonly Bucket: string,
  ) {
    this.client = s3.client({ maxAttempts: 1 });
  }

  put(Key: string, Body: string | Buffer = 'x') {
    return this.client.send(new PutObjectCommand({ Bucket: this.Bucket, Key, Body }));
  }

  remove(Key: string, more: { IfMatch?: string | undefined } = {}) {
    return this.client.send(new DeleteObjectCommand({ Bucket: this.Bucket, Key, ...more }));
  }

  removeAll(Objects: ObjectIdentifier[], client = this.client) {
    return client.send(new DeleteObjectsCommand({ Bucket: this.Bucket, Delete: { Objects } }));
  }

  keepVersions() {
    return this.client.send(
      new PutBucketVersioningCommand({ Bucket: this.Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }

  async pages(pageSize?: number): Promise<string[][]> {
    const found: string[][] = [];
    const config = pageSize === undefined ? { client: this.client } : { client: this.client, pageSize };
    for await (const { Contents = [] } of paginateListObjectsV2(config, { Bucket: this.Bucket })) {
      found.push(Contents.map(({ Key = '' }) => Key));
    }
    return found;
  }

  /** What a presigned GET answers. */
  async fetchSigned(Key: string, signingDate: Date): Promise<number> {
    const url = await getSignedUrl(this.client, new GetObjectCommand({ Bucket: this.Bucket, Key }), {
      expiresIn: 60,
      signingDate,
    });
    return (await fetch(url)).status;
  }
}

/** `done`, or the status and code that refuse. */
export async function outcomeOf(call: Promise<unknown>, done = 'done'): Promise<string> {
  return call.then(
    () => done,
    (error: S3ServiceException) => `${String(error.$metadata?.httpStatusCode)} ${error.name}`,
  );
}
