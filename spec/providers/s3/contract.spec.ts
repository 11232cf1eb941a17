import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3ProviderOptions } from '../../../lib/providers/s3/index.js';
import type { S3Client } from '@aws-sdk/client-s3';
import { providerContract } from '../../../lib/testing/index.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { provided } from './scene.js';
import { CONTRACT_RUNS } from '../../support/counts.js';

const OPERATIONS = ['DeleteObjects', 'DeleteObject', 'HeadObject', 'ListObjectsV2'] as const;

/** A server of others that cannot be reached any more: requests are signed, and not sent. */
function refuseAll(client: S3Client): void {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  client.middlewareStack.add(() => () => Promise.reject(refused), {
    step: 'finalizeRequest',
    priority: 'low',
  });
}

/** `undefined` looks only where a removal waits; the others look before each. */
const ways: readonly [title: string, options: Partial<S3ProviderOptions>, tellsMissing: boolean][] = [
  ['as it is', {}, false],
  ['with a look before', { conditional: 'head' }, false],
  ['with If-Match', { conditional: 'if-match' }, false],
  ['with a prefix and listed keys', { prefix: 'images', keys: ['images/'] }, false],
  ['without a look', { conditional: false }, false],
];

for (const [title, options, tellsMissing] of ways) {
  let server: S3Server;
  let client: S3Client;
  let bucket: string;
  let writes = 0;
  const prefix = options.prefix === undefined ? '' : 'images/';

  describe(`s3Provider ${title}`, () => {
    before(async () => (server = await startS3()));
    after(() => server.stop());
    // faults need the local server
    const isLocal = process.env['S3_ENDPOINT'] === undefined;

    providerContract(title, {
      async create() {
        server.local?.reset();
        const made = await provided(server, {
          hosts: ['cdn.example.com'],
          derived: (name) => [`thumbs/${name}`],
          ...options,
        });
        ({ client, bucket } = made);
        return made.provider;
      },
      async seed(_provider, label) {
        const Key = prefix + label;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `${Key} ${String(writes++)}` }));
        const location = `${server.endpoint}/${bucket}/${Key}`;
        return [
          Key,
          `s3://${bucket}/${Key}`,
          location,
          `${server.endpoint}/${bucket}/${encodeURIComponent(Key)}`,
          `https://cdn.example.com/${Key}`,
          `//cdn.example.com/${Key}?v=2`,
          await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key })),
          { bucket, key: Key, location, etag: '"x"', originalname: 'other.png', size: 3 },
          { Bucket: bucket, Key, Location: location, ETag: '"x"' },
          { key: Key },
          { url: location, alt: 'A picture' },
          { location },
        ];
      },
      async exists(_provider, label) {
        server.local?.keyErrors({});
        const Key = prefix + label;
        const look = client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
        return look.then(
          () => true,
          () => false,
        );
      },
      foreignValues: [
        ...[
          '',
          '/uploads/a.png',
          './a.png',
          '../a',
          'a/../b',
          'data:image/png;base64,AA==',
          's3://other/a.png',
        ],
        'https://example.com/a.png',
        'https://cdn.example.com/',
        'https://cdn.example.com/../a.png',
        'https://cdn.example.com.evil.example/a.png',
        'https://other.s3.amazonaws.com/a.png',
        { key: 'a.png', bucket: 'other' },
        { Key: 'a.png', Location: 'https://example.com/a.png' },
        { key: 'a.png', url: 'https://cdn.example.com/b.png' },
        { path: 'uploads/a.png', filename: 'a.png' },
        { bucket: { name: 'x' }, key: 5 },
      ],
      foreignAssets: ['other-bucket/a.png', 'a.png', '/srv/app/uploads/a.png'].map((key) => ({
        provider: 's3',
        key,
      })),
      tellsMissing,
      fail() {
        for (const operation of OPERATIONS)
          server.local?.fail({ operation, code: 'AccessDenied', status: 403, times: 1000 });
        if (!isLocal) refuseAll(client);
      },
      // one object of a batch fails, and a request hangs, only where faults can be told to the server
      ...(isLocal && {
        failOne: (_provider, label) => {
          server.local?.keyErrors({ [prefix + label]: 'AccessDenied' });
        },
        hang: () => {
          for (const operation of OPERATIONS) server.local?.fail({ operation, code: 'hang', times: 1000 });
        },
      }),
      // two pages, once: more than a thousand uploads, which take their time
      listSize: isLocal && title === 'as it is' ? 1100 : 30,
      it: (title, body) => it(title, body).timeout(120_000),
      runs: CONTRACT_RUNS,
    });
  });
}
