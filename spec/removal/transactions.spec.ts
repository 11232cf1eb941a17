import { expect } from 'chai';
import mongoose, { type ClientSession } from 'mongoose';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, startSession } from '../support/database.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { describeWith, itWith } from '../support/versions.js';

describeWith('transactions')('transactions', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let session: ClientSession;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String, title: String });
    await Album.createCollection();
    await s.uploads.put('a.png', 'b.png', 'c.png');
    await Album.create({ image: 'a.png', title: 'one' });
    session = await startSession(s.connection);
  });
  afterEach(async () => {
    await healCommands(s.connection);
    // one whose commit the server never saw is open there, whatever the driver believes
    await killSession(session);
    await closeTestApps();
  });

  const replace = (image: string, options: object = { session }): Promise<unknown> =>
    Album.updateOne({ title: 'one' }, { image }, options);

  const killSession = ({ id }: ClientSession): Promise<unknown> =>
    s.connection
      .getClient()
      .db('admin')
      .command({ killSessions: [id] });

  describe('a commit', () => {
    it('removes after it was acknowledged, not before', async () => {
      session.startTransaction();
      await replace('b.png');
      expect(await s.uploads.has('a.png')).to.equal(true);
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('of A → B → C removes A and B', async () => {
      session.startTransaction();
      await replace('b.png');
      await replace('c.png');
      await session.commitTransaction();
      expect(await s.uploads.names()).to.deep.equal(['c.png']);
    });

    it('of A → B → A removes B alone', async () => {
      session.startTransaction();
      await replace('b.png');
      await replace('a.png');
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed b.png']);
    });

    it('keeps a file of a deleted document that a new one has', async () => {
      session.startTransaction();
      await Album.deleteOne({ title: 'one' }, { session });
      await Album.create([{ image: '/uploads/a.png', title: 'two' }], { session });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('asks again: a document that took the file up meanwhile keeps it', async () => {
      session.startTransaction();
      await replace('b.png');
      await Album.create({ image: 'a.png', title: 'two' });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('waits for the removal', async () => {
      session.startTransaction();
      await replace('b.png');
      await session.commitTransaction();
      expect(await s.uploads.has('a.png')).to.equal(false);
    });

    it('with nothing dropped asks nothing', async () => {
      session.startTransaction();
      await Album.updateOne({ title: 'one' }, { title: 'other' }, { session });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal([]);
    });
  });

  describe('without a commit', () => {
    afterEach(async () => {
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png', 'c.png']);
    });

    it('an abort drops the removal', async () => {
      session.startTransaction();
      await replace('b.png');
      await session.abortTransaction();
      expect(await s.outcomes()).to.deep.equal([]);
    });

    it('an aborted delete removes nothing', async () => {
      session.startTransaction();
      await Album.deleteOne({ title: 'one' }, { session });
      await session.abortTransaction();
      expect(await s.outcomes()).to.deep.equal([]);
    });

    it('endSession with an open transaction drops', async () => {
      session.startTransaction();
      await replace('b.png');
      await session.endSession();
      expect(await s.outcomes()).to.deep.equal([]);
    });

    it('what an aborted transaction dropped is not taken for the next one', async () => {
      session.startTransaction();
      await replace('b.png');
      await session.abortTransaction();
      session.startTransaction();
      await Album.updateOne({ title: 'one' }, { title: 'other' }, { session });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal([]);
    });

    it('a conflict drops', async () => {
      session.startTransaction();
      await Album.findOne().session(session);
      await Album.updateOne({ title: 'one' }, { title: 'one' }, { timestamps: false });
      await Album.collection.updateOne({}, { $set: { other: 1 } });
      const error: unknown = await replace('b.png').catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 112);
      await session.abortTransaction();
      expect(await s.outcomes()).to.deep.equal([]);
    });

    itWith('fail points')('a commit that failed for certain drops', async () => {
      session.startTransaction();
      await replace('b.png');
      await failCommands(s.connection, {
        commands: ['commitTransaction'],
        errorCode: 251,
        errorLabels: ['TransientTransactionError'],
      });
      const error: unknown = await session.commitTransaction().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 251);
      expect(await s.outcomes()).to.deep.equal([]);
    });
  });

  describe('withTransaction', () => {
    it('that runs its callback again keeps nothing of the first run', async () => {
      await s.uploads.put('first.png');
      let runs = 0;
      await session.withTransaction(async () => {
        runs++;
        await replace(runs === 1 ? 'first.png' : 'b.png');
        if (runs === 1) {
          throw new mongoose.mongo.MongoServerError({
            message: 'conflict',
            code: 112,
            errorLabels: ['TransientTransactionError'],
          });
        }
      });
      expect(runs).to.equal(2);
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      expect(await s.uploads.has('first.png')).to.equal(true);
    });

    itWith('fail points')('that runs again because its commit failed removes once', async () => {
      await failCommands(s.connection, {
        commands: ['commitTransaction'],
        errorCode: 251,
        errorLabels: ['TransientTransactionError'],
      });
      await session.withTransaction(() => replace('b.png'));
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('whose callback throws removes nothing', async () => {
      const attempt = session.withTransaction(async () => {
        await replace('b.png');
        throw new Error('no');
      });
      expect(await attempt.catch((thrown: unknown) => thrown)).to.have.property('message', 'no');
      expect(await s.outcomes()).to.deep.equal([]);
    });
  });

  describeWith('fail points')('a commit with an unknown result', () => {
    /** The commit is carried out, and its answer says that nobody knows for how long. */
    async function commitUnknown(): Promise<void> {
      await replace('b.png');
      await failCommands(s.connection, {
        commands: ['commitTransaction'],
        writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
      });
      const error: unknown = await session.commitTransaction().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('errorLabels').that.includes('UnknownTransactionCommitResult');
      expect(s.events).to.deep.equal([]);
    }

    beforeEach(() => {
      session.startTransaction();
    });

    it('removes nothing and says so when the session ends', async () => {
      await commitUnknown();
      await session.endSession();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unknown commit)']);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });

    it('says so when the session starts anew, whatever the next transaction does', async () => {
      await commitUnknown();
      session.startTransaction();
      await Album.updateOne({ title: 'one' }, { title: 'other' }, { session });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unknown commit)']);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });

    it('says so when an abort is tried, which comes too late', async () => {
      await commitUnknown();
      const error: unknown = await session.abortTransaction().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unknown commit)']);
    });

    it('that succeeds when it is asked again removes', async () => {
      await commitUnknown();
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('through a lost connection removes nothing', async () => {
      await replace('b.png');
      await failCommands(s.connection, {
        commands: ['commitTransaction'],
        times: 2,
        closeConnection: true,
      });
      const error: unknown = await session.commitTransaction().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'MongoNetworkError');
      await session.endSession();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unknown commit)']);
    });
  });

  describe('a session outside a transaction', () => {
    it('removes at once', async () => {
      await replace('b.png');
      expect(await s.uploads.has('a.png')).to.equal(false);
    });

    it('removes at once after a transaction of the same session', async () => {
      session.startTransaction();
      await replace('b.png');
      await session.commitTransaction();
      await replace('c.png');
      expect(await s.uploads.names()).to.deep.equal(['c.png']);
    });
  });

  it('close() before the commit keeps the file', async () => {
    session.startTransaction();
    await replace('b.png');
    await cleanupFor(Album).close();
    await session.commitTransaction();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (closed)']);
  });

  describe('side by side', () => {
    it('two models in one transaction both wait for it', async () => {
      const Concert = s.model('Concert', { image: String });
      await Concert.createCollection();
      await s.uploads.put('d.png');
      await Concert.create({ image: 'd.png' });
      session.startTransaction();
      await replace('b.png');
      await Concert.deleteMany({}, { session });
      expect(s.events).to.deep.equal([]);
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed d.png']);
    });

    it('a file that moves from one model to another in a transaction is kept', async () => {
      const Concert = s.model('Concert', { image: String });
      await Concert.createCollection();
      session.startTransaction();
      await Concert.create([{ image: 'a.png' }], { session });
      await replace('b.png');
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('each session keeps its own', async () => {
      await Album.create({ image: 'c.png', title: 'two' });
      const other = await startSession(s.connection);
      session.startTransaction();
      other.startTransaction();
      await Album.deleteOne({ title: 'one' }, { session });
      await Album.deleteOne({ title: 'two' }, { session: other });
      await session.abortTransaction();
      expect(s.events).to.deep.equal([]);
      await other.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed c.png']);
    });

    it('each connection keeps its own', async () => {
      const connection = await connect();
      const Other = connection.model('Album', Album.schema);
      await Other.createCollection();
      await Other.create({ image: 'c.png', title: 'one' });
      const other = await startSession(connection);
      session.startTransaction();
      other.startTransaction();
      await replace('b.png');
      await Other.deleteOne({}, { session: other });
      await session.commitTransaction();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      await other.commitTransaction();
      await cleanupFor(Other).idle();
      expect(await s.outcomes()).to.deep.equal(['removed c.png']);
    });
  });
});
