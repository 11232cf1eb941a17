import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { codeOf, statusOf } from './failure.js';
import { localS3, type LocalS3 } from './local.js';
import { startS3, type S3Server } from './index.js';
import { LocalS3Server } from './server.js';

/** What specs ask of the local server and of no other: faults, refusals by the letter of AWS, a look inside. */
describe('the local S3', () => {
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
  const operations = () => local.requests.map(({ operation }) => operation);

  describe('faults', () => {
    it('an error as often as it was asked for; the SDK tries again', async () => {
      local.fail({ operation: 'PutObject', code: 'SlowDown', status: 503, times: 2 });
      await s3.client({ maxAttempts: 3 }).send(new PutObjectCommand({ Bucket, Key: 'a' }));
      expect(operations()).to.deep.equal(['PutObject', 'PutObject', 'PutObject']);
      expect(local.keys(Bucket)).to.deep.equal(['a']);
    });

    it('for one key only; of HEAD there is but the status', async () => {
      for (const key of ['a', 'b']) await put(key);
      local.fail({ operation: 'HeadObject', key: 'b', code: 'AccessDenied', status: 403 });
      await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
      expect(await statusOf(client.send(new HeadObjectCommand({ Bucket, Key: 'b' })))).to.equal(403);
      await client.send(new HeadObjectCommand({ Bucket, Key: 'b' }));
    });

    it('a connection that is cut, before and after the deed', async () => {
      await put('a');
      local.fail({ operation: 'DeleteObject', code: 'reset' });
      local.fail({ operation: 'DeleteObject', code: 'done but reset' });
      expect(await codeOf(client.send(new DeleteObjectCommand({ Bucket, Key: 'a' })))).to.equal('ECONNRESET');
      expect(local.keys(Bucket)).to.deep.equal(['a']);
      expect(await codeOf(client.send(new DeleteObjectCommand({ Bucket, Key: 'a' })))).to.equal('ECONNRESET');
      expect(local.keys(Bucket)).to.deep.equal([]);
    });

    it('no answer at all, until the caller gives up', async () => {
      local.fail({ operation: 'DeleteObject', code: 'hang' });
      const abort = new AbortController();
      local.onRequest(() => abort.abort());
      const call = client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }), { abortSignal: abort.signal });
      expect(await codeOf(call)).to.equal('AbortError');
    });

    it('a page that is no XML', async () => {
      local.fail({ operation: 'DeleteObject', code: 'html', status: 502 });
      expect(await statusOf(client.send(new DeleteObjectCommand({ Bucket, Key: 'a' })))).to.equal(502);
    });

    it('errors of single keys in a batch', async () => {
      for (const key of ['a', 'b', 'c']) await put(key);
      local.keyErrors({ a: 'AccessDenied', b: { code: 'SlowDown', times: 1 } });
      const all = ['a', 'b', 'c'].map((Key) => ({ Key }));
      const { Errors: first } = await remove(all);
      expect(first?.map(({ Key, Code }) => [Key, Code])).to.deep.equal([
        ['a', 'AccessDenied'],
        ['b', 'SlowDown'],
      ]);
      expect(local.keys(Bucket)).to.deep.equal(['a', 'b']);
      expect((await remove(all)).Errors?.map(({ Key }) => Key)).to.deep.equal(['a']);
    });

    it('reset() forgets them, and what was seen', async () => {
      local.fail({ operation: 'PutObject', code: 'SlowDown', times: 9 });
      local.keyErrors({ a: 'AccessDenied' });
      local.reset();
      await put('a');
      await remove([{ Key: 'a' }]);
      expect(operations()).to.deep.equal(['PutObject', 'DeleteObjects']);
      expect(local.requests[0]?.path).to.equal(`/${Bucket}/a?x-id=PutObject`);
    });
  });

  it('lists 2,500 objects in three pages, by bytes', async () => {
    const keys = Array.from({ length: 2498 }, (_, index) => `k${String(index)}`);
    local.put(Bucket, [...keys, '\u{1f600}', '\uff5e']);
    const found: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      found.push(...Contents.map(({ Key }) => Key!));
    }
    expect(operations()).to.deep.equal(['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']);
    expect(found).to.deep.equal([...keys.sort(), '\uff5e', '\u{1f600}']);
  });

  it('tells a taken port', async () => {
    const { port } = new URL(s3.endpoint);
    const other = new LocalS3Server({ credentials: [], region: 'us-east-1' });
    expect(localS3(other).requests).to.deep.equal([]);
    expect(await codeOf(other.start(Number(port)))).to.equal('EADDRINUSE');
  });
});
