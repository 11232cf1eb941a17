import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { emptyAndDelete } from './cleaning.js';
import { askedOf, type Feature } from './features.js';
import { localS3, type LocalS3 } from './local.js';
import { LocalS3Server } from './server.js';
import type { Credentials } from './signature.js';

export { FEATURES, type Feature } from './features.js';
export type { Fault } from './faults.js';
export type { LocalS3 } from './local.js';
export type { Seen } from './server.js';
export type { Credentials } from './signature.js';

/** An S3 for specs: the local one, or the one of `S3_ENDPOINT`. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** A client of the real SDK for this server; `stop()` destroys it. */
  client(overrides?: S3ClientConfig): S3Client;
  /** Asks the server whether it does not do something that AWS does; specs of it are skipped. */
  lacks(feature: Feature): Promise<boolean>;
  /** Makes a new, empty bucket, which `stop()` removes from a server that goes on; its name. */
  bucket(): Promise<string>;
  /** Removes the buckets that were made here, and ends the server where it is the local one. */
  stop(): Promise<void>;
  /** What only the local server can do; `undefined` with `S3_ENDPOINT`. */
  readonly local?: LocalS3;
}

const DEMO: Credentials = { accessKeyId: 'LOCALKEYID0123456789', secretAccessKey: 'local/Secret+0123456789' };

/** Credentials with a session token that the local server knows, too. */
export const TEMPORARY: Credentials = {
  accessKeyId: 'LOCALTEMPORARY012345',
  secretAccessKey: 'local/Temporary+01234',
  sessionToken: 'local/session+token==',
};

/**
 * Starts the S3 of the specs on a free port of the loopback interface (or on `port`), or uses that of `S3_ENDPOINT`, with
 * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_REGION` (default: us-east-1).
 */
export async function startS3({ port = 0 }: { port?: number } = {}): Promise<S3Server> {
  const { S3_ENDPOINT, AWS_REGION: region = 'us-east-1' } = process.env;
  if (S3_ENDPOINT) return s3At({ endpoint: S3_ENDPOINT, region, credentials: credentialsOfEnvironment() });
  const server = await new LocalS3Server({ credentials: [DEMO, TEMPORARY], region }).start(port);
  const { endpoint } = server;
  return s3At({ endpoint, region, credentials: DEMO, local: localS3(server), end: () => server.stop() });
}

/** Where an S3 is, and how to end it. */
export interface Place extends Pick<S3Server, 'endpoint' | 'region' | 'credentials' | 'local'> {
  readonly end?: () => Promise<void>;
}

/** What specs use of the S3 at a place. */
export function s3At({ end, ...place }: Place): S3Server {
  const clients: S3Client[] = [];
  const buckets: string[] = [];
  const client = (overrides: S3ClientConfig = {}): S3Client => {
    const { endpoint, region, credentials } = place;
    const made = new S3Client({ endpoint, region, credentials, forcePathStyle: true, ...overrides });
    clients.push(made);
    return made;
  };
  const does = askedOf(() => server);
  const server: S3Server = {
    ...place,
    client,
    lacks: async (feature) => place.local === undefined && !(await does(feature)),
    async bucket() {
      const Bucket = `specs-${randomBytes(8).toString('hex')}`;
      await client().send(new CreateBucketCommand({ Bucket }));
      buckets.push(Bucket);
      return Bucket;
    },
    async stop() {
      if (end === undefined) for (const bucket of buckets) await emptyAndDelete(client(), bucket);
      for (const one of clients) one.destroy();
      await end?.();
    },
  };
  return server;
}

function credentialsOfEnvironment(): Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw new Error('S3_ENDPOINT needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
}
