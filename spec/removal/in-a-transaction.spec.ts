import { expect } from 'chai';
import type { ClientSession } from 'mongoose';
import { closeTestApps } from '../support/test-app.js';
import { scene, type Scene } from '../support/scene.js';
import { startSession } from '../support/database.js';
import { describeWith } from '../support/versions.js';

describeWith('transactions')('files dropped in a transaction', () => {
  let here: Scene;
  let session: ClientSession;
  beforeEach(async () => {
    here = await scene({ fields: ['image'] });
    session = await startSession(here.s.connection);
  });
  afterEach(closeTestApps);

  it('files leave after the commit, not before', async () => {
    const { Album, s, goneAfter } = here;
    session.startTransaction();
    await Album.updateOne({ name: 'target' }, { image: 'new.png' }, { session });
    await Album.deleteOne({ name: 'other' }, { session });
    expect(await s.uploads.has('old.png')).to.equal(true);
    expect(s.events).to.deep.equal([]);
    expect(await goneAfter(() => session.commitTransaction())).to.deep.equal(['old.png', 'other-old.png']);
  });

  it('an abort keeps everything', async () => {
    const { Album, target, goneAfter, s } = here;
    const gone = await goneAfter(async () => {
      session.startTransaction();
      target.image = 'new.png';
      await target.save({ session });
      await Album.deleteMany({ name: 'other' }, { session });
      await Album.bulkWrite([{ updateMany: { filter: {}, update: { $unset: { image: 1 } } } }], { session });
      await session.abortTransaction();
    });
    expect(gone).to.deep.equal([]);
    expect(await s.outcomes()).to.deep.equal([]);
  });

  it('a part taken back within it keeps its file when the rest commits', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      session.withTransaction(async () => {
        await Album.updateOne({ name: 'target' }, { image: 'new.png' }, { session });
        await Album.updateOne({ name: 'target' }, { image: 'old.png' }, { session });
        await Album.updateOne({ name: 'other' }, { image: 'new-2.png' }, { session });
      }),
    );
    expect(gone).to.deep.equal(['new.png', 'other-old.png']);
  });

  it('A→B and B→A keeps A', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      session.withTransaction(async () => {
        const album = await Album.findById(target._id).session(session);
        await album.set('image', 'new.png').save();
        await album.set('image', 'old.png').save();
      }),
    );
    expect(gone).to.deep.equal(['new.png']);
  });

  it('a document deleted and created again keeps its file', async () => {
    const { Album, goneAfter, s } = here;
    const gone = await goneAfter(() =>
      session.withTransaction(async () => {
        await Album.deleteOne({ name: 'target' }, { session });
        await Album.create([{ name: 'target', image: 'old.png' }], { session });
      }),
    );
    expect(gone).to.deep.equal([]);
    expect(await s.outcomes()).to.deep.equal(['kept old.png (still used)']);
  });

  it('after a rollback the same instance saves another image: only what was stored leaves', async () => {
    const { Album, target, goneAfter, s } = here;
    await goneAfter(async () => {
      session.startTransaction();
      target.image = 'new.png';
      await target.save({ session });
      await session.abortTransaction();
    });
    const album = await Album.findById(target._id);
    album.image = 'new-2.png';
    expect(await goneAfter(() => album.save())).to.deep.equal(['old.png']);
    expect(await s.uploads.has('new.png')).to.equal(true);
  });

  it('withTransaction that runs its block twice removes once', async () => {
    const { Album, goneAfter, s } = here;
    let runs = 0;
    const gone = await goneAfter(() =>
      session.withTransaction(async () => {
        await Album.deleteOne({ name: 'target' }, { session });
        if (++runs === 1) {
          const { mongo } = await import('mongoose');
          const passing = new mongo.MongoError('once more');
          passing.addErrorLabel('TransientTransactionError');
          throw passing;
        }
      }),
    );
    expect(runs).to.equal(2);
    expect(gone).to.deep.equal(['old.png']);
    expect(await s.outcomes()).to.deep.equal(['removed old.png']);
  });
});
