import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { outcomeOf, type Probe } from './probed-bucket.js';

const errorsOf = ({ Errors = [] }: { Errors?: { Code?: string | undefined }[] | undefined }): string =>
  Errors.length === 0 ? 'deleted' : Errors.map(({ Code }) => Code).join(', ');

const conditions: Probe[] = [
  {
    what: '`DeleteObject` with `If-Match` of an older content',
    async measure(bucket) {
      const { ETag } = await bucket.put('a', 'old');
      await bucket.put('a', 'new');
      return outcomeOf(bucket.remove('a', { IfMatch: ETag }), 'ignored: deleted');
    },
  },
  {
    what: '`DeleteObject` with `If-Match` where the key is missing',
    measure: (bucket) => outcomeOf(bucket.remove('a', { IfMatch: '"0"' }), '204'),
  },
  {
    what: '`DeleteObjects` with an `ETag` of an older content',
    async measure(bucket) {
      const { ETag } = await bucket.put('a', 'old');
      await bucket.put('a', 'new');
      const errors = errorsOf(await bucket.removeAll([{ Key: 'a', ETag }]));
      return errors === 'deleted' ? 'ignored: deleted' : errors;
    },
  },
  {
    what: '`PutObject` with `If-None-Match: *` where the key exists',
    async measure({ Bucket, client }) {
      await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
      return outcomeOf(
        client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'y', IfNoneMatch: '*' })),
        'ignored: written',
      );
    },
  },
];

const batches: Probe[] = [
  {
    what: '`DeleteObjects` with 1,001 keys',
    measure: (bucket) =>
      outcomeOf(bucket.removeAll(Array.from({ length: 1001 }, (_, i) => ({ Key: String(i) }))), 'accepted'),
  },
  { what: '`DeleteObjects` with none', measure: (bucket) => outcomeOf(bucket.removeAll([]), 'accepted') },
  {
    what: '`DeleteObjects` without a checksum',
    measure(bucket) {
      const client = bucket.s3.client({ maxAttempts: 1 });
      client.middlewareStack.add(
        (next) => (args) => {
          delete (args.request as { headers: Record<string, string> }).headers['x-amz-checksum-crc32'];
          return next(args);
        },
        { step: 'build', priority: 'low' },
      );
      return outcomeOf(bucket.removeAll([{ Key: 'a' }], client), 'accepted');
    },
  },
  {
    what: '`DeleteObjects` with a key that is missing',
    measure: async (bucket) => errorsOf(await bucket.removeAll([{ Key: 'a' }])),
  },
];

const versions: Probe[] = [
  {
    what: 'versioned bucket: `DeleteObject` tells its marker',
    async measure(bucket) {
      await bucket.keepVersions();
      await bucket.put('a');
      const { DeleteMarker, VersionId } = await bucket.remove('a');
      return `${DeleteMarker ? 'yes' : 'no'}, ${VersionId ? 'with its id' : 'no id'}`;
    },
  },
  {
    what: 'versioned bucket: `DeleteObjects` tells its marker',
    async measure(bucket) {
      await bucket.keepVersions();
      await bucket.put('a');
      const { Deleted: [one] = [] } = await bucket.removeAll([{ Key: 'a' }]);
      return `${one?.DeleteMarker ? 'yes' : 'no'}, ${one?.DeleteMarkerVersionId ? 'with its id' : 'no id'}`;
    },
  },
  {
    what: 'versioned bucket: `If-Match` where a marker is current',
    async measure(bucket) {
      await bucket.keepVersions();
      const { ETag } = await bucket.put('a');
      await bucket.remove('a');
      return outcomeOf(bucket.remove('a', { IfMatch: ETag }), '204');
    },
  },
  {
    what: '`ListObjectVersions`, pages of 2 over 5 versions of one key',
    async measure(bucket) {
      await bucket.keepVersions();
      for (let i = 0; i < 5; i++) await bucket.put('a', String(i));
      const sizes: number[] = [];
      let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
      for (let more = true; more && sizes.length < 9;) {
        const page = await bucket.client.send(
          new ListObjectVersionsCommand({ Bucket: bucket.Bucket, MaxKeys: 2, ...markers }),
        );
        sizes.push(page.Versions?.length ?? 0);
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
        more = page.IsTruncated ?? false;
      }
      return sizes.join(' + ');
    },
  },
];

export const PROBES_OF_DELETES: readonly Probe[] = [...conditions, ...batches, ...versions];
