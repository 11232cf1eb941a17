import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type BucketVersioningStatus,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { startS3, type S3Server } from './index.js';

describe('versions in the local S3', () => {
  let s3: S3Server;
  let client: S3Client;
  let Bucket: string;

  before(async function () {
    s3 = await startS3();
    if (s3.local === undefined) return this.skip();
    client = s3.client({ maxAttempts: 1 });
  });
  beforeEach(async () => {
    Bucket = await s3.bucket();
    await keepVersions('Enabled');
  });
  after(() => s3.stop());

  const keepVersions = (Status: BucketVersioningStatus) =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  const put = async (Key: string, Body = 'x') =>
    (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
  const remove = (Key: string, VersionId?: string) =>
    client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));

  it('a batch tells the marker that it left, and goes through it when it names the marker', async () => {
    await put('a');
    const batch = (VersionId?: string) =>
      client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a', VersionId }] } }));
    const { Deleted: [marked] = [] } = await batch();
    expect(marked).to.include({ Key: 'a', DeleteMarker: true });
    const { Deleted: [unmarked] = [] } = await batch(marked?.DeleteMarkerVersionId);
    expect(unmarked).to.include({ Key: 'a', VersionId: marked?.DeleteMarkerVersionId, DeleteMarker: true });
    expect(s3.local!.keys(Bucket)).to.deep.equal(['a']);
  });

  it('suspended: the version "null" is replaced, those before stay', async () => {
    const first = await put('a', '1');
    await keepVersions('Suspended');
    for (const body of ['2', '3']) expect(await put('a', body)).to.equal('null');
    expect(s3.local!.versions(Bucket).map((one) => one.versionId)).to.deep.equal(['null', first]);
    await remove('a');
    expect(s3.local!.versions(Bucket).map((one) => [one.versionId, one.isDeleteMarker])).to.deep.equal([
      ['null', true],
      [first, false],
    ]);
  });

  it('reads of markers and of unknown versions', async () => {
    await put('a');
    const { VersionId } = await remove('a');
    const read = (id?: string) =>
      client.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: id })).then(
        () => 'no error',
        (error: unknown) => (error as S3ServiceException).name,
      );
    expect(await read()).to.equal('NoSuchKey');
    expect(await read(VersionId)).to.equal('MethodNotAllowed');
    expect(await read('0')).to.equal('NoSuchVersion');
  });

  it('pages go on within a key, at the version after the last', async () => {
    const written: (string | undefined)[] = [];
    for (const key of ['a', 'a', 'a', 'b', 'b', 'c']) written.push(await put(key));
    const found: (string | undefined)[] = [];
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let more = true; more;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }));
      found.push(...(page.Versions ?? []).map((one) => one.VersionId));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated ?? false;
    }
    const [a1, a2, a3, b1, b2, c1] = written;
    expect(found).to.deep.equal([a3, a2, a1, b2, b1, c1]);
  });
});
