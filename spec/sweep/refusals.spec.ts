import { expect } from 'chai';
import fse from 'fs-extra';
import mongoose from 'mongoose';
import { ListingProvider } from '../support/listing-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, freshDatabase } from '../support/database.js';
import { localProvider } from '../../lib/index.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';

describe('a sweep refuses', () => {
  let s: TestApp;
  let storage: ListingProvider;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    storage = new ListingProvider();
    Album = s.model('Album', { image: String }, { provider: storage });
    storage.put('1.png', '2.png', '3.png', 'left.png');
    await Album.create(['1', '2', '3'].map((name) => ({ image: `memory:${name}.png` })));
  });
  afterEach(closeTestApps);

  const remove = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, ...options });
  /** Refused for this reason alone, with the flag that overrides it named, and nothing gone. */
  const expectRefused = (report: SweepReport, reason: string, override: string): void => {
    expect(report.status).to.equal('refused');
    expect(report.refusals.map((one) => [one.reason, one.override])).to.deep.equal([[reason, override]]);
    expect(report.counts.removed).to.equal(0);
    expect(storage.keys).to.include('left.png');
  };

  it('S15: when no document uses any file', async () => {
    await Album.collection.deleteMany({});
    await Album.collection.insertOne({ image: 'memory:x/elsewhere.gif' });
    expectRefused(await remove({ maxShare: 1 }), 'no-references', '--allow no-references');
    const report = await remove({ maxShare: 1, allow: ['no-references'] });
    expect(report.status).to.equal('removed');
    expect(report.notes.join()).to.include('allowed by');
    expect(storage.keys).to.deep.equal([]);
  });

  it('when more than half of the files seem to be orphans', async () => {
    storage.put('a.png', 'b.png');
    expect((await sweep({ models: [Album], olderThan: 0 })).status).to.equal('orphans');
    storage.put('c.png', 'd.png');
    expectRefused(await remove(), 'max-share', '--max-share 0.63');
    expectRefused(await remove({ maxShare: 0.62 }), 'max-share', '--max-share 0.63');
    expect((await sweep({ models: [Album], olderThan: 0 })).status).to.equal('refused');
    expect((await remove({ maxShare: 0.63 })).counts.removed).to.equal(5);
  });

  it('S14: when the documents of a model cannot be read to the end', async () => {
    const Broken = s.model('Broken', { image: String }, { provider: storage });
    await Broken.collection.insertOne({ image: 'memory:left.png' });
    const db = s.connection.db as unknown as { collection: (name: string) => { find: unknown } };
    const original = db.collection.bind(db);
    db.collection = (name) => {
      const collection = original(name);
      if (name === 'brokens') {
        collection.find = () => {
          throw new Error('not authorised');
        };
      }
      return collection;
    };
    expectRefused(await remove({ models: [Album, Broken] }), 'unread-model', '--allow unread-model');
    const allowed = await remove({ models: [Album, Broken], allow: ['unread-model'] });
    expect(allowed.status).to.equal('incomplete');
    expect(storage.keys).to.include('left.png');
  });

  it('when the connection of a model is not open', async () => {
    const closed = mongoose.createConnection();
    const Closed = closed.model('Closed', Album.schema) as AnyDocumentModel;
    const report = await remove({ models: [Album, Closed] });
    await closed.destroy();
    expectRefused(report, 'unread-model', 'connect first');
  });

  it('when "references" names a model that is not registered', async () => {
    const Naming = s.model('Naming', { image: String }, { provider: storage, references: ['Nobody'] });
    const report = await remove({ models: [Album, Naming] });
    expect(report.refusals[0]?.message).to.include('"Nobody"');
    expectRefused(report, 'unread-model', 'register the model, or take it out of "references"');
  });

  for (const [what, answer] of [
    ['throws', () => Promise.reject(new Error('down'))],
    ['answers too little', () => Promise.resolve([])],
    ['takes too long', () => new Promise<boolean[]>(() => undefined)],
  ] as const) {
    it(`when a "references" function ${what}`, async () => {
      s.connection.deleteModel('Album');
      Album = s.model(
        'Album',
        { image: String },
        { provider: storage, references: [answer], timeoutMs: 100 },
      );
      const report = await remove();
      expectRefused(report, 'unanswered-references', '--allow unanswered-references');
      expect(report.counts.unanswered).to.equal(1);
      await remove({ allow: ['unanswered-references'] });
      expect(storage.keys).to.include('left.png');
    });
  }

  it('S14: when the listing broke off', async () => {
    storage.onListed = (count) => {
      if (count === 3) throw new Error('unreadable');
    };
    const report = await remove();
    expect(report.refusals[0]?.message).to.match(/after 3 files: unreadable/);
    expectRefused(report, 'broken-listing', '--allow broken-listing');
    storage.put('0left.png');
    storage.onListed = (count) => {
      if (count === 5) throw new Error('unreadable');
    };
    expect((await remove({ allow: ['broken-listing'] })).counts).to.include({ listed: 5, removed: 2 });
  });

  describe('a storage that another registered model uses too', () => {
    it('on the same connection', async () => {
      const Other = s.model('Other', { image: String }, { provider: new ListingProvider() });
      expectRefused(await remove(), 'shared-storage', '--model Other');
      expect((await remove({ models: [Album, Other] })).status).to.equal('removed');
    });

    it('on another connection, and on a database opened by useDb', async () => {
      const other = await connect({}, freshDatabase());
      other.model('Far', Album.schema);
      expectRefused(await remove(), 'shared-storage', '--model Far');
      other.deleteModel('Far');
      const tenant = s.connection.useDb(`${s.connection.name}_tenant`);
      tenant.model('Tenant', Album.schema);
      expectRefused(await remove(), 'shared-storage', '--model Tenant');
      tenant.deleteModel('Tenant');
    });

    it('as a folder within the folder, around it, or by a symbolic link', async () => {
      const { uploads } = s;
      await uploads.put('in/a.png');
      const over = (root: string): { provider: ReturnType<typeof localProvider> } => ({
        provider: localProvider({ root }),
      });
      const link = `${uploads.outside}/link`;
      await fse.symlink(uploads.root, link);
      const Local = s.model('Local', { image: String }, over(uploads.root));
      for (const root of [uploads.path('in'), uploads.outside, link]) {
        s.model('Other', { image: String }, over(root));
        const report = await sweep({ models: [Local] });
        expect(
          report.refusals.map(({ reason }) => reason),
          root,
        ).to.deep.equal(['shared-storage']);
        s.connection.deleteModel('Other');
      }
      s.model('Other', { image: String }, over(`${uploads.root}-2`));
      expect((await sweep({ models: [Local] })).refusals).to.deep.equal([]);
    });

    it('but not where it is a discriminator or another storage', async () => {
      Album.discriminator('Special', new mongoose.Schema({ extra: String }));
      s.model('Elsewhere', { image: String }, { provider: new ListingProvider('other') });
      expect((await remove()).status).to.equal('removed');
    });
  });

  it('to remove where the plugin is switched off', async () => {
    const Off = s.model('Off', { image: String }, { provider: storage, enabled: () => false });
    expect((await sweep({ models: [Album, Off], olderThan: 0 })).status).to.equal('orphans');
    expectRefused(await remove({ models: [Album, Off] }), 'switched-off', '--allow switched-off');
    expect((await remove({ models: [Album, Off], allow: ['switched-off'] })).status).to.equal('removed');
  });

  it('wrong options, by name', async () => {
    const wrong: [object, RegExp][] = [
      [{ modles: [] }, /unknown option "modles".*known: models/],
      [{ models: [] }, /"models".*non-empty array/],
      [{ models: ['Album'] }, /"models".*Mongoose models/],
      [{ models: [s.connection.model('None', new mongoose.Schema({}))] }, /"None" has the plugin/],
      [{ olderThan: 'yesterday' }, /"olderThan" is 'yesterday'.*'24h'/],
      [{ olderThan: -1 }, /"olderThan" is -1/],
      [{ maxShare: 50 }, /"maxShare" is 50.*0 to 1/],
      [{ remove: 'yes' }, /"remove" is 'yes'.*true or false/],
      [{ exclude: 'a' }, /"exclude"/],
      [{ allow: ['everything'] }, /"allow".*no-references/],
      [{ onFile: 1 }, /"onFile".*a function/],
      [{ signal: 1 }, /"signal".*AbortSignal/],
    ];
    for (const [options, message] of wrong) {
      const thrown = await remove(options as SweepOptions).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(TypeError);
      expect((thrown as TypeError).message).to.match(message);
    }
  });

  it('providers that cannot list, and tells those that it left out', async () => {
    const mute = Object.assign(new ListingProvider('mute'), {
      list: undefined,
    }) as unknown as ListingProvider;
    const Mute = s.model('Mute', { image: String }, { provider: mute });
    const thrown = await remove({ models: [Mute] }).catch((error: unknown) => error);
    expect((thrown as TypeError).message).to.match(/can list.*mute/);
    expect((await remove({ models: [Album, Mute] })).notes.join()).to.include('mute was not swept');
  });
});
