import { expect } from 'chai';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { describeWith, hasHooks, itIf } from '../support/versions.js';
import { startSession } from '../support/database.js';

type Act = (Album: AnyDocumentModel, id: unknown) => Promise<unknown>;

/** Writes that store an image, the driver's method, and whether a later one of the same kind can be held beside it. */
const STORING: Record<string, readonly [method: string, act: (image: string) => Act]> = {
  updateOne: ['updateOne', (image) => (Album, _id) => Album.updateOne({ _id }, { image })],
  save: [
    'updateOne',
    (image) => async (Album, id) => {
      const album = (await Album.findById(id)).set({ image });
      album.markModified('image');
      return album.save();
    },
  ],
  findByIdAndUpdate: ['findOneAndUpdate', (image) => (Album, id) => Album.findByIdAndUpdate(id, { image })],
  'findByIdAndUpdate that asks for the new document': [
    'findOneAndUpdate',
    (image) => (Album, id) => Album.findByIdAndUpdate(id, { image }, { returnDocument: 'after' }),
  ],
  replaceOne: ['replaceOne', (image) => (Album, _id) => Album.replaceOne({ _id }, { image })],
  bulkWrite: [
    'bulkWrite',
    (image) => (Album, _id) => Album.bulkWrite([{ updateOne: { filter: { _id }, update: { image } } }]),
  ],
};

/** A query of Mongoose begins when somebody waits for it. */
async function start(act: () => Promise<unknown>): Promise<unknown> {
  return act();
}

describe('a write that is held while another one runs', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let id: unknown;
  beforeEach(async () => {
    s = await testApp();
    const definition = { image: String, gallery: [String], title: String };
    Album = s.model('Album', definition, { fields: ['image', 'gallery'] });
    await s.uploads.put('old.png', 'x.png', 'y.png');
    ({ _id: id } = await Album.create({ image: 'old.png' }));
  });
  afterEach(releaseHeldWrites);
  afterEach(closeTestApps);

  /** Exactly these files are left, and nobody heard of a file that was gone before. */
  async function expectLeft(...names: string[]): Promise<void> {
    await cleanupFor(Album).idle();
    expect(await s.uploads.names()).to.deep.equal(names);
    expect(s.log.join('\n')).to.not.match(/not there any more/);
  }

  for (const [name, [method, store]] of Object.entries(STORING)) {
    itIf(hasHooks(name))(
      `${name}, not sent yet: what it will store stays while another image is stored, and then what that stored goes`,
      async () => {
        const held = holdWrite(method, 'x.png', 'before');
        const slow = start(() => store('x.png')(Album, id));
        await held.isReached;
        await Album.updateOne({ _id: id }, { image: 'y.png' });
        await expectLeft('x.png', 'y.png');
        held.release();
        await slow;
        await expectLeft('x.png');
      },
    );

    itIf(hasHooks(name))(`${name}, not sent yet: an image that it takes up again stays`, async () => {
      const held = holdWrite(method, 'old.png', 'before');
      const slow = start(() => store('old.png')(Album, id));
      await held.isReached;
      await Album.updateOne({ _id: id }, { image: 'y.png' });
      await cleanupFor(Album).idle();
      expect(await s.uploads.names()).to.include('old.png');
      held.release();
      await slow;
      await expectLeft('old.png', 'x.png');
    });

    itIf(hasHooks(name))(
      `${name}, sent and not answered yet, replaced by a write that looked up before: what it stored goes`,
      async () => {
        const later = holdWrite('updateOne', 'y.png', 'before');
        const replacing = start(() => Album.updateOne({ _id: id }, { image: 'y.png' }));
        await later.isReached;
        const held = holdWrite(method, 'x.png', 'after');
        const slow = start(() => store('x.png')(Album, id));
        await held.isReached;
        later.release();
        await replacing;
        expect(await s.uploads.names()).to.include('y.png');
        held.release();
        await slow;
        await expectLeft('y.png');
      },
    );

    itIf(hasHooks(name))(
      `${name}, between the look-up and the deletion of the document: what it stored goes`,
      async () => {
        const held = holdWrite('deleteOne', String(id), 'before');
        const deletion = start(() => Album.deleteOne({ _id: id }));
        await held.isReached;
        await store('x.png')(Album, id);
        held.release();
        await deletion;
        await expectLeft('y.png');
      },
    );
  }

  it('an image that is pushed between the look-up and the write that empties the field goes', async () => {
    const held = holdWrite('updateOne', 'empty', 'before');
    const emptying = start(() => Album.updateOne({ _id: id }, { gallery: [], title: 'empty' }));
    await held.isReached;
    await Album.updateOne({ _id: id }, { $push: { gallery: 'x.png' } });
    held.release();
    await emptying;
    await expectLeft('old.png', 'y.png');
  });

  for (const [name, create] of Object.entries<Act>({
    create: (model) => model.create({ image: 'x.png' }),
    insertMany: (model) => model.insertMany([{ image: 'x.png' }]),
    'bulkWrite with insertOne': (model) => model.bulkWrite([{ insertOne: { document: { image: 'x.png' } } }]),
    'an upsert': (model) => model.updateOne({ title: 'new' }, { image: 'x.png' }, { upsert: true }),
  })) {
    itIf(hasHooks(name))(
      `a document that ${name} adds between the look-up and the deletion of all: its image goes`,
      async () => {
        const held = holdWrite('deleteMany', '', 'before');
        const deletion = start(() => Album.deleteMany({}));
        await held.isReached;
        await create(Album, id);
        held.release();
        await deletion;
        await expectLeft('y.png');
      },
    );
  }

  it('a new document, not sent yet, keeps a name that another one had (same upload name)', async () => {
    const held = holdWrite('insertOne', 'old.png', 'before');
    const creation = start(() => Album.create({ image: 'old.png' }));
    await held.isReached;
    await Album.deleteOne({ _id: id });
    await cleanupFor(Album).idle();
    expect(await s.uploads.has('old.png')).to.equal(true);
    held.release();
    await creation;
    expect(await s.uploads.has('old.png')).to.equal(true);
  });

  it('a write that fails in the end leaves the image of the other one', async () => {
    const held = holdWrite('updateOne', 'x.png', 'before');
    const failing = start(() =>
      Album.updateOne({ _id: id }, { $set: { image: 'x.png', 'title.no.such': 1 } }, { strict: false }),
    ).catch((error: unknown) => error);
    await held.isReached;
    await Album.collection.updateOne({ _id: id as never }, { $set: { title: 'a string' } });
    await Album.updateOne({ _id: id }, { image: 'y.png' });
    held.release();
    expect(await failing).to.be.instanceOf(Error);
    await expectLeft('x.png', 'y.png');
  });

  describeWith('transactions')('in a transaction', () => {
    it('that is aborted: nothing goes of what it named, whatever others write meanwhile', async () => {
      const other = await Album.create({ image: 'x.png' });
      const session = await startSession(s.connection);
      session.startTransaction();
      await Album.updateOne({ _id: id }, { image: 'new.png' }, { session });
      await s.uploads.put('new.png');
      await Album.updateOne({ _id: other._id }, { image: 'y.png' });
      await session.abortTransaction();
      await expectLeft('new.png', 'old.png', 'y.png');
      expect(await s.outcomes()).to.deep.equal(['removed x.png']);
    });

    it('that is committed: what it stored stays, whatever others write meanwhile', async () => {
      const other = await Album.create({ image: 'x.png' });
      const session = await startSession(s.connection);
      session.startTransaction();
      await Album.updateOne({ _id: id }, { image: 'new.png' }, { session });
      await s.uploads.put('new.png');
      await Album.updateOne({ _id: other._id }, { image: 'y.png' });
      await expectLeft('new.png', 'old.png', 'y.png');
      await session.commitTransaction();
      await expectLeft('new.png', 'y.png');
    });
  });
});
