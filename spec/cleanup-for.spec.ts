import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { cleanupFor } from '../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from './support/test-app.js';
import { recordingProvider } from './support/recording-provider.js';
import { startSession } from './support/database.js';
import { itWith } from './support/versions.js';

describe('cleanupFor', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png');
  });
  afterEach(closeTestApps);

  it('takes a model, a connection or mongoose, and nothing else', () => {
    const Album = s.model('Album', { image: String });
    for (const target of [Album, s.connection, mongoose, new mongoose.Mongoose()]) {
      expect(cleanupFor(target as never)).to.include.keys('removeUnused', 'idle', 'close');
    }
    for (const target of [undefined, null, {}, 'Album', () => 1, new Schema({})]) {
      expect(() => cleanupFor(target as never)).to.throw(TypeError);
    }
  });

  it('a model without the plugin throws and says what to do', () => {
    const Plain = s.connection.model('Plain', new Schema({ image: String }));
    expect(() => cleanupFor(Plain as never)).to.throw(TypeError, '"Plain" does not have the plugin');
  });

  describe('removeUnused', () => {
    it('removes what nothing uses and keeps the rest', async () => {
      const Album = s.model('Album', { image: String }, { keep: ['c.png'] });
      await Album.create({ image: '/uploads/a.png' });
      await cleanupFor(Album).removeUnused([
        'a.png',
        '/uploads/b.png',
        'c.png',
        '',
        null,
        undefined,
        '../x',
        7,
      ]);
      expect(await s.outcomes()).to.deep.equal([
        'kept "../x" (unsafe)'.replaceAll('"', ''),
        'kept 7 (not ours)',
        'kept a.png (still used)',
        'kept c.png (protected)',
        'removed /uploads/b.png',
      ]);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'c.png']);
    });

    it('names itself as the operation, without a document', async () => {
      await cleanupFor(s.model('Album', { image: String })).removeUnused(['a.png']);
      expect(s.events[0]).to.include({
        operation: 'removeUnused',
        documentId: null,
        field: null,
        model: 'Album',
      });
    });

    it('never rejects for odd values, only for a wrong argument', async () => {
      const Album = s.model('Album', { image: String });
      const circle: { self?: unknown } = {};
      circle.self = circle;
      await cleanupFor(Album).removeUnused([circle, 1n, Symbol('x'), { big: 1n }, [['a.png']]]);
      expect(s.events.map(({ outcome }) => outcome)).to.deep.equal(Array(5).fill('kept'));
      const error: unknown = await cleanupFor(Album)
        .removeUnused('a.png' as never)
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(TypeError);
    });

    it("asks all documents with references: 'document', since it knows of none", async () => {
      const Album = s.model('Album', { image: String }, { references: 'document' });
      await Album.create({ image: 'a.png' });
      await cleanupFor(Album).removeUnused(['a.png', 'b.png']);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
    });

    it('removes nothing when the cleanup is off', async () => {
      const Album = s.model('Album', { image: String }, { enabled: () => false });
      await cleanupFor(Album).removeUnused(['a.png']);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });

    it('of a connection asks every model, whatever the scope of each', async () => {
      s.model('Album', { image: String }, { references: 'model' });
      const Page = s.model('Page', { picture: String }, { fields: ['picture'], references: 'model' });
      await Page.create({ picture: 'a.png' });
      await cleanupFor(s.connection).removeUnused(['a.png', 'b.png']);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
    });

    it('of a connection finds the model whose provider owns the value', async () => {
      const store = recordingProvider('x');
      s.model('Album', { image: String });
      s.model('Cloud', { image: {} }, { provider: store });
      await cleanupFor(s.connection).removeUnused([{ public_id: 'x' }, 'a.png']);
      expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed {"public_id":"x"}']);
      expect(store.gone()).to.deep.equal(['x']);
    });

    it('of a connection without any model with the plugin throws', async () => {
      const error: unknown = await cleanupFor(s.connection)
        .removeUnused(['a.png'])
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(TypeError);
    });

    itWith('transactions')('in a transaction waits for the commit', async () => {
      const Album = s.model('Album', { image: String });
      await Album.init();
      const session = await startSession(s.connection);
      session.startTransaction();
      await Album.create([{ image: 'b.png' }], { session });
      await cleanupFor(Album).removeUnused(['a.png'], { session });
      expect(s.events).to.deep.equal([]);
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });
  });

  describe('idle and close', () => {
    const busy = { retry: { attempts: 5, minDelayMs: 60_000, maxDelayMs: 60_000 } };

    async function withWaitingRetry(): Promise<{
      Album: AnyDocumentModel;
      store: ReturnType<typeof recordingProvider>;
    }> {
      const store = recordingProvider('x', 'y');
      const Album = s.model('Album', { image: String }, { provider: store, ...busy });
      store.fail((assets) =>
        Promise.resolve(assets.map(() => ({ outcome: 'failed', error: new Error('busy'), retryable: true }))),
      );
      await Album.create({ image: 'x' });
      await Album.deleteMany();
      expect(s.events).to.deep.equal([]);
      return { Album, store };
    }

    it('close tries once more at once, and gives up what still fails', async () => {
      const { Album } = await withWaitingRetry();
      expect(await cleanupFor(Album).close({ timeoutMs: 100 })).to.deep.equal({ givenUp: 1 });
      expect(s.events).to.have.length(1);
      expect(s.events[0]).to.include({ outcome: 'failed', attempts: 2 });
    });

    it('close drains what can be done', async () => {
      const { Album, store } = await withWaitingRetry();
      store.fail((assets) => Promise.resolve(assets.map(() => ({ outcome: 'removed' }))));
      expect(await cleanupFor(s.connection).close()).to.deep.equal({ givenUp: 0 });
      expect(s.events[0]).to.include({ outcome: 'removed', attempts: 2 });
      expect(await cleanupFor(Album).close()).to.deep.equal({ givenUp: 0 });
    });

    it('after close writes still work and their files are kept', async () => {
      const Album = s.model('Album', { image: String });
      await cleanupFor(s.connection).close();
      await Album.create({ image: 'a.png' });
      expect(await Album.deleteMany()).to.include({ deletedCount: 1 });
      await cleanupFor(Album).removeUnused(['b.png']);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (closed)', 'kept b.png (closed)']);
    });

    it('idle of nothing resolves', async () => {
      s.model('Album', { image: String });
      await cleanupFor(mongoose).idle();
      await cleanupFor(s.connection).idle();
    });
  });
});
