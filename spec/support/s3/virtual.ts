import type { S3Client } from '@aws-sdk/client-s3';
import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { S3Server } from './index.js';

/** Where every host is: the machine itself. Not all systems find `bucket.localhost`. */
const lookup: LookupFunction = (_host, { all }, done) => {
  if (all) (done as (error: null, found: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

/** A client that writes the bucket into the host, `http://bucket.localhost:1234/key`, and its endpoint. */
export function virtualHosted(s3: S3Server): { client: S3Client; endpoint: string } {
  const endpoint = `http://localhost:${new URL(s3.endpoint).port}`;
  const requestHandler = { httpAgent: new Agent({ lookup, keepAlive: true }) };
  return { client: s3.client({ endpoint, forcePathStyle: false, maxAttempts: 1, requestHandler }), endpoint };
}
