import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { inspect } from 'node:util';
import { cleanupFor, localProvider } from '../../../lib/index.js';
import { startS3, TEMPORARY, type S3Server } from '../../support/s3/index.js';
import { Uploads } from '../../support/uploads.js';
import { app, needsLocal, provided, put } from './scene.js';
import { itWith } from '../../support/versions.js';

const LARGE = 5 * 1024 * 1024 + 1;

describe('images in S3', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  afterEach(() => server.local?.reset());
  after(() => server.stop());

  const isThere = async ({ provider, bucket }: Awaited<ReturnType<typeof provided>>, key: string) =>
    typeof (await provider.fingerprint!({ provider: 's3', key: `${bucket}/${key}` })) === 'string';

  it('one key as the location of a small upload and of one in parts: kept until the last document goes', async function () {
    this.timeout(30_000);
    if (await server.lacks('locations-of-parts')) this.skip();
    const made = await provided(server);
    const { client, bucket, provider } = made;
    const { Album, outcomes } = await app(provider);
    const Key = 'folder/my photo.png';
    const locations: (string | undefined)[] = [];
    for (const Body of ['small', Buffer.alloc(LARGE)]) {
      const { Location } = await new Upload({ client, params: { Bucket: bucket, Key, Body } }).done();
      locations.push(Location);
    }
    if (server.local) expect(locations[0]).not.to.equal(locations[1]);
    const [one, two] = await Album.create(locations.map((image) => ({ image })));
    await Album.deleteOne({ _id: one!._id as string });
    expect(await isThere(made, Key)).to.equal(true);
    expect(outcomes()).to.deep.equal(['still used']);
    await Album.deleteOne({ _id: two!._id as string });
    expect(await isThere(made, Key)).to.equal(false);
  });

  it('a key of odd characters stored as a location: exactly that key goes', async () => {
    const made = await provided(server);
    const { client, bucket, provider } = made;
    const { Album, outcomes } = await app(provider);
    const Key = 'a b/ü+(1)#x.png';
    const neighbours = [
      'a b/ü (1)#x.png',
      'a b/ü+(1)',
      'a b/ü+(1)#x',
      'a+b/ü+(1)#x.png',
      'a%20b/%C3%BC%2B%281%29%23x.png',
    ];
    await put(client, bucket, neighbours);
    const { Location } = await new Upload({ client, params: { Bucket: bucket, Key, Body: 'x' } }).done();
    const album = await Album.create({ image: Location });
    await album.deleteOne();
    expect(outcomes()).to.deep.equal(['removed']);
    expect(await isThere(made, Key)).to.equal(false);
    for (const key of neighbours) expect(await isThere(made, key), key).to.equal(true);
  });

  itWith('transactions')('written anew while the commit was waited for: changed', async () => {
    const made = await provided(server);
    const { client, bucket, provider } = made;
    const { Album, outcomes } = await app(provider);
    await put(client, bucket, ['a.png', 'b.png']);
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    await Album.db.transaction(async (session) => {
      await Album.deleteMany({}, { session });
      await put(client, bucket, ['a.png'], 'another');
    });
    expect(outcomes()).to.deep.equal(['changed', 'removed']);
    expect([await isThere(made, 'a.png'), await isThere(made, 'b.png')]).to.deep.equal([true, false]);
  });

  it('another bucket, another host and ..: kept, with the reason', async () => {
    const { provider, bucket } = await provided(server);
    const { Album, outcomes } = await app(provider);
    await Album.create([
      { image: 's3://another-bucket/a.png' },
      { image: 'https://another.example/a.png' },
      { image: `${server.endpoint}/${bucket}/x/../../a.png` },
      { image: '../a.png' },
    ]);
    await Album.deleteMany({});
    expect(outcomes()).to.deep.equal(['not ours', 'not ours', 'unsafe', 'unsafe']);
  });

  it('several buckets in one process', async () => {
    const [one, two] = [await provided(server), await provided(server, { name: 'archive' })];
    await put(one.client, one.bucket, ['a.png']);
    await put(two.client, two.bucket, ['a.png']);
    const { Album, outcomes } = await app([one.provider, two.provider]);
    const addresses = [one, two].map(({ bucket }) => `${server.endpoint}/${bucket}/a.png`);
    await Album.create(addresses.map((image) => ({ image })));
    await Album.deleteOne({ image: addresses[1]! });
    expect(outcomes()).to.deep.equal(['removed']);
    expect(await isThere(one, 'a.png')).to.equal(true);
  });

  it('results of the SDK and of multer-s3, in a sub-document and in a mixed field', async () => {
    const made = await provided(server);
    const { client, bucket, provider } = made;
    const { Album, outcomes } = await app(provider);
    await put(client, bucket, ['a.png', 'b.png']);
    const location = (key: string) => `${server.endpoint}/${bucket}/${key}`;
    const file = {
      bucket,
      key: 'b.png',
      location: location('b.png'),
      etag: '"1"',
      originalname: 'a.png',
      size: 1,
    };
    await Album.create([
      { image: { Bucket: bucket, Key: 'a.png', Location: location('a.png') } },
      { image: file },
    ]);
    await Album.deleteOne({ 'image.key': 'b.png' });
    expect([await isThere(made, 'a.png'), await isThere(made, 'b.png')]).to.deep.equal([true, false]);
    await Album.deleteMany({});
    expect(outcomes()).to.deep.equal(['removed', 'removed']);
  });

  describe(`requests (${needsLocal})`, () => {
    before(function () {
      if (!server.local) this.skip();
    });
    const operations = () => server.local!.requests.map(({ operation }) => operation);

    it('2,500 drops and one AccessDenied: three calls, 2,499 removed, one failed, which is not tried again', async function () {
      this.timeout(60_000);
      const { provider, bucket } = await provided(server);
      const { Album, events, log } = await app(provider);
      const keys = Array.from({ length: 2500 }, (_, i) => `photos/p${String(i)}.png`);
      server.local!.put(bucket, keys);
      await Album.collection.insertMany(keys.map((image) => ({ image })));
      server.local!.reset();
      server.local!.keyErrors({ 'photos/p7.png': 'AccessDenied' });
      await Album.deleteMany({});
      await cleanupFor(Album).idle();
      expect(operations()).to.deep.equal(['DeleteObjects', 'DeleteObjects', 'DeleteObjects']);
      const failed = events.filter(({ outcome }) => outcome === 'failed');
      expect(failed).to.have.length(1);
      expect(failed[0]).to.deep.include({ value: 'photos/p7.png', attempts: 1 });
      expect(events.filter(({ outcome }) => outcome === 'removed')).to.have.length(2499);
      expect(server.local!.keys(bucket)).to.deep.equal(['photos/p7.png']);
      expect(log.join()).to.include('p7.png');
    });

    it('SlowDown for two keys: only these are asked about and tried again', async () => {
      const { provider, bucket } = await provided(server);
      const { Album, events } = await app(provider);
      const keys = Array.from({ length: 10 }, (_, i) => `p${String(i)}.png`);
      server.local!.put(bucket, keys);
      await Album.create(keys.map((image) => ({ image })));
      server.local!.reset();
      server.local!.keyErrors({
        'p3.png': { code: 'SlowDown', times: 1 },
        'p4.png': { code: 'SlowDown', times: 1 },
      });
      await Album.deleteMany({});
      await cleanupFor(Album).idle();
      expect(operations()[0]).to.equal('DeleteObjects');
      // what waits is looked at once, so that a later upload under its name is told
      const later = server.local!.requests.slice(1);
      expect(new Set(later.filter(({ key }) => key !== '').map(({ key }) => key))).to.deep.equal(
        new Set(['p3.png', 'p4.png']),
      );
      const attempts = Object.fromEntries(events.map(({ value, attempts: n }) => [value, n]));
      expect([attempts['p3.png'], attempts['p4.png'], attempts['p5.png']]).to.deep.equal([2, 2, 1]);
      expect(new Set(events.map(({ outcome }) => outcome))).to.deep.equal(new Set(['removed']));
      expect(server.local!.keys(bucket)).to.deep.equal([]);
    });

    it('written anew while another try was waited for: changed', async () => {
      const { provider, bucket } = await provided(server);
      const { Album, outcomes } = await app(provider, {
        retry: { attempts: 3, minDelayMs: 60_000, maxDelayMs: 60_000 },
      });
      server.local!.put(bucket, ['a.png']);
      await Album.create({ image: 'a.png' });
      server.local!.fail({ operation: 'DeleteObjects', code: 'SlowDown' });
      await Album.deleteMany({});
      server.local!.put(bucket, ['a.png'], 'another');
      await cleanupFor(Album).close();
      expect(outcomes()).to.deep.equal(['changed']);
      expect(server.local!.keys(bucket)).to.deep.equal(['a.png']);
    });

    it('a removal that follows its write at once makes no other call', async () => {
      const { provider, bucket } = await provided(server);
      const { Album, outcomes } = await app(provider);
      server.local!.put(bucket, ['a.png', 'b.png']);
      const album = await Album.create({ image: 'a.png' });
      server.local!.reset();
      album.set('image', 'b.png');
      await album.save();
      expect(outcomes()).to.deep.equal(['removed']);
      expect(operations()).to.deep.equal(['DeleteObjects']);
    });

    it('with conditional: "head" each removal is looked at when it is dropped and before it goes', async () => {
      const { provider, bucket } = await provided(server, { conditional: 'head' });
      const { Album, outcomes } = await app(provider);
      server.local!.put(bucket, ['a.png']);
      await Album.create({ image: 'a.png' });
      server.local!.reset();
      await Album.deleteMany({});
      expect(outcomes()).to.deep.equal(['removed']);
      expect(operations()).to.deep.equal(['HeadObject', 'HeadObject', 'DeleteObjects']);
    });

    itWith('transactions')(
      'who may not look at an object keeps it in a transaction, and is told what to allow',
      async () => {
        const { provider, bucket } = await provided(server);
        const { Album, events, outcomes } = await app(provider);
        server.local!.put(bucket, ['a.png']);
        await Album.create({ image: 'a.png' });
        server.local!.fail({ operation: 'HeadObject', code: 'AccessDenied', status: 403, times: 10 });
        await Album.db.transaction((session) => Album.deleteMany({}, { session }));
        expect(outcomes()).to.deep.equal(['unanswered']);
        expect(events[0]!.error!.message).to.include('s3:GetObject');
        expect(server.local!.keys(bucket)).to.deep.equal(['a.png']);
      },
    );
  });

  it('no key id, secret, session token or signature appears in an event, a log line or an error', async () => {
    const credentials = server.local ? TEMPORARY : server.credentials;
    const secrets = [credentials.accessKeyId, credentials.secretAccessKey];
    if (credentials.sessionToken) secrets.push(credentials.sessionToken);
    const own = secrets.join(' ');
    const { provider, client, bucket } = await provided(server, {}, { credentials });
    const said: unknown[] = [];
    const codes = [
      'AccessDenied',
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'ExpiredToken',
      'reset',
      'html',
      'SlowDown',
    ];
    const { Album, events, log } = await app(provider, { retry: { attempts: 1 } });
    for (const code of codes) {
      const Key = `${code}.png`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key }));
      secrets.push(new URL(url).searchParams.get('X-Amz-Signature')!);
      await Album.create([{ image: url }, { image: { url, alt: url } }, { image: `<img src="${url}">` }]);
      const status = code === 'SlowDown' ? 503 : 403;
      for (const operation of ['DeleteObjects', 'HeadObject', 'ListObjectsV2'] as const)
        server.local?.fail({ operation, code, status, times: 3 });
      said.push(await provider.check({ signal: new AbortController().signal }));
      said.push(
        await provider.fingerprint!({ provider: 's3', key: `${bucket}/${Key}` }).catch(
          (error: unknown) => error,
        ),
      );
      await Album.deleteMany({});
      server.local?.reset();
    }
    await cleanupFor(Album).idle();
    // credentials that the server does not know, and that its answer repeats
    const wrong = { accessKeyId: 'AKIAWRONGWRONGWRONG1', secretAccessKey: 'wrong/Secret+0123456789' };
    secrets.push(wrong.accessKeyId, wrong.secretAccessKey);
    const stranger = await provided(server, { bucket }, { credentials: wrong });
    said.push(
      await stranger.provider.remove([{ provider: 's3', key: `${bucket}/a.png` }], {
        signal: new AbortController().signal,
      }),
    );
    // a server, or a proxy before it, that repeats in words what it was sent
    const repeating = await provided(server, { bucket }, { credentials });
    repeating.client.middlewareStack.add(() => () => Promise.reject(new Error(`no access for ${own}`)), {
      step: 'finalizeRequest',
    });
    said.push(await repeating.provider.check({ signal: new AbortController().signal }));
    expect(said.at(-1)).to.include('no access for ***');
    expect(events.length).to.be.greaterThan(codes.length);
    const everything = inspect([events, log, said, provider], {
      depth: 20,
      showHidden: true,
      maxStringLength: null,
    });
    expect(everything).to.include('X-Amz-Signature=***');
    for (const secret of secrets.filter(Boolean)) expect(everything.includes(secret), secret).to.equal(false);
  });

  describe('beside the local folder', () => {
    let uploads: Uploads;
    beforeEach(async () => (uploads = await Uploads.create()));
    afterEach(() => uploads.destroy());

    it('each file goes from where it is, whichever provider stands first', async () => {
      const made = await provided(server, { prefix: 'images' });
      const local = localProvider({ root: uploads.root });
      for (const providers of [
        [made.provider, local],
        [local, made.provider],
      ]) {
        await uploads.put('old.png', 'b.png');
        await put(made.client, made.bucket, ['images/new.png', 'images/b.png']);
        const { Album, outcomes } = await app(providers);
        const location = `${server.endpoint}/${made.bucket}/images/new.png`;
        await Album.create([{ image: '/uploads/old.png' }, { image: location }, { image: '/uploads/b.png' }]);
        await Album.deleteMany({ image: { $ne: '/uploads/b.png' } });
        expect(outcomes()).to.deep.equal(['removed', 'removed']);
        expect(await uploads.names()).to.deep.equal(['b.png']);
        expect(await isThere(made, 'images/new.png')).to.equal(false);
        expect(await isThere(made, 'images/b.png')).to.equal(true);
      }
    });
  });
});
