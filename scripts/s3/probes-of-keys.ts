import { HeadObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { outcomeOf, type Probe } from './probed-bucket.js';

const reads: Probe[] = [
  {
    what: '`HeadObject` of a missing key',
    measure: ({ client, Bucket }) => outcomeOf(client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))),
  },
  {
    what: '`HeadObject` with a wrong secret',
    measure({ s3, Bucket }) {
      const client = s3.client({
        maxAttempts: 1,
        credentials: { ...s3.credentials, secretAccessKey: 'wrong' },
      });
      return outcomeOf(client.send(new HeadObjectCommand({ Bucket, Key: 'a' })));
    },
  },
  {
    what: 'a presigned URL that has expired',
    async measure(bucket) {
      await bucket.put('a');
      return String(await bucket.fetchSigned('a', new Date(Date.now() - 120_000)));
    },
  },
  {
    what: 'fractions of a second in `LastModified` of a list',
    async measure(bucket) {
      await bucket.put('a');
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: bucket.client },
        { Bucket: bucket.Bucket },
      )) {
        return Contents[0]!.LastModified!.getMilliseconds() === 0 ? 'no' : 'yes';
      }
      return 'nothing is listed';
    },
  },
];

const keys: Probe[] = [
  {
    what: 'list of `~`, U+FF5E, U+1F600, in the order of bytes',
    async measure(bucket) {
      for (const key of ['\u{1f600}', '\uff5e', '~']) await bucket.put(key);
      return (await bucket.pages()).flat().join('') === '~\uff5e\u{1f600}' ? 'yes' : 'no';
    },
  },
  {
    what: 'pages of a list of 7 by 3',
    async measure(bucket) {
      for (let i = 0; i < 7; i++) await bucket.put(String(i));
      return (await bucket.pages(3)).map(({ length }) => length).join(' + ');
    },
  },
  {
    what: '`a b+ü` in a list with `encoding-type=url`',
    async measure({ s3, client, Bucket }) {
      await client.send(new PutObjectCommand({ Bucket, Key: 'a b+ü', Body: 'x' }));
      const other = s3.client();
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: other },
        { Bucket, EncodingType: 'url' },
      )) {
        return `\`${Contents[0]?.Key ?? ''}\``;
      }
      return 'nothing is listed';
    },
  },
  ...['a//b', 'a/../b', 'a/', '/a', 'k'.repeat(1024)].map((key): Probe => ({
    what: key.length > 9 ? 'a key of 1,024 letters' : `the key \`${key}\``,
    async measure(bucket) {
      const put = await outcomeOf(bucket.put(key));
      if (put !== 'done') return put;
      const listed = (await bucket.pages()).flat();
      return listed.includes(key) ? 'kept' : `listed as \`${listed.join(' ')}\``;
    },
  })),
  {
    what: 'the keys `a` and `a/b` together',
    async measure(bucket) {
      await bucket.put('a');
      return outcomeOf(bucket.put('a/b'), 'kept');
    },
  },
  {
    what: '`Location` of `d/a b` above 5 MB, as lib-storage gives it',
    async measure({ s3, client, Bucket }) {
      const params = { Bucket, Key: 'd/a b', Body: Buffer.alloc(6 * 1024 * 1024) };
      const { Location = '' } = await new Upload({ client, params }).done();
      return `\`${Location.replace(s3.endpoint, '…').replace(Bucket, 'bucket')}\``;
    },
  },
];

export const PROBES_OF_KEYS: readonly Probe[] = [...reads, ...keys];
