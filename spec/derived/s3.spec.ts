import { expect } from 'chai';
import { app, provided, put } from '../providers/s3/scene.js';
import { startS3, type S3Server } from '../support/s3/index.js';

describe('derived files in S3', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  afterEach(() => server.local?.reset());
  after(() => server.stop());

  const derived = (name: string): string[] => [`thumbs/${name}`, name.replace(/\.\w+$/, '.webp')];
  const keysOf = async ({ provider, bucket }: Awaited<ReturnType<typeof provided>>): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { asset } of provider.list({})) keys.push(asset.key.slice(bucket.length + 1));
    return keys.sort();
  };

  it('go with their original, and absent ones are no event', async () => {
    const made = await provided(server, { derived });
    await put(made.client, made.bucket, ['a.png', 'thumbs/a.png', 'thumbs/a.png.bak', 'b.webp']);
    const { Album, events } = await app(made.provider);
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    await Album.deleteOne({ image: 'a.png' });
    expect(await keysOf(made)).to.deep.equal(['b.webp', 'thumbs/a.png.bak']);
    expect(
      events.map(({ outcome, asset, derivedFrom }) => [outcome, asset?.key, derivedFrom?.key]),
    ).to.deep.equal([
      ['removed', `${made.bucket}/a.png`, undefined],
      ['removed', `${made.bucket}/thumbs/a.png`, `${made.bucket}/a.png`],
    ]);
  });

  it('have names below the prefix, and none outside of it goes', async () => {
    const made = await provided(server, { prefix: 'images', derived: (name) => [`thumbs/${name}`] });
    await put(made.client, made.bucket, [
      'images/a.png',
      'images/thumbs/a.png',
      'thumbs/a.png',
      'images/thumbs/images/a.png',
    ]);
    const { Album } = await app(made.provider);
    await Album.create({ image: 'images/a.png' });
    await Album.deleteOne({});
    expect(await keysOf({ ...made, provider: (await sameBucket(made)).provider })).to.deep.equal([
      'images/thumbs/images/a.png',
      'thumbs/a.png',
    ]);
  });
  const sameBucket = ({ bucket }: { bucket: string }) => provided(server, { bucket });

  it('stay with a name that leads out of it', async () => {
    const made = await provided(server, { prefix: 'images', derived: (name) => [`../thumbs/${name}`] });
    await put(made.client, made.bucket, ['images/a.png', 'thumbs/a.png']);
    const { Album, log } = await app(made.provider);
    await Album.create({ image: 'images/a.png' });
    await Album.deleteOne({});
    expect(await keysOf({ ...made, provider: (await sameBucket(made)).provider })).to.deep.equal([
      'thumbs/a.png',
    ]);
    expect(log.join()).to.include('outside of the storage');
  });

  it('of two originals stay while either is used', async () => {
    const made = await provided(server, { derived });
    await put(made.client, made.bucket, ['a.png', 'a.jpg', 'a.webp']);
    const { Album, outcomes } = await app(made.provider);
    await Album.create([{ image: 'a.png' }, { image: `s3://${made.bucket}/a.jpg` }]);
    await Album.deleteOne({ image: 'a.png' });
    expect(await keysOf(made)).to.deep.equal(['a.jpg', 'a.webp']);
    expect(outcomes()).to.deep.equal(['removed', 'still used']);
  });

  it('stay where they may not be looked at', async () => {
    const made = await provided(server, { derived });
    await put(made.client, made.bucket, ['a.png', 'thumbs/a.png']);
    const { fingerprint } = made.provider;
    made.provider.fingerprint = (asset) =>
      asset.key.includes('thumbs') ? Promise.reject(new Error('AccessDenied')) : fingerprint!(asset);
    const { Album, outcomes } = await app(made.provider);
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    expect(outcomes()).to.deep.equal(['removed', 'unanswered']);
    expect(await keysOf(made)).to.deep.equal(['thumbs/a.png']);
  });

  it('are swept as those of a folder are', async () => {
    const made = await provided(server, { derived });
    await put(made.client, made.bucket, ['a.png', 'thumbs/a.png', 'thumbs/gone.png']);
    const { Album } = await app(made.provider);
    await Album.create({ image: 'a.png' });
    const { sweep } = await import('../../lib/index.js');
    const options = { models: [Album], olderThan: 0, remove: true, now: () => new Date(Date.now() + 60_000) };
    const { counts } = await sweep(options);
    expect(counts).to.include({ listed: 3, used: 2, orphans: 1, removed: 1 });
    expect(await keysOf(made)).to.deep.equal(['a.png', 'thumbs/a.png']);
  });
});
