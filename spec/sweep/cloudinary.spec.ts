import { expect } from 'chai';
import { CloudinaryServer, providerFor } from '../support/cloudinary/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { memoryProvider } from '../../lib/providers/memory.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';

describe('a sweep of a cloud', () => {
  let s: TestApp;
  let server: CloudinaryServer;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    server = await new CloudinaryServer().start();
    Album = s.model(
      'Album',
      { image: String, clip: Object },
      { fields: ['image', 'clip'], provider: providerFor(server) },
    );
    for (const id of ['app/a', 'app/b', 'app/left', 'theirs/logo']) server.store.put('image', 'upload', id);
    server.store.put('video', 'upload', 'app/a');
    server.store.put('raw', 'upload', 'app/a.pdf', '');
    await Album.collection.insertMany([
      { image: 'https://res.cloudinary.com/demo/image/upload/c_fill,w_100/v1571218040/app/a.jpg' },
      { image: 'app/b' },
      { clip: { public_id: 'app/a', resource_type: 'video', type: 'upload' } },
      { clip: { public_id: 'app/a.pdf', resource_type: 'raw', type: 'upload' } },
    ]);
  });
  afterEach(closeTestApps);
  afterEach(() => server.stop());

  const run = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], remove: true, prefix: 'app/', ...options });

  it('S11: takes only what lies below the prefix, each resource type on its own', async () => {
    const report = await run();
    expect(report.refusals).to.deep.equal([]);
    expect(report.counts).to.include({ listed: 5, used: 4, removed: 1 });
    expect(server.store.keys).to.have.members([
      'image/upload/app/a',
      'image/upload/app/b',
      'image/upload/theirs/logo',
      'video/upload/app/a',
      'raw/upload/app/a.pdf',
    ]);
    server.store.remove('video', 'upload', 'app/a');
    expect((await run({ missing: true })).missing.map(({ field }) => field)).to.deep.equal(['clip']);
  });

  it('S11: pages through many assets', async () => {
    for (let i = 0; i < 1200; i++) server.store.put('image', 'upload', `app/many${String(i)}`);
    const report = await run({ remove: false, maxShare: 1 });
    expect(report.counts).to.include({ listed: 1205, orphans: 1201 });
  });

  it('S14: refuses when the hourly limit ends the listing', async () => {
    server.adminLimit = 3;
    const report = await run();
    expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
    expect(server.store.has('image', 'upload', 'app/left')).to.equal(true);
  });

  it('S17: believes the listing after the references, where single assets cannot be asked for', async () => {
    const memory = memoryProvider({ files: { a: '', left: '' }, now: () => new Date(0) });
    const Note = s.model('Note', { image: String }, { provider: memory });
    await Note.collection.insertMany([
      { image: 'memory:a' },
      { image: 'memory:late' },
      { image: 'memory:lost' },
    ]);
    const report = await sweep({
      models: [Note],
      missing: true,
      onProgress: ({ stage }) => {
        if (stage === 'references') memory.put('late');
      },
    });
    expect(report.missing.map(({ value }) => value)).to.deep.equal(['memory:lost']);
    expect(report.counts.orphans).to.equal(1);
  });
});
