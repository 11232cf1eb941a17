import { expect } from 'chai';
import { cleanupFor, localProvider, type StorageProvider } from '../../lib/index.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

const HOUR = 3_600_000;

describeWith('updates by pipelines')('the journal and derived files', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let provider: StorageProvider;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'thumbs/a.png');
    provider = localProvider({ root: s.uploads.root, derived: (name) => [`thumbs/${name}`] });
  });
  afterEach(closeTestApps);

  function album(options: object = {}): void {
    Album = s.model(
      'Album',
      { image: String, thumb: String },
      {
        provider,
        journal: true,
        fields: ['image', 'thumb'],
        retry: { attempts: 1 },
        ...options,
      },
    );
  }
  /** As if the removal of files whose key matches failed, or the process ended, until it is mended. */
  function broken(pattern: RegExp, retryable = true): { mend(): void } {
    const { remove } = provider;
    provider.remove = async (assets, options) => {
      if (!assets.some(({ key }) => pattern.test(key))) return remove(assets, options);
      return assets.map(() => ({ outcome: 'failed', error: new Error('broken'), retryable }));
    };
    return { mend: () => (provider.remove = remove) };
  }
  const drop = async (): Promise<void> => {
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    await cleanupFor(Album).idle();
  };

  it('settles an intent once the derived files have an outcome, too', async () => {
    album();
    await drop();
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('holds an intent until then', async () => {
    album();
    let seen: number | undefined;
    const { remove } = provider;
    provider.remove = async (assets, options) => {
      if (assets.some(({ key }) => key.includes('thumbs'))) seen = (await intentsOf(s.connection)).length;
      return remove(assets, options);
    };
    await drop();
    expect(seen).to.equal(1);
  });

  it('has a worker remove what was left of them, though the original is gone', async () => {
    album();
    const { mend } = broken(/thumbs/);
    await drop();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png']);
    expect(await intentsOf(s.connection)).to.have.length(1);
    mend();
    await letTimePass(s.connection, HOUR);
    s.events.length = 0;
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(s.events.map(({ outcome, derivedFrom }) => [outcome, derivedFrom?.key])).to.deep.equal([
      ['removed', s.uploads.path('a.png')],
    ]);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('asks the worker’s question of them: one that a document has taken up stays', async () => {
    album();
    const { mend } = broken(/thumbs/);
    await drop();
    mend();
    await Album.create({ thumb: 'thumbs/a.png' });
    await letTimePass(s.connection, HOUR);
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png']);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('an original that was uploaded again under its name keeps them', async () => {
    album();
    const { mend } = broken(/thumbs/);
    await drop();
    mend();
    await s.uploads.put('a.png');
    await letTimePass(s.connection, HOUR);
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
  });

  it('keeps one that failed for good as failed, until it is tried anew', async () => {
    album();
    const { mend } = broken(/thumbs/, false);
    await drop();
    expect((await cleanupFor(Album).journal.counts()).failed).to.equal(1);
    mend();
    await cleanupFor(Album).journal.retry();
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('keeps them with the original for the grace period', async () => {
    album({ gracePeriod: '1d' });
    await drop();
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
    await letTimePass(s.connection, 25 * HOUR);
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(s.events.map(({ derivedFrom }) => derivedFrom !== undefined)).to.deep.equal([false, true]);
  });

  it('a sweep leaves what is made from a file that waits', async () => {
    album({ gracePeriod: '1d' });
    await s.uploads.put('b.png');
    await Album.create({ image: 'b.png' });
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({ image: 'a.png' });
    const { counts } = await cleanupFor(Album).sweep({ olderThan: 0, remove: true, maxShare: 1 });
    expect(counts).to.include({ listed: 3, used: 3, orphans: 0 });
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png', 'thumbs/a.png']);
  });

  it('has one whose question got no answer asked again', async () => {
    album();
    const { fingerprint } = provider;
    provider.fingerprint = (asset) =>
      asset.key.includes('thumbs') ? Promise.reject(new Error('no look')) : fingerprint!(asset);
    await drop();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png']);
    provider.fingerprint = fingerprint!;
    await letTimePass(s.connection, HOUR);
    await cleanupFor(Album).runDue();
    expect(await s.uploads.names()).to.deep.equal([]);
  });
});
