import { expect } from 'chai';
import { localProvider } from '../../../lib/index.js';
import { S3ProviderError } from '../../../lib/providers/s3/index.js';
import type { StoredAsset } from '../../../lib/providers/provider.js';
import { sweep, type SweepOptions } from '../../../lib/sweep/index.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { Uploads } from '../../support/uploads.js';
import { app, needsLocal, provided, put } from './scene.js';

const LATER = { now: () => new Date(Date.now() + 7 * 24 * 3600_000) };
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `img/p${String(i).padStart(6, '0')}.png`);

describe('a sweep of a bucket', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  afterEach(() => server.local?.reset());
  after(() => server.stop());

  async function bucketOf(keys: readonly string[], options = {}) {
    const made = await provided(server, options);
    await put(made.client, made.bucket, keys);
    const scene = await app(made.provider);
    const keysNow = async () => {
      const found: string[] = [];
      for await (const { asset } of made.provider.list({}))
        found.push(asset.key.slice(made.bucket.length + 1));
      return found;
    };
    const run = (options: Partial<SweepOptions> = {}) =>
      sweep({ models: [scene.Album], remove: true, now: LATER.now, maxShare: 1, ...options });
    return { ...made, ...scene, keysNow, run };
  }

  it('takes what no document names, in whatever way, below the prefix of the provider', async () => {
    const { Album, bucket, keysNow, run, client } = await bucketOf(
      ['img/a.png', 'img/b c.png', 'img/d.png', 'img/left.png'],
      {
        prefix: 'img',
      },
    );
    await put(client, bucket, ['other/left.png']);
    await Album.collection.insertMany([
      { image: `${server.endpoint}/${bucket}/img/a.png?X-Amz-Signature=0` },
      { image: { Bucket: bucket, Key: 'img/b c.png' } },
      { gallery: ['img/d.png'] },
    ]);
    const report = await run();
    expect(report.refusals).to.deep.equal([]);
    expect(report.counts).to.include({ listed: 4, removed: 1 });
    expect(await keysNow()).to.have.members(['img/a.png', 'img/b c.png', 'img/d.png']);
  });

  it('leaves what was uploaded just now', async () => {
    const { run, keysNow } = await bucketOf(['img/a.png']);
    expect((await run({ now: () => new Date() })).counts).to.include({ removed: 0, young: 1 });
    expect(await keysNow()).to.deep.equal(['img/a.png']);
  });

  it('of a bucket and of a folder beside it', async () => {
    const uploads = await Uploads.create();
    try {
      const made = await provided(server, { prefix: 'img' });
      await put(made.client, made.bucket, ['img/used.png', 'img/left.png']);
      await uploads.put('used.png', 'left.png');
      const { Album } = await app([made.provider, localProvider({ root: uploads.root })]);
      await Album.collection.insertMany([{ image: '/uploads/used.png' }, { image: 'img/used.png' }]);
      const report = await sweep({ models: [Album], remove: true, now: LATER.now, maxShare: 1 });
      expect(report.refusals).to.deep.equal([]);
      expect(report.counts).to.include({ listed: 4, removed: 2 });
      expect(await uploads.names()).to.deep.equal(['used.png']);
    } finally {
      await uploads.destroy();
    }
  });

  describe(`many objects (${needsLocal})`, () => {
    before(function () {
      if (!server.local) this.skip();
    });

    it('2,500 objects in three pages, all of them seen', async () => {
      const { bucket, run, Album } = await bucketOf([]);
      server.local!.put(bucket, numbered(2500));
      await Album.collection.insertMany(numbered(2499).map((image) => ({ image })));
      const before = server.local!.requests.length;
      const report = await run({ remove: false });
      const pages = server
        .local!.requests.slice(before)
        .filter(({ operation }) => operation === 'ListObjectsV2');
      expect(pages).to.have.length(3);
      expect(report.counts).to.include({ listed: 2500, orphans: 1 });
    });

    it('a failing page is a broken listing, and nothing goes', async () => {
      const { bucket, run } = await bucketOf([]);
      server.local!.put(bucket, numbered(2500));
      let pages = 0;
      server.local!.onRequest(({ operation }) => {
        if (operation === 'ListObjectsV2' && ++pages === 2)
          server.local!.fail({ operation, code: 'AccessDenied', status: 403 });
      });
      const report = await run();
      expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
      expect(report.counts.removed).to.equal(0);
      expect(server.local!.keys(bucket)).to.have.length(2500);
    });

    it('written anew between the listing and the removal: changed', async () => {
      const { bucket, run, keysNow, Album } = await bucketOf(['img/a.png', 'img/b.png', 'img/used.png']);
      await Album.collection.insertOne({ image: 'img/used.png' });
      const report = await run({
        onProgress: ({ stage }) => {
          if (stage !== 'references') return;
          server.local!.clock(LATER.now);
          server.local!.put(bucket, ['img/a.png'], 'another');
        },
      });
      expect(report.counts).to.include({ removed: 1, kept: 1 });
      expect(await keysNow()).to.have.members(['img/a.png', 'img/used.png']);
    });

    it('100,000 objects are listed within 200 MB', async function () {
      this.timeout(120_000);
      const { bucket, provider } = await bucketOf([]);
      server.local!.put(bucket, numbered(100_000));
      const before = process.memoryUsage().rss;
      let most = 0;
      let listed = 0;
      for await (const { size } of provider.list({})) {
        listed += size;
        if (listed % 5000 === 0) most = Math.max(most, process.memoryUsage().rss - before);
      }
      expect(listed).to.equal(100_000);
      expect(most / 1e6).to.be.below(200);
    });
  });

  describe('list', () => {
    async function listed(entries: AsyncIterable<StoredAsset>): Promise<string[]> {
      const keys: string[] = [];
      for await (const { asset } of entries) keys.push(asset.key.slice(asset.key.indexOf('/') + 1));
      return keys.sort();
    }

    it('a folder is no beginning of a name: `a` is not `ab/`', async () => {
      const { provider } = await bucketOf(['img/a/1.png', 'img/ab/2.png'], { prefix: 'img' });
      expect(await listed(provider.list({ prefix: 'a' }))).to.deep.equal(['img/a/1.png']);
      expect(await listed(provider.list({ prefix: 'a/' }))).to.deep.equal(['img/a/1.png']);
    });

    it('a prefix that leads out of the folder is refused', async () => {
      const { provider } = await bucketOf([], { prefix: 'img' });
      const thrown: unknown = await listed(provider.list({ prefix: '../other' })).catch(
        (error: unknown) => error,
      );
      expect(thrown).to.be.instanceOf(TypeError);
    });

    it('a bucket that is not there is an error, not an empty listing', async () => {
      const { provider } = await provided(server, { bucket: 'no-such-bucket-of-specs' });
      const thrown: unknown = await listed(provider.list({})).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(S3ProviderError).with.property('code', 'NoSuchBucket');
    });

    for (const [what, pages] of [
      ['goes on and does not say where', [{ IsTruncated: true }]],
      [
        'goes on where it was',
        [
          { IsTruncated: true, NextContinuationToken: 'x' },
          { IsTruncated: true, NextContinuationToken: 'x' },
        ],
      ],
    ] as const) {
      it(`a listing that ${what} is an error, and no end`, async () => {
        const { provider, client } = await provided(server);
        let page = 0;
        client.middlewareStack.add(
          (next) => async (args) => {
            const answer = await next({
              ...args,
              input: { ...args.input, ContinuationToken: undefined } as never,
            });
            Object.assign(answer.output, pages[Math.min(page++, pages.length - 1)]);
            return answer;
          },
          { step: 'initialize' },
        );
        const thrown: unknown = await listed(provider.list({})).catch((error: unknown) => error);
        expect(thrown).to.be.instanceOf(S3ProviderError).with.property('retryable', true);
        expect(page).to.equal(pages.length);
      });
    }

    it('keys that no value can name safely are left out', async function () {
      if (await server.lacks('literal-keys')) this.skip();
      const { provider } = await bucketOf(['a.png', 'folder/', 'b//c.png', 'x/../y.png', 'back\\slash.png']);
      expect(await listed(provider.list({}))).to.deep.equal(['a.png']);
    });
  });
});
