import { expect } from 'chai';
import { Mongoose, type ClientSession } from 'mongoose';
import { cleanupFor, imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { closeAfterSpec, freshDatabase } from '../support/database.js';
import { disableSessions } from '../support/async-storages.js';
import { dropSession } from '../support/drop-session.js';
import {
  describeIf,
  describeWith,
  hasHooks,
  hasTransactionAsyncLocalStorage,
  itIf,
  itWith,
} from '../support/versions.js';

type Call = (model: AnyDocumentModel, options: { session?: ClientSession }) => Promise<unknown>;

/** Every call that can be given a session, by which way ever. */
const CALLS: Record<string, Call> = {
  'save, by the $session() of the document': async (model, { session }) => {
    const album = await model.findOne().session(session ?? null);
    album!.set({ image: 'b.png' });
    await album!.save();
  },
  'save, by its options': async (model, options) => {
    const album = await model.findOne();
    await album!.set({ image: 'b.png' }).save(options);
  },
  'doc.updateOne, by the $session() of the document': async (model, { session }) => {
    const album = await model.findOne().session(session ?? null);
    await album!.updateOne({ image: 'b.png' });
  },
  'doc.deleteOne, by the $session() of the document': async (model, { session }) => {
    const album = await model.findOne().session(session ?? null);
    await album!.deleteOne();
  },
  'updateOne, by its options': (model, options) => model.updateOne({}, { image: 'b.png' }, options),
  'updateMany, by session()': (model, { session }) =>
    model.updateMany({}, { image: 'b.png' }).session(session ?? null),
  'findOneAndUpdate, by its options': (model, options) =>
    model.findOneAndUpdate({}, { image: 'b.png' }, options),
  'deleteMany, by setOptions': (model, options) => model.deleteMany({}).setOptions(options),
  'bulkWrite, by its options': (model, options) =>
    model.bulkWrite([{ deleteOne: { filter: {} } }], options as never),
  'bulkSave, by its options': async (model, options) => {
    const albums = await model.find();
    for (const album of albums) album.set({ image: 'b.png' });
    await model.bulkSave(albums, options as never);
  },
  'removeUnused, by its options': async (model, options) => {
    await model.collection.deleteMany({}, options as never);
    await cleanupFor(model).removeUnused(['a.png'], options);
  },
};

describe('sessions', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  describeWith('transactions')('are found', () => {
    for (const [name, call] of Object.entries(CALLS)) {
      itIf(hasHooks(name))(`in ${name}`, async () => {
        const Album = s.model('Album', { image: String });
        await Album.createCollection();
        await Album.create({ image: 'a.png' });
        await s.connection.transaction(async (session) => {
          await call(Album, { session });
          expect(await s.uploads.has('a.png')).to.equal(true);
          expect(s.events).to.deep.equal([]);
        });
        expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      });
    }
  });

  describeIf(hasTransactionAsyncLocalStorage, 'transactions')('of transactionAsyncLocalStorage', () => {
    const mongoose = new Mongoose({ transactionAsyncLocalStorage: true });
    after(() => {
      disableSessions(mongoose);
    });
    async function album(): Promise<AnyDocumentModel> {
      const connection = mongoose.createConnection(freshDatabase());
      closeAfterSpec(connection);
      const schema = new mongoose.Schema({ image: String });
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
      const Album = connection.model('Album', schema) as AnyDocumentModel;
      await Album.createCollection();
      await Album.create({ image: 'a.png' });
      return Album;
    }
    const bare = Object.entries(CALLS).filter(([name]) => !/session\(\)/.test(name));

    for (const [name, call] of bare) {
      itIf(hasHooks(name))(`are found in ${name.replace(/, by.*/, '')} without any`, async () => {
        const Album = await album();
        await Album.db.transaction(async (session) => {
          // the driver's own collection knows nothing of the storage
          if (name.startsWith('removeUnused')) {
            await Album.collection.deleteMany({}, { session: session as never });
            await cleanupFor(Album).removeUnused(['a.png']);
          } else await call(Album, {});
          expect(await s.uploads.has('a.png')).to.equal(true);
        });
        await cleanupFor(Album).idle();
        expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      });
    }

    it('an abort removes nothing', async () => {
      const Album = await album();
      const attempt = Album.db.transaction(async () => {
        await Album.deleteMany({});
        throw new Error('no');
      });
      expect(await attempt.catch((thrown: unknown) => thrown)).to.have.property('message', 'no');
      await cleanupFor(Album).idle();
      expect(await s.outcomes()).to.deep.equal([]);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  });

  itWith('transactions')(
    'nothing of ours holds a session that was dropped without an end',
    async function () {
      this.timeout(60_000);
      expect(await dropSession()).to.equal('collected');
    },
  );
});
