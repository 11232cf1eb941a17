import { Readable } from 'node:stream';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { expect } from 'chai';
import { startS3, type S3Server } from '../../support/s3/index.js';

/** What holds of every S3 that the specs run on: the local one and those of others (`npm run s3:compare`). */
describe('the S3 that the specs run on', () => {
  let s3: S3Server;
  let client: S3Client;
  let Bucket: string;

  before(async () => {
    s3 = await startS3();
    client = s3.client();
  });
  beforeEach(async () => (Bucket = await s3.bucket()));
  after(() => s3.stop());

  const put = (Key: string, Body: string | Buffer = 'x') =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const read = async (Key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };
  const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
    client.send(new ListObjectsV2Command({ Bucket, ...more }));
  const keys = async () => ((await list()).Contents ?? []).map((one) => one.Key);
  const remove = (keysToGo: readonly string[]) =>
    client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keysToGo.map((Key) => ({ Key })) } }));

  describe('objects', () => {
    const names = [
      'a.png',
      'a b/ü+(1)#x.png',
      "dir/ä~!*'();:@&=$,?%.png",
      'q?x=1&y',
      '100%25.png',
      '日本/😀.png',
      'a//b',
      '-_.',
    ];
    for (const name of names) {
      it(`the key ${name} comes back as it was given, and goes`, async function () {
        if (name.includes('//') && (await s3.lacks('literal-keys'))) this.skip();
        await put(name, name);
        expect((await read(name)).toString()).to.equal(name);
        expect(await keys()).to.deep.equal([name]);
        const { Deleted, Errors } = await remove([name]);
        expect(Deleted?.map((one) => one.Key)).to.deep.equal([name]);
        expect(Errors ?? []).to.deep.equal([]);
        expect(await keys()).to.deep.equal([]);
      });
    }

    it('the ETag is the MD5 of the content; HEAD tells it with length and time', async () => {
      const { ETag } = await put('a', 'hello');
      expect(ETag).to.equal('"5d41402abc4b2a76b9719d911017c592"');
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
      expect(head).to.include({ ETag, ContentLength: 5 });
      expect(head.LastModified).to.be.instanceOf(Date);
    });

    it('a stream comes in chunks with its checksum behind them', async () => {
      const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('end')]);
      await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body, ContentLength: 70_003 }));
      const content = await read('a');
      expect(content).to.have.length(70_003);
      expect(content.subarray(-4).toString()).to.equal('aend');
    });

    it('a file of more than 5 MB comes in parts, whose ETag says how many there were', async () => {
      const Key = 'dir/a b+ü.bin';
      const Body = Buffer.alloc(6 * 1024 * 1024, 'z');
      const result = await new Upload({ client, params: { Bucket, Key, Body } }).done();
      expect(result).to.include({ Bucket, Key });
      expect(result.Location).to.be.a('string');
      expect(result.ETag).to.match(/^"?[0-9a-f]{32}-2"?$/);
      expect((await read(Key)).equals(Body)).to.equal(true);
    });

    it('what is not there: NoSuchKey, NotFound, NoSuchBucket; a delete of it succeeds', async () => {
      expect(await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'a' })))).to.equal('NoSuchKey 404');
      expect(await codeOf(client.send(new HeadObjectCommand({ Bucket, Key: 'a' })))).to.equal('NotFound 404');
      expect(await codeOf(client.send(new HeadBucketCommand({ Bucket: 'no-such-bucket-here' })))).to.equal(
        'NotFound 404',
      );
      expect(await codeOf(client.send(new ListObjectsV2Command({ Bucket: 'no-such-bucket-here' })))).to.equal(
        'NoSuchBucket 404',
      );
      expect(
        (await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))).$metadata.httpStatusCode,
      ).to.equal(204);
      expect((await remove(['a'])).Deleted?.map((one) => one.Key)).to.deep.equal(['a']);
    });

    it('1,000 keys go in one call', async () => {
      const many = Array.from({ length: 1000 }, (_, index) => `k${String(index)}`);
      await put('k7');
      await put('stays');
      expect((await remove(many)).Deleted).to.have.length(1000);
      expect(await keys()).to.deep.equal(['stays']);
    });
  });

  describe('conditions', () => {
    it('a delete with the ETag of an older content is refused with 412, one with the current succeeds', async () => {
      const { ETag: old } = await put('a', 'old');
      const { ETag: current } = await put('a', 'new');
      const conditional = (IfMatch: string | undefined) =>
        client.send(new DeleteObjectCommand({ Bucket, Key: 'a', IfMatch }));
      expect(await codeOf(conditional(old))).to.equal('PreconditionFailed 412');
      expect(await keys()).to.deep.equal(['a']);
      await conditional(current);
      expect(await keys()).to.deep.equal([]);
    });
  });

  describe('lists', () => {
    it('in the order of bytes, in pages, by prefix', async () => {
      for (const key of ['b/1', 'a', 'b/3', 'b/2', 'c', 'b.png']) await put(key);
      const first = await list({ Prefix: 'b/', MaxKeys: 2 });
      expect(first).to.include({ IsTruncated: true });
      expect(first.Contents?.map((one) => one.Key)).to.deep.equal(['b/1', 'b/2']);
      const second = await list({ Prefix: 'b/', MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
      expect(second.IsTruncated ?? false).to.equal(false);
      expect(second.Contents?.map((one) => one.Key)).to.deep.equal(['b/3']);
      const folded = await list({ Delimiter: '/' });
      expect(folded.Contents?.map((one) => one.Key)).to.deep.equal(['a', 'b.png', 'c']);
      expect(folded.CommonPrefixes?.map((one) => one.Prefix)).to.deep.equal(['b/']);
      expect((await list({ StartAfter: 'b/2' })).Contents?.map((one) => one.Key)).to.deep.equal(['b/3', 'c']);
    });

    it('a key may go on with a slash where another ends', async function () {
      if (await s3.lacks('key-below-key')) this.skip();
      for (const key of ['a', 'a/b']) await put(key);
      expect(await keys()).to.deep.equal(['a', 'a/b']);
      await remove(['a']);
      expect(await keys()).to.deep.equal(['a/b']);
    });

    it('encoded where it is asked for', async function () {
      if (await s3.lacks('url-encoding')) this.skip();
      await put('dir/a b+ü');
      const { Contents } = await list({ EncodingType: 'url' });
      expect(Contents?.map((one) => decodeURIComponent(one.Key!.replaceAll('+', ' ')))).to.deep.equal([
        'dir/a b+ü',
      ]);
    });
  });

  it('a versioned bucket: a delete leaves a marker, and versions go one by one', async () => {
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const { VersionId: first } = await put('a', '1');
    const { VersionId: second } = await put('a', '2');
    const { DeleteMarker, VersionId: marker } = await client.send(
      new DeleteObjectCommand({ Bucket, Key: 'a' }),
    );
    expect(DeleteMarker).to.equal(true);
    expect(await keys()).to.deep.equal([]);
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map((one) => one.VersionId)).to.deep.equal([second, first]);
    expect(listed.DeleteMarkers?.map((one) => [one.VersionId, one.IsLatest])).to.deep.equal([[marker, true]]);
    expect(await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'a' })))).to.equal('NoSuchKey 404');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: marker }));
    expect((await read('a')).toString()).to.equal('2');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: second }));
    expect((await read('a')).toString()).to.equal('1');
  });

  it('an upload in parts that nobody completes is no object', async () => {
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    expect(await keys()).to.deep.equal([]);
  });
});

/** Name and status of the error that a call ends in. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (one: unknown) => one as S3ServiceException,
  );
  return error === null ? 'no error' : `${error.name} ${String(error.$metadata.httpStatusCode)}`;
}
