import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { ListingProvider } from '../support/listing-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect } from '../support/database.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';
import type { Asset, StoredAsset } from '../../lib/index.js';

describe('a sweep keeps', () => {
  let s: TestApp;
  let storage: ListingProvider;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    storage = new ListingProvider();
    Album = s.model('Album', { image: String }, { provider: storage });
    storage.put('1.png', '2.png', '3.png', '4.png');
    await Album.create(['1', '2', '3', '4'].map((name) => ({ image: `memory:${name}.png` })));
  });
  afterEach(closeTestApps);

  const remove = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, ...options });

  it('what a document took up after the listing: references are read after it', async () => {
    storage.put('new.png');
    storage.onListed = async (count) => {
      if (count === Infinity) await Album.collection.insertOne({ image: 'memory:new.png' });
    };
    const report = await sweep({ models: [Album], olderThan: 0 });
    expect(report.counts).to.include({ used: 5, orphans: 0 });
  });

  it('S16: what a document took up after the references were read: asked once more before each removal', async () => {
    const left = Array.from({ length: 100 }, (_, i) => `${String(i + 100)}x.png`);
    storage.put(...left, 'taken.png');
    // removed in batches of 100, so that the question about the last one comes after this
    storage.onRemove = () => Album.collection.insertOne({ image: 'memory:taken.png?v=1' });
    const report = await remove({ maxShare: 1 });
    expect(report.counts).to.include({ orphans: 101, removed: 100, kept: 1 });
    expect(report.files.map(({ name, outcome, reason }) => [name, outcome, reason])).to.deep.include([
      'taken.png',
      'kept',
      'still used',
    ]);
    expect(storage.keys).to.include('taken.png');
    expect(report.status).to.equal('removed');
  });

  it('the storage from many look-ups: at most 16 files are looked at simultaneously', async () => {
    const orphans = Array.from({ length: 60 }, (_, i) => `${String(i)}x.png`);
    storage.put(...orphans);
    let running = 0;
    let most = 0;
    const find = async (asset: Asset): Promise<StoredAsset> => {
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
      return { asset, size: 1, modifiedAt: new Date(0) };
    };
    Object.assign(storage, { find });
    const report = await remove({ maxShare: 1 });
    expect(report.counts).to.include({ orphans: 60, removed: 60 });
    expect(most).to.be.within(2, 16);
  });

  it('what a document took up while orphans were decided about', async () => {
    storage.put('left.png', 'taken.png');
    const Asking = s.model(
      'Asking',
      { image: String },
      {
        provider: storage,
        references: [
          async (assets) => {
            await Album.collection.insertOne({ image: 'memory:taken.png?v=1' });
            return assets.map(() => false);
          },
        ],
      },
    );
    const report = await remove({ models: [Album, Asking] });
    expect(report.counts).to.include({ used: 5, orphans: 1, removed: 1 });
  });

  it('all that is asked about when the last question fails, and says so', async () => {
    storage.put('left.png');
    let isAsked = false;
    Album = s.model(
      'Asking',
      { image: String },
      {
        provider: storage,
        references: [
          Album,
          (assets: readonly Asset[]) => {
            if (isAsked) throw new Error('service is down');
            isAsked = true;
            return assets.map(() => false);
          },
        ],
      },
    );
    const report = await remove({ models: [Album, s.connection.models['Album']!] });
    expect(report.status).to.equal('incomplete');
    expect(report.files[0]).to.deep.include({ outcome: 'kept', reason: 'unanswered' });
    expect(storage.keys).to.include('left.png');
  });

  it('what keep rules name: a rule holds if it matches any stored form', async () => {
    storage.put('a.png', 'b.png', 'c.png', 'left.png');
    const Ruled = s.model(
      'Ruled',
      { image: String },
      { provider: storage, keep: ['memory:a.png?v=3', /^memory:b\./g, (value) => value === 'memory:c.png'] },
    );
    const report = await remove({ models: [Album, Ruled] });
    expect(report.counts).to.include({ protected: 3, removed: 1 });
    expect(storage.keys).to.not.include('left.png');
  });

  it('schema defaults', async () => {
    storage.put('default.png', 'left.png');
    const Defaulting = s.model(
      'Defaulting',
      { image: { type: String, default: 'memory:default.png' } },
      { provider: storage },
    );
    const report = await remove({ models: [Album, Defaulting] });
    expect(report.counts).to.include({ protected: 1, removed: 1 });
    expect(storage.keys).to.include('default.png');
  });

  it('what a model named by "references" uses, read like a tracked field', async () => {
    storage.put('cover.png', 'left.png');
    const Book = s.model('Book', { image: String, cover: String }, { provider: storage });
    await Book.collection.insertOne({ cover: 'memory:cover.png' });
    const Naming = s.model(
      'Naming',
      { image: String },
      { provider: storage, references: [{ model: 'Book', fields: ['cover'] }] },
    );
    const report = await remove({ models: [Album, Book, Naming] });
    expect(report.counts).to.include({ used: 5, removed: 1 });
  });

  it('what a "references" function knows, and asks it for orphans only', async () => {
    storage.put('elsewhere.png', 'left.png');
    const asked: string[] = [];
    const Asking = s.model(
      'Asking',
      { image: String },
      {
        provider: storage,
        references: [
          (assets) => {
            asked.push(...assets.map(({ key }) => key));
            return assets.map(({ key }) => key === 'elsewhere.png');
          },
        ],
      },
    );
    const report = await sweep({ models: [Album, Asking], olderThan: 0 });
    expect(asked).to.deep.equal(['elsewhere.png', 'left.png']);
    expect(report.counts).to.include({ usedElsewhere: 1, orphans: 1 });
  });

  it('what tenants use in other databases, and says what was read', async () => {
    storage.put('tenant.png', 'left.png');
    const other = await connect();
    const Tenant = other.model('Album', Album.schema) as AnyDocumentModel;
    await Tenant.collection.insertOne({ image: 'memory:tenant.png' });
    const report = await remove({ models: [Album, Tenant] });
    expect(report.counts).to.include({ used: 5, removed: 1 });
    expect(report.collections.map(({ database }) => database)).to.have.members([
      s.connection.name,
      other.name,
    ]);
  });

  it('files of a name that a document mentions in a way nobody understands', async () => {
    storage.put('a/moved.png', 'b-c.png', 'text.png', 'left.png');
    await Album.collection.insertMany([
      { image: 'https://old.example/x/moved.png?w=10#top' },
      { image: { url: 'https://old.example/b%2Dc.png' } },
      { image: '<p>see <img src="//x/text.png"></p>' },
    ]);
    const report = await remove();
    expect(report.counts).to.include({ unclear: 3, removed: 1 });
    expect(storage.keys).to.not.include('left.png');
  });

  it('S13: nothing from its way: one removal that fails is told, and the others go on', async () => {
    storage.put('a.png', 'b.png', 'c.png');
    storage.outcomeOf = (key) =>
      key === 'b.png' ? { outcome: 'failed', error: new Error('busy'), retryable: true } : undefined;
    const report = await remove();
    expect(report.status).to.equal('incomplete');
    expect(report.counts).to.include({ removed: 2, failed: 1 });
    expect(report.files.find(({ name }) => name === 'b.png')).to.deep.include({ outcome: 'failed' });
    storage.outcomeOf = () => undefined;
    expect((await remove()).counts).to.include({ orphans: 1, removed: 1 });
  });

  it('the rest for a later run when the storage asks to wait', async () => {
    const used = Array.from({ length: 120 }, (_, i) => `used${String(i)}.png`);
    storage.put(...Array.from({ length: 110 }, (_, i) => `${String(i)}x.png`), ...used);
    await Album.collection.insertMany(used.map((name) => ({ image: `memory:${name}` })));
    const retryAt = new Date(Date.now() + 60_000);
    storage.outcomeOf = () => ({ outcome: 'failed', error: new Error('limit'), retryable: true, retryAt });
    const report = await remove();
    expect(report.counts).to.include({ orphans: 110, failed: 8 });
    expect(report.status).to.equal('incomplete');
    expect(report.notes.join()).to.include(retryAt.toISOString());
  });

  it('what lies outside of the prefix', async () => {
    storage.put('tmp/a.png', 'tmp/b.png', 'other/c.png', 'tmp/used.png', 'tmp/used2.png');
    await Album.collection.insertMany([{ image: 'memory:tmp/used.png' }, { image: 'memory:tmp/used2.png' }]);
    const report = await remove({ prefix: 'tmp/' });
    expect(report.counts).to.include({ listed: 4, removed: 2 });
    expect(storage.keys).to.include('other/c.png');
  });

  it('everything from the moment it is stopped, and a second run goes on', async () => {
    storage.put(...Array.from({ length: 250 }, (_, i) => `${String(i)}x.png`));
    const controller = new AbortController();
    storage.onRemove = () => controller.abort();
    const report = await remove({ signal: controller.signal, maxShare: 1 });
    expect(report.status).to.equal('stopped');
    expect(report.counts).to.include({ orphans: 250, removed: 8 });
    expect(storage.keys.length).to.equal(246);
    expect((await remove({ maxShare: 1 })).counts.removed).to.equal(242);
  });

  it('what listeners throw to itself', async () => {
    storage.put('left.png');
    const bad = (): never => {
      throw new Error('listener');
    };
    expect((await remove({ onFile: bad, onProgress: bad })).counts.removed).to.equal(1);
  });
});
