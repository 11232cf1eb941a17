import {
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { virtualHosted } from './virtual.js';
import type { S3Server } from './index.js';

/** What AWS does, and servers of others may not. The local one does all of it. */
export type Feature = keyof typeof FEATURES;

/** A new bucket of the server that is asked. */
interface Asked {
  readonly s3: S3Server;
  readonly client: S3Client;
  readonly Bucket: string;
}

/** How a server is asked for it, in a new bucket. What rejects is not done. */
export const FEATURES = {
  /** Refuses requests with a wrong signature, or without one. */
  async signatures({ s3, Bucket }: Asked) {
    const credentials = { ...s3.credentials, secretAccessKey: 'wrong' };
    const call = s3.client({ credentials, maxAttempts: 1 }).send(new ListObjectsV2Command({ Bucket }));
    return call.then(
      () => false,
      () => true,
    );
  },
  /** Keeps keys to the letter: `a//b`, `/a`, `a/` and `a/../b` are keys like any other. */
  async 'literal-keys'(asked: Asked) {
    await put(asked, 'a//b');
    return (await list(asked)).includes('a//b');
  },
  /** `a` and `a/b` may both be objects. */
  async 'key-below-key'(asked: Asked) {
    for (const key of ['a', 'a/b']) await put(asked, key);
    return (await list(asked)).length === 2;
  },
  /** Lists write a plus as `%2B` with `encoding-type=url`. */
  async 'url-encoding'(asked: Asked) {
    await put(asked, 'a+b');
    return (await list(asked, { EncodingType: 'url' })).includes('a%2Bb');
  },
  /** The `Location` of an upload in parts is an address below the endpoint. */
  async 'locations-of-parts'({ s3, client, Bucket }: Asked) {
    const Body = Buffer.alloc(LARGE);
    const { Location = '' } = await new Upload({ client, params: { Bucket, Key: 'a.png', Body } }).done();
    return Location.startsWith(`${s3.endpoint}/`);
  },
  /** The bucket may stand in the name of the host. */
  async 'virtual-hosts'({ s3, Bucket }: Asked) {
    const { client } = virtualHosted(s3);
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    return (await list({ client: s3.client(), Bucket })).includes('a');
  },
};

/** The least size of an upload in several parts. */
const LARGE = 5 * 1024 * 1024 + 1;

/** Asks a server for each feature once, when a spec needs it. */
export function askedOf(s3: () => S3Server): (feature: Feature) => Promise<boolean> {
  const answers = new Map<Feature, Promise<boolean>>();
  const ask = async (feature: Feature): Promise<boolean> => {
    const server = s3();
    const Bucket = await server.bucket();
    return FEATURES[feature]({ s3: server, client: server.client({ maxAttempts: 1 }), Bucket }).catch(
      () => false,
    );
  };
  return (feature) => {
    const answer = answers.get(feature) ?? ask(feature);
    answers.set(feature, answer);
    return answer;
  };
}

function put({ client, Bucket }: Pick<Asked, 'client' | 'Bucket'>, Key: string): Promise<unknown> {
  const input: PutObjectCommandInput = { Bucket, Key, Body: 'x' };
  return client.send(new PutObjectCommand(input));
}

async function list(
  { client, Bucket }: Pick<Asked, 'client' | 'Bucket'>,
  more: { EncodingType?: 'url' } = {},
): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, ...more }));
  return Contents.map(({ Key = '' }) => Key);
}
