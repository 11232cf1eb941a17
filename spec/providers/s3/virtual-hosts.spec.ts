import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect } from 'chai';
import { s3Provider, type S3Provider } from '../../../lib/providers/s3/index.js';
import { sweep } from '../../../lib/sweep/index.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { virtualHosted } from '../../support/s3/virtual.js';
import { app, put } from './scene.js';

const LARGE = 5 * 1024 * 1024 + 1;

describe('the bucket in the name of the host (forcePathStyle: false)', () => {
  let server: S3Server;
  let client: S3Client;
  let bucket: string;
  let provider: S3Provider;
  /** Where the objects are: `http://bucket.localhost:1234`. */
  let base: string;

  before(async function () {
    server = await startS3();
    if (await server.lacks('virtual-hosts')) this.skip();
  });
  beforeEach(async () => {
    const hosted = virtualHosted(server);
    client = hosted.client;
    bucket = await server.bucket();
    provider = s3Provider({ client, bucket, endpoint: hosted.endpoint });
    base = hosted.endpoint.replace('//', `//${bucket}.`);
    server.local?.reset();
  });
  after(() => server.stop());

  const keysNow = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { asset } of provider.list({})) found.push(asset.key.slice(bucket.length + 1));
    return found.sort();
  };
  const asset = (key: string) => ({ provider: 's3', key: `${bucket}/${key}` });

  it('requests are sent to that host, by the real SDK', async function () {
    if (!server.local) this.skip();
    await put(client, bucket, ['a.png']);
    const [seen] = server.local.requests;
    expect(seen?.headers['host']).to.equal(new URL(base).host);
    expect(seen?.path).to.match(/^\/a\.png\?/);
  });

  it('an object is looked at, listed and removed, and its neighbours stay', async () => {
    await put(client, bucket, ['a b/ü+(1)#x.png', 'a b/ü', `${bucket}/a b/ü+(1)#x.png`]);
    expect(await provider.check({ signal: new AbortController().signal })).to.equal(null);
    expect(await provider.fingerprint!(asset('a b/ü+(1)#x.png'))).to.be.a('string');
    const outcomes = await provider.remove([asset('a b/ü+(1)#x.png')], {
      signal: new AbortController().signal,
    });
    expect(outcomes).to.deep.equal([{ outcome: 'removed' }]);
    expect(await keysNow()).to.have.members(['a b/ü', `${bucket}/a b/ü+(1)#x.png`]);
  });

  it('with If-Match: what was written anew stays', async () => {
    const careful = s3Provider({ client, bucket, endpoint: new URL(base).origin, conditional: 'if-match' });
    await put(client, bucket, ['a.png', 'b.png']);
    const expected = await careful.fingerprint!(asset('a.png'));
    await put(client, bucket, ['a.png'], 'another');
    const dropped = [
      { ...asset('a.png'), expected },
      { ...asset('b.png'), expected: await careful.fingerprint!(asset('b.png')) },
    ];
    expect(await careful.remove(dropped, { signal: new AbortController().signal })).to.deep.equal([
      { outcome: 'kept', reason: 'changed' },
      { outcome: 'removed' },
    ]);
    expect(await keysNow()).to.deep.equal(['a.png']);
  });

  it('locations of a small upload and of one in parts, presigned and path-style addresses: one object, kept for the last', async function () {
    this.timeout(30_000);
    const Key = 'folder/my photo.png';
    const values: string[] = [];
    const sizes = (await server.lacks('locations-of-parts')) ? [1] : [1, LARGE];
    for (const size of sizes) {
      const params = { Bucket: bucket, Key, Body: Buffer.alloc(size) };
      values.push((await new Upload({ client, params }).done()).Location!);
    }
    values.push(await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key })));
    values.push(
      `${new URL(base).protocol}//${new URL(base).host.slice(bucket.length + 1)}/${bucket}/folder/my%20photo.png`,
    );
    for (const value of values) expect(provider.possible(value), value).to.deep.include(asset(Key));
    const { Album, outcomes } = await app(provider);
    const albums = await Album.create(values.map((image) => ({ image })));
    for (const album of albums) {
      expect(await keysNow()).to.deep.equal([Key]);
      await album.deleteOne();
    }
    expect(await keysNow()).to.deep.equal([]);
    expect(outcomes()).to.deep.equal(['removed', ...albums.slice(1).map(() => 'still used')]);
  });

  it('another bucket of the host, and one whose name ends alike, are not ours', () => {
    for (const host of [
      `other.${new URL(base).host.slice(bucket.length + 1)}`,
      `x-${new URL(base).host}`,
      `x.${new URL(base).host}`,
    ]) {
      expect(provider.identify(`http://${host}/a.png`), host).to.equal(null);
      expect(provider.possible(`http://${host}/a.png`), host).to.deep.equal([]);
    }
  });

  it('a sweep keeps what documents name by that address', async () => {
    await put(client, bucket, ['used.png', 'left.png']);
    const { Album } = await app(provider);
    await Album.collection.insertOne({ image: `${base}/used.png` });
    const now = () => new Date(Date.now() + 7 * 24 * 3600_000);
    const { refusals } = await sweep({ models: [Album], remove: true, now, maxShare: 1 });
    expect(refusals).to.deep.equal([]);
    expect(await keysNow()).to.deep.equal(['used.png']);
  });
});
