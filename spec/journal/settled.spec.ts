import { expect } from 'chai';
import { localProvider, cleanupFor, type JournalledFile, type StorageProvider } from '../../lib/index.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { recordingProvider } from '../support/recording-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

const DAY = 86_400_000;

describeWith('updates by pipelines')('keepSettled', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  const definition = { image: { type: String, index: true }, title: String };
  const journal = { keepSettled: '90d' };
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', definition, { journal });
    await s.uploads.put('a.png', 'b.png');
    await Album.create({ _id: '65f000000000000000000001', image: 'a.png' });
  });
  afterEach(closeTestApps);

  const cleanup = () => cleanupFor(s.connection);
  async function settled(documentId?: unknown): Promise<JournalledFile[]> {
    await cleanup().idle();
    const found: JournalledFile[] = [];
    for await (const file of cleanup().journal.files({
      state: 'settled',
      ...(documentId !== undefined && { documentId }),
    }))
      found.push(file);
    return found;
  }
  const failing = (retryable: boolean): StorageProvider =>
    Object.create(localProvider({ root: s.uploads.root }), {
      remove: {
        value: (assets: unknown[]) =>
          Promise.resolve(
            assets.map(() => ({
              outcome: 'failed',
              error: new Error('no right; token=TOPSECRET'),
              retryable,
            })),
          ),
      },
    }) as StorageProvider;

  it('a removed file stays listed for so long, with outcome and time, under its document', async () => {
    await Album.deleteMany({});
    const [file, ...others] = await settled('65f000000000000000000001');
    expect(others).to.deep.equal([]);
    expect(file).to.include({
      state: 'settled',
      outcome: 'removed',
      value: 'a.png',
      model: 'Album',
      field: 'image',
    });
    expect(file).to.include({
      operation: 'deleteMany',
      dueAt: null,
      error: null,
      reason: null,
      machine: null,
    });
    expect(file!.expiresAt!.getTime() - file!.endedAt!.getTime()).to.equal(90 * DAY);
    expect(file!.endedAt!.getTime()).to.be.at.least(file!.notedAt!.getTime());
    expect(await settled('65f000000000000000000002')).to.deep.equal([]);
    const [intent] = await intentsOf(s.connection);
    expect(intent).to.not.have.any.keys('dueAt', 'claim', 'failedAt');
  });

  it('MongoDB deletes them by a TTL index on expiresAt, and nothing that is open or failed', async () => {
    await Album.deleteMany({});
    await cleanup().idle();
    const indexes = await s.connection.collection('imagecleanupintents').indexes();
    const ttl = indexes.filter((one) => 'expireAfterSeconds' in one);
    expect(ttl.map(({ key, expireAfterSeconds }) => ({ key, expireAfterSeconds }))).to.deep.equal([
      { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
    ]);
    const Photo = s.model('Photo', definition, { journal, provider: failing(false) });
    const Slow = s.model('Slow', definition, { journal, gracePeriod: '7d' });
    for (const model of [Photo, Slow]) {
      await model.create({ image: 'b.png' });
      await model.deleteMany({});
    }
    await cleanup().idle();
    const others = (await intentsOf(s.connection)).filter(({ settledAt }) => !settledAt);
    expect(others.map(({ model }) => model)).to.have.members(['Photo', 'Slow']);
    for (const one of others) expect(one).to.not.have.property('expiresAt');
  });

  it('by default nothing is kept, also not by a model that shares the journal', async () => {
    const Plain = s.model('Plain', definition, { journal: true });
    await Plain.create({ image: 'b.png' });
    await Plain.deleteMany({});
    expect(await settled()).to.deep.equal([]);
    await Album.deleteMany({});
    expect((await settled()).map(({ model }) => model)).to.deep.equal(['Album']);
  });

  it('a file that is kept is listed with its reason', async () => {
    await Album.create({ image: '/uploads/a.png' });
    await Album.deleteOne({ image: 'a.png' });
    const [file] = await settled();
    expect(file).to.include({ outcome: 'kept', reason: 'still used' });
  });

  it('after a grace period it is listed from when it went', async () => {
    const Slow = s.model('Slow', definition, { journal, gracePeriod: '7d' });
    await Slow.create({ image: 'b.png' });
    await Slow.deleteMany({});
    expect(await settled()).to.deep.equal([]);
    await letTimePass(s.connection, 8 * DAY);
    await cleanup().runDue();
    const [file] = await settled();
    expect(file).to.include({ outcome: 'removed', value: 'b.png', tries: 0 });
    expect(file!.endedAt!.getTime() - file!.notedAt!.getTime()).to.be.at.least(8 * DAY);
  });

  it('an erasure is listed as removed, and the older intent that it made needless is gone', async () => {
    const Slow = s.model('Slow', definition, { journal, gracePeriod: '7d' });
    const { _id: id } = (await Slow.create({ image: 'b.png' })) as { _id: unknown };
    await Slow.updateOne({}, { image: null });
    await Slow.updateOne({}, { image: 'b.png' });
    await Slow.deleteMany({}, { imageCleanup: { gracePeriod: 0 } } as object);
    expect((await settled(id)).map(({ outcome, operation }) => [outcome, operation])).to.deep.equal([
      ['removed', 'deleteMany'],
    ]);
    expect(await intentsOf(s.connection)).to.have.length(1);
  });

  it('what failed once and went later is listed without the error', async () => {
    let isDown = true;
    const local = localProvider({ root: s.uploads.root });
    const provider = Object.create(local, {
      remove: {
        value: (...args: Parameters<typeof local.remove>) =>
          isDown ? failing(true).remove(...args) : local.remove(...args),
      },
    }) as StorageProvider;
    const Photo = s.model('Photo', definition, { journal, provider, retry: { attempts: 1 } });
    await Photo.create({ image: 'b.png' });
    await Photo.deleteMany({});
    await cleanup().idle();
    isDown = false;
    await letTimePass(s.connection, 3_600_000);
    await cleanup().runDue();
    const [file] = await settled();
    expect(file).to.include({ outcome: 'removed', tries: 1, error: null });
  });

  it('values are masked in it as in events', async () => {
    const cloud = recordingProvider('b.png');
    const provider = Object.create(cloud, {
      identify: { value: (value: unknown) => cloud.identify(String(value).replace(/\?.*/, '')) },
      mask: { value: (value: unknown) => String(value).replace(/signature=\w+/, 'signature=***') },
    }) as StorageProvider;
    const Photo = s.model('Photo', definition, { journal, provider });
    await Photo.create({ image: 'b.png?signature=TOPSECRET' });
    await Photo.deleteMany({});
    const [file] = await settled();
    expect(file).to.include({ value: 'b.png?signature=***' });
    expect(JSON.stringify(await intentsOf(s.connection))).to.not.include('TOPSECRET');
  });

  it('a failure that does not pass stays until it is tried anew', async () => {
    const Photo = s.model('Photo', definition, { journal, provider: failing(false) });
    await Photo.create({ image: 'b.png' });
    await Photo.deleteMany({});
    expect(await settled()).to.deep.equal([]);
    expect(await cleanup().journal.counts()).to.deep.equal({ open: 0, failed: 1, settled: 0 });
    expect(await cleanup().journal.retry()).to.equal(1);
    expect(await cleanup().journal.counts()).to.deep.equal({ open: 1, failed: 0, settled: 0 });
  });
});
