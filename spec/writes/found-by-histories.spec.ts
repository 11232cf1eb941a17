import { expect } from 'chai';
import fse from 'fs-extra';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { hasBulkWriteHooks, hasHooks, itIf, itWith } from '../support/versions.js';

/** What generated histories have found in the library, made small. */
describe('found by histories', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(async () => {
    releaseHeldWrites();
    await closeTestApps();
  });

  itIf(hasBulkWriteHooks)(
    'removes the files of all documents that one bulk write deletes in several steps',
    async () => {
      const Album = s.model('Album', { image: String, group: Number });
      await s.uploads.put('a.png', 'b.png');
      const [first] = await Album.create([
        { image: 'a.png', group: 1 },
        { image: 'b.png', group: 1 },
      ]);
      await Album.bulkWrite([
        { deleteOne: { filter: { _id: first!._id } } },
        { deleteMany: { filter: { group: 1 } } },
      ]);
      expect(await s.uploads.names()).to.deep.equal([]);
    },
  );

  itIf(hasBulkWriteHooks)(
    'finds the document that a bulk write hits because an earlier step took the first one away',
    async () => {
      const Album = s.model('Album', { image: String, group: Number });
      await s.uploads.put('b.png');
      const [first] = await Album.create([{ group: 1 }, { image: 'b.png', group: 1 }]);
      await Album.bulkWrite([
        { deleteOne: { filter: { _id: first!._id } } },
        { replaceOne: { filter: { group: 1 }, replacement: { group: 1 } } },
      ]);
      expect(await s.uploads.names()).to.deep.equal([]);
    },
  );

  for (const [name, remove] of Object.entries({
    deleteOne: (Album: AnyDocumentModel) => Album.deleteOne({ group: 1 }, { sort: { rank: -1 } } as object),
    'deleteOne in a bulkWrite': (Album: AnyDocumentModel) =>
      Album.bulkWrite([{ deleteOne: { filter: { group: 1 }, sort: { rank: -1 } } }] as never),
  })) {
    itIf(hasHooks(name))(
      `takes the file of the document that really goes where ${name} is given a sort, which no server heeds`,
      async () => {
        const Album = s.model('Album', { image: String, group: Number, rank: Number });
        await s.uploads.put('a.png', 'b.png');
        await Album.create([
          { image: 'a.png', group: 1, rank: 1 },
          { image: 'b.png', group: 1, rank: 2 },
        ]);
        await remove(Album);
        const left = await Album.find();
        expect(await s.uploads.names()).to.deep.equal(left.map(({ image }) => image as string));
      },
    );
  }

  itWith('transactions')(
    'leaves a file that is uploaded anew before the commit of the transaction that stores and drops its name',
    async () => {
      const Album = s.model('Album', { image: String });
      await s.uploads.put('a.png');
      const { _id } = await Album.create({});
      await s.connection.transaction(async (session) => {
        await Album.updateOne({ _id }, { image: 'a.png' }, { session });
        await Album.updateOne({ _id }, { $unset: { image: 1 } }, { session });
        await fse.remove(s.uploads.path('a.png'));
        await fse.outputFile(s.uploads.path('a.png'), 'another picture');
      });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
      expect(await s.uploads.names()).to.deep.equal(['a.png']);
    },
  );

  for (const [value, reason] of [
    ['/uploads/./x.png', 'not canonical'],
    ['/uploads/x.png#1.png', 'ambiguous'],
  ] as const) {
    it(`tells of ${value}, which one write stores and an overlapping one displaces, why its file stays`, async () => {
      const Album = s.model('Album', { image: String });
      await s.uploads.put('old.png', 'x.png', 'x.png#1.png', 'y.png');
      const { _id } = await Album.create({ image: 'old.png' });
      const held = holdWrite('updateOne', 'y.png', 'before');
      const late = Album.updateOne({ _id }, { image: 'y.png' }).exec();
      await held.isReached;
      await Album.updateOne({ _id }, { image: value });
      held.release();
      await late;
      // the first write tells it, too: that its document has the value still is not asked about such a value
      const told = new Set(await s.outcomes());
      expect([...told]).to.deep.equal([`kept ${value} (${reason})`, 'removed old.png']);
      expect(await s.uploads.names()).to.deep.equal(['x.png', 'x.png#1.png', 'y.png']);
    });
  }

  describe('sub-documents and Maps that an update stores, which Mongoose hands to the driver as its own', () => {
    const photos = { photos: [{ url: String }], image: String };

    it('are handed in where an overlapping write displaces them', async () => {
      const Album = s.model('Album', photos, { fields: ['photos.url'] });
      await s.uploads.put('old.png', 'x.png', 'y.png');
      const { _id } = await Album.create({ photos: [{ url: 'old.png' }] });
      const held = holdWrite('updateOne', 'y.png', 'before');
      const late = Album.updateOne({ _id }, { photos: [{ url: 'y.png' }] }).exec();
      await held.isReached;
      await Album.updateOne({ _id }, { photos: [{ url: 'x.png' }] });
      held.release();
      await late;
      await s.outcomes();
      expect(await s.uploads.names()).to.deep.equal(['y.png']);
    });

    it('keep their files while the write that stores them is under way', async () => {
      const Album = s.model('Album', photos, { fields: ['photos.url'] });
      await s.uploads.put('x.png');
      const [first, second] = await Album.create([{ photos: [{ url: 'x.png' }] }, {}]);
      const held = holdWrite('updateOne', 'x.png', 'before');
      const taking = Album.updateOne({ _id: second!._id }, { photos: [{ url: 'x.png' }] }).exec();
      await held.isReached;
      await Album.deleteOne({ _id: first!._id });
      held.release();
      await taking;
      await s.outcomes();
      expect(await s.uploads.names()).to.deep.equal(['x.png']);
    });

    it('keep the files that a Map names, too', async () => {
      const Album = s.model('Album', { thumbs: { type: Map, of: String } }, { fields: ['thumbs'] });
      await s.uploads.put('x.png');
      const [first, second] = await Album.create([{ thumbs: { k: 'x.png' } }, {}]);
      const held = holdWrite('updateOne', 'x.png', 'before');
      const taking = Album.updateOne({ _id: second!._id }, { thumbs: { k: 'x.png' } }).exec();
      await held.isReached;
      await Album.deleteOne({ _id: first!._id });
      held.release();
      await taking;
      await s.outcomes();
      expect(await s.uploads.names()).to.deep.equal(['x.png']);
    });
  });
});
