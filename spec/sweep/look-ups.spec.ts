import { expect } from 'chai';
import { Schema } from 'mongoose';
import { ListingProvider } from '../support/listing-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';

/** Many documents are costly to make; the sweep goes by MongoDB's estimate of them. */
describe('a sweep of few files used by many documents', () => {
  let s: TestApp;
  let storage: ListingProvider;
  let Album: AnyDocumentModel;
  let estimate: number;
  beforeEach(async () => {
    s = await testApp();
    storage = new ListingProvider();
    Album = s.model('Album', { image: { type: String, index: true } }, { provider: storage });
    await Album.init();
    storage.put('1.png', '2.png', '3.png', 'left.png');
    await Album.create(['1', '2', '3'].map((name) => ({ image: `memory:${name}.png?v=1` })));
    estimate = 1_000_000;
    const db = s.connection.db as unknown as {
      collection: (name: string) => { estimatedDocumentCount: unknown };
    };
    const original = db.collection.bind(db);
    db.collection = (name) =>
      Object.assign(original(name), { estimatedDocumentCount: () => Promise.resolve(estimate) });
  });
  afterEach(closeTestApps);

  const run = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, ...options });

  it('asks for each file where indexes serve that', async () => {
    const report = await run({ remove: true });
    expect(report.mode).to.equal('look-ups');
    expect(report.counts).to.include({ used: 3, orphans: 1, removed: 1 });
    expect(storage.keys).to.deep.equal(['1.png', '2.png', '3.png']);
  });

  it('refuses as the pass does', async () => {
    await Album.collection.deleteMany({});
    const report = await run({ remove: true });
    expect(report.mode).to.equal('look-ups');
    expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['no-references', 'max-share']);
  });

  it('obeys the same rules: mentions of other models and fields, kinds, folders', async () => {
    const Page = s.connection.model('Page', new Schema({ html: String }));
    await Page.collection.insertOne({ html: '<img src="/x/banner.png">' });
    await Album.collection.insertOne({ image: 'memory:1.png', title: 'see titled.png' });
    storage.put('banner.png', 'titled.png', 'index.html', 'thumbs/1.x.png', 'in/a.png', 'in/b.png');
    await Album.create({ image: 'memory:in/a.png' });
    const report = await run({ remove: true });
    expect(report.mode).to.equal('look-ups');
    expect(report.counts).to.include({ used: 4, unclear: 2, orphans: 4, removed: 0 });
    expect(report.unclear.map(({ name, model, field }) => [name, model, field])).to.deep.equal([
      ['banner.png', 'Page', 'html'],
      ['titled.png', 'Album', 'title'],
    ]);
    expect(report.refusals.map(({ reason, name }) => [reason, name])).to.deep.equal([
      ['foreign-kind', '.html'],
      ['unused-folder', 'thumbs'],
    ]);
    const tracked = await run({ onlyTracked: true });
    expect(tracked.mode).to.equal('look-ups');
    expect(tracked.counts).to.include({ used: 4, unclear: 0, orphans: 6 });
  });

  it('reads the documents where they are few, where no index serves, or where missing files are asked for', async () => {
    expect((await run({ missing: true })).mode).to.equal('pass');
    estimate = 50_000;
    expect((await run()).mode).to.equal('pass');
    estimate = 1_000_000;
    await Album.collection.dropIndexes();
    expect((await run()).mode).to.equal('pass');
  });

  it('reads the documents when some of them say what a question could not find', async () => {
    for (const image of ['https://old.example/left.png', 'memory:gone.png']) {
      const { insertedId } = await Album.collection.insertOne({ image });
      const report = await run();
      expect(report.mode, image).to.equal('pass');
      await Album.collection.deleteOne({ _id: insertedId });
    }
    expect((await run()).mode).to.equal('look-ups');
  });
});
