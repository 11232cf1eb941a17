import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { codeOf, statusOf } from './failure.js';
import { startS3, type S3Server } from './index.js';
import type { LocalS3 } from './local.js';

/** Where the local server is as strict as AWS documents it, and stricter than servers of others. */
describe('the local S3 refuses', () => {
  let s3: S3Server;
  let local: LocalS3;
  let client: S3Client;
  let Bucket: string;

  before(async function () {
    s3 = await startS3();
    if (s3.local === undefined) return this.skip();
    local = s3.local;
    client = s3.client({ maxAttempts: 1 });
  });
  beforeEach(async () => {
    Bucket = await s3.bucket();
    local.reset();
  });
  after(() => s3.stop());

  const put = (Key: string, Body = 'x') => client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const remove = async (Objects: ObjectIdentifier[], by = client) =>
    Objects.length === 0
      ? { Errors: [] }
      : by.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));

  describe('refusals by the letter of AWS', () => {
    it('1,001 keys, and none: MalformedXML', async () => {
      for (const length of [0, 1001]) {
        const Objects = Array.from({ length }, (_, index) => ({ Key: String(index) }));
        const call = client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        expect(await codeOf(call)).to.equal('MalformedXML');
      }
    });

    const headers: [what: string, change: (headers: Record<string, string>) => void, code: string][] = [
      ['a batch without a checksum', (sent) => delete sent['x-amz-checksum-crc32'], 'InvalidRequest'],
      ['a wrong CRC-32', (sent) => (sent['x-amz-checksum-crc32'] = 'AAAAAA=='), 'BadDigest'],
      ['a wrong MD5', (sent) => (sent['content-md5'] = 'AAAAAAAAAAAAAAAAAAAAAA=='), 'BadDigest'],
    ];
    for (const [what, change, code] of headers) {
      it(`${what}: ${code}`, async () => {
        const other = s3.client({ maxAttempts: 1 });
        other.middlewareStack.add(
          (next) => (args) => {
            change((args.request as { headers: Record<string, string> }).headers);
            return next(args);
          },
          { step: 'build', priority: 'low' },
        );
        expect(await codeOf(remove([{ Key: 'a' }], other))).to.equal(code);
      });
    }

    it('what specs have no use for: NotImplemented', async () => {
      const copy = new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` });
      expect(await codeOf(client.send(copy))).to.equal('NotImplemented');
    });
  });

  describe('conditions', () => {
    const conditional = (IfMatch: string) =>
      client.send(new DeleteObjectCommand({ Bucket, Key: 'a', IfMatch }));

    it('of a single delete: another content, and nothing at all', async () => {
      expect(await codeOf(conditional('"0"'))).to.equal('NoSuchKey');
      await put('a');
      expect(await codeOf(conditional('"0"'))).to.equal('PreconditionFailed');
      await conditional('*');
      expect(local.keys(Bucket)).to.deep.equal([]);
    });

    it('in a batch only where it was asked for', async () => {
      const batch = [{ Key: 'a', ETag: '"0"' }];
      await put('a');
      local.conditions('all');
      expect((await remove(batch)).Errors?.map(({ Code }) => Code)).to.deep.equal(['PreconditionFailed']);
      local.conditions('single');
      expect((await remove(batch)).Errors ?? []).to.deep.equal([]);
      expect(local.keys(Bucket)).to.deep.equal([]);
    });

    it('ignored, as by servers that know none', async () => {
      await put('a');
      local.conditions('none');
      await conditional('"0"');
      expect(local.keys(Bucket)).to.deep.equal([]);
    });

    it('of writes and reads', async () => {
      const { ETag } = await put('a');
      const write = new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', IfNoneMatch: '*' });
      expect(await codeOf(client.send(write))).to.equal('PreconditionFailed');
      expect(
        await statusOf(client.send(new HeadObjectCommand({ Bucket, Key: 'a', IfNoneMatch: ETag }))),
      ).to.equal(304);
      expect(
        await statusOf(client.send(new GetObjectCommand({ Bucket, Key: 'a', IfMatch: '"0"' }))),
      ).to.equal(412);
    });
  });
});
