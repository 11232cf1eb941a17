import { expect } from 'chai';
import mongoose from 'mongoose';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { freshDatabase, closeAfterSpec } from '../support/database.js';
import { scene, type AnyDocument, type Scene } from '../support/scene.js';
import { hasBulkWriteHooks, hasHooks, hasTellingBulkSave, itIf } from '../support/versions.js';

const update = { image: 'new.png' };
const filter = { name: 'target' };

/** The driver's method that each call ends in. */
const calls: Record<
  string,
  [method: string, call: (Album: AnyDocumentModel, target: AnyDocument) => unknown]
> = {
  'doc.save': ['updateOne', (_, target) => target.set(update).save()],
  'Model.bulkSave': ['bulkWrite', (Album, target) => Album.bulkSave([target.set(update)])],
  'Model.updateOne': ['updateOne', (Album) => Album.updateOne(filter, update)],
  'Model.updateMany': ['updateMany', (Album) => Album.updateMany(filter, update)],
  'Model.replaceOne': ['replaceOne', (Album) => Album.replaceOne(filter, update)],
  'Model.findOneAndUpdate': ['findOneAndUpdate', (Album) => Album.findOneAndUpdate(filter, update)],
  'Model.findOneAndReplace': ['findOneAndReplace', (Album) => Album.findOneAndReplace(filter, update)],
  'Model.findOneAndDelete': ['findOneAndDelete', (Album) => Album.findOneAndDelete(filter)],
  'Model.deleteOne': ['deleteOne', (Album) => Album.deleteOne(filter)],
  'Model.deleteMany': ['deleteMany', (Album) => Album.deleteMany(filter)],
  'Model.bulkWrite': ['bulkWrite', (Album) => Album.bulkWrite([{ updateOne: { filter, update } }])],
};

type Driver = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The driver's collection below a model, where a fault can be put in the place of one method. */
function driverOf(Album: AnyDocumentModel): Driver {
  return (Album.collection as unknown as { _getCollection(): Driver })._getCollection();
}

describe('failed writes', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene({ fields: ['image'] });
  });
  afterEach(closeTestApps);

  for (const [name, [method, call]] of Object.entries(calls)) {
    const isErrorHandedOn = name === 'Model.bulkSave' ? hasTellingBulkSave : hasHooks(name);
    itIf(isErrorHandedOn)(
      `${name}: a lost connection removes nothing, and the error is handed on`,
      async () => {
        const { Album, target, goneAfter, s } = here;
        const lost = new mongoose.mongo.MongoNetworkError('the connection was lost');
        driverOf(Album)[method] = () => Promise.reject(lost);
        const gone = await goneAfter(async () => {
          const error: unknown = await Promise.resolve(call(Album, target)).catch(
            (thrown: unknown) => thrown,
          );
          expect(error).to.equal(lost);
        });
        expect(gone).to.deep.equal([]);
        expect(await s.outcomes()).to.deep.equal(['kept old.png (unacknowledged)']);
      },
    );

    itIf(hasHooks(name))(`${name}: nothing leaves before the write is acknowledged`, async () => {
      const { Album, target, s, goneAfter } = here;
      const driver = driverOf(Album);
      const real = driver[method]!.bind(driver);
      let during: string[] = [];
      driver[method] = async (...args) => {
        const result = await real(...args);
        await new Promise((resolve) => setImmediate(resolve));
        during = await s.uploads.names();
        return result;
      };
      expect(await goneAfter(() => call(Album, target))).to.deep.equal(['old.png']);
      expect(during).to.include('old.png');
    });
  }

  it('a validation error removes nothing and looks nothing up', async () => {
    const { target, goneAfter, s } = here;
    target.image = 'new.png';
    target.rank = 'not a number';
    const gone = await goneAfter(async () => {
      const error: unknown = await target.save().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'ValidationError');
    });
    expect(gone).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
  });

  it('an update that a validator refuses removes nothing', async () => {
    const { s, goneAfter } = here;
    const Page = s.model('Page', { image: { type: String, maxlength: 7 } });
    await Page.create({ image: 'new.png' });
    const gone = await goneAfter(async () => {
      const error: unknown = await Page.updateOne(
        {},
        { image: 'far too long.png' },
        { runValidators: true },
      ).catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'ValidationError');
    });
    expect(gone).to.deep.equal([]);
  });

  it('a pre hook that throws removes nothing', async () => {
    const s = await testApp();
    const schema = new mongoose.Schema({ image: String });
    const { imageCleanup } = await import('../../lib/index.js');
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
    schema.pre(['save', 'updateOne'], () => {
      throw new Error('not today');
    });
    const Page = s.connection.model('Page', schema) as AnyDocumentModel;
    await Page.collection.insertOne({ image: 'a.png' });
    await s.uploads.put('a.png');
    const page = await Page.findOne();
    page.image = 'b.png';
    await page.save().catch(() => undefined);
    await Page.updateOne({}, { image: 'b.png' }).catch(() => undefined);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
    expect(s.events).to.deep.equal([]);
  });

  describe('refused by the server', () => {
    let s: TestApp;
    let Page: AnyDocumentModel;
    beforeEach(async () => {
      s = await testApp();
      Page = s.model(
        'Page',
        { slug: { type: String, unique: true }, image: String, tags: [String] },
        {},
        {
          optimisticConcurrency: true,
        },
      );
      await Page.init();
      await Page.create([
        { slug: 'one', image: 'one.png', tags: ['a', 'b'] },
        { slug: 'two', image: 'two.png' },
      ]);
      await s.uploads.put('one.png', 'two.png', 'new.png');
    });

    const duplicates: Record<string, (page: AnyDocument) => unknown> = {
      save: (page) => page.set({ slug: 'two', image: 'new.png' }).save(),
      bulkSave: (page) => Page.bulkSave([page.set({ slug: 'two', image: 'new.png' })]),
      updateOne: () => Page.updateOne({ slug: 'one' }, { slug: 'two', image: 'new.png' }),
      updateMany: () => Page.updateMany({ slug: 'one' }, { slug: 'two', image: 'new.png' }),
      replaceOne: () => Page.replaceOne({ slug: 'one' }, { slug: 'two', image: 'new.png' }),
      findOneAndUpdate: () => Page.findOneAndUpdate({ slug: 'one' }, { slug: 'two', image: 'new.png' }),
      findOneAndReplace: () => Page.findOneAndReplace({ slug: 'one' }, { slug: 'two', image: 'new.png' }),
      bulkWrite: () =>
        Page.bulkWrite([
          { updateOne: { filter: { slug: 'one' }, update: { slug: 'two', image: 'new.png' } } },
        ]),
    };
    for (const [name, call] of Object.entries(duplicates)) {
      itIf(hasHooks(name))(`${name}: a duplicate key removes nothing, without an event`, async () => {
        const page = await Page.findOne({ slug: 'one' });
        const error: unknown = await Promise.resolve(call(page)).catch((thrown: unknown) => thrown);
        expect(error).to.have.property('code', 11000);
        expect(await s.uploads.names()).to.deep.equal(['new.png', 'one.png', 'two.png']);
        expect(s.events).to.deep.equal([]);
      });
    }

    it('a VersionError removes nothing', async () => {
      const first = await Page.findOne({ slug: 'one' });
      const second = await Page.findOne({ slug: 'one' });
      await first.set({ slug: 'uno' }).save();
      const error: unknown = await second
        .set({ image: 'new.png' })
        .save()
        .catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'VersionError');
      expect(await s.uploads.names()).to.deep.equal(['new.png', 'one.png', 'two.png']);
      expect(s.events).to.deep.equal([]);
    });
  });

  itIf(hasBulkWriteHooks)('a write error with an unfulfilled write concern keeps the files', async () => {
    const { Album, goneAfter, s } = here;
    const driver = driverOf(Album);
    const real = driver['bulkWrite']!.bind(driver);
    driver['bulkWrite'] = async (...args) => {
      const result = await real(...args);
      const error = Object.assign(new Error('waiting for replication timed out'), {
        name: 'MongoBulkWriteError',
        result: Object.assign(result as object, { getWriteConcernError: () => ({ code: 64 }) }),
      });
      throw error;
    };
    const gone = await goneAfter(() =>
      Album.bulkWrite([{ updateOne: { filter, update } }]).catch(() => undefined),
    );
    expect(gone).to.deep.equal([]);
    expect(await s.outcomes()).to.deep.equal(['kept old.png (unacknowledged)']);
  });

  it('w: 0 keeps the files: nobody knows whether it was written', async () => {
    const { Album, goneAfter, s } = here;
    const gone = await goneAfter(async () => {
      await Album.updateOne(filter, update, { writeConcern: { w: 0 } });
      await Album.deleteMany({ name: 'other' }, { writeConcern: { w: 0 } });
    });
    expect(gone).to.deep.equal([]);
    expect(await s.outcomes()).to.deep.equal([
      'kept old.png (unacknowledged)',
      'kept other-old.png (unacknowledged)',
    ]);
  });

  it('a look-up that fails keeps the files of a write that succeeds, and says so', async () => {
    const { Album, goneAfter, s } = here;
    const driver = driverOf(Album);
    driver['find'] = () => {
      throw new Error('the look-up failed');
    };
    const gone = await goneAfter(async () => {
      expect(await Album.updateOne(filter, update)).to.include({ modifiedCount: 1 });
    });
    expect(gone).to.deep.equal([]);
    expect(s.events).to.have.length(1);
    expect(s.events[0]).to.include({ outcome: 'kept', reason: 'no snapshot', asset: null });
    expect(s.events[0]?.error?.message).to.equal('the look-up failed');
  });

  it('a write to a closed connection fails as it does without the plugin', async () => {
    const connection = mongoose.createConnection(freshDatabase());
    closeAfterSpec(connection);
    const { imageCleanup } = await import('../../lib/index.js');
    const schema = new mongoose.Schema({ image: String });
    schema.plugin(imageCleanup, { fields: ['image'], ...here.s.options });
    const Page = connection.model('Page', schema);
    const page = await Page.create({ image: 'old.png' });
    await connection.close();
    page.image = 'new.png';
    const error: unknown = await page.save().catch((thrown: unknown) => thrown);
    expect(error)
      .to.have.property('name')
      .that.matches(/NotConnected/);
    expect(await here.s.uploads.has('old.png')).to.equal(true);
  });
});
