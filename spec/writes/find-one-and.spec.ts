import { expect } from 'chai';
import { closeTestApps, type AnyDocumentModel } from '../support/test-app.js';
import { scene, filesOf, type Scene } from '../support/scene.js';
import { hasSortOfOneUpdate, itIf, itWith } from '../support/versions.js';
import { type Ability } from '../support/mongodb/abilities.js';

/** What a caller may ask to get back; none of it may matter for which files leave. */
const results: Record<string, object> = {
  'nothing special': {},
  lean: { lean: true },
  'a projection without the image': { projection: { name: 1 } },
  'an excluding projection': { projection: { image: 0 } },
  includeResultMetadata: { includeResultMetadata: true },
  'includeResultMetadata and lean': { includeResultMetadata: true, lean: true },
  "returnDocument: 'after'": { returnDocument: 'after' },
  "returnDocument: 'before'": { returnDocument: 'before' },
};

const updates: Record<string, (Album: AnyDocumentModel, filter: object, options: object) => unknown> = {
  findOneAndUpdate: (Album, filter, options) => Album.findOneAndUpdate(filter, { image: 'new.png' }, options),
  findOneAndReplace: (Album, filter, options) =>
    Album.findOneAndReplace(filter, { name: 'x', image: 'new.png' }, options),
};

describe('findOneAnd…', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene({ fields: ['image'] });
  });
  afterEach(closeTestApps);

  for (const [asked, options] of Object.entries(results)) {
    for (const [name, call] of Object.entries(updates)) {
      it(`${name} removes the original, asked for ${asked}`, async () => {
        const { Album, goneAfter } = here;
        expect(await goneAfter(() => call(Album, { name: 'target' }, options))).to.deep.equal(['old.png']);
      });
    }

    it(`findOneAndDelete removes the original, asked for ${asked}`, async () => {
      const { Album, goneAfter } = here;
      expect(await goneAfter(() => Album.findOneAndDelete({ name: 'target' }, options))).to.deep.equal([
        'old.png',
      ]);
    });
  }

  it('removes the original where a transform changes the result', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.findOneAndDelete({ name: 'target' })
        .lean()
        .transform(() => ({})),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  for (const [name, call] of Object.entries({
    ...updates,
    findOneAndDelete: (Album: AnyDocumentModel, filter: object, options: object) =>
      Album.findOneAndDelete(filter, options),
    updateOne: (Album: AnyDocumentModel, filter: object, options: object) =>
      Album.updateOne(filter, { image: 'new.png' }, options),
    replaceOne: (Album: AnyDocumentModel, filter: object, options: object) =>
      Album.replaceOne(filter, { image: 'new.png' }, options),
  })) {
    const heedsSort = name.startsWith('findOneAnd') || hasSortOfOneUpdate;
    const needed: Ability[] = name.startsWith('findOneAnd') ? [] : ['sorted updates'];
    itIf(heedsSort, ...needed)(`${name} removes the file of the document that the sort chose`, async () => {
      const { Album, goneAfter } = here;
      expect(await goneAfter(() => call(Album, {}, { sort: { rank: -1 } }))).to.deep.equal(['other-old.png']);
      expect((await Album.findOne({ rank: 1 }))?.image).to.equal('old.png');
    });

    itWith('collations')(`${name} removes the file of the document that the collation chose`, async () => {
      const { Album, goneAfter } = here;
      const collation = { locale: 'en', strength: 2 };
      expect(await goneAfter(() => call(Album, { name: 'OTHER' }, { collation }))).to.deep.equal([
        'other-old.png',
      ]);
    });
  }

  it('findByIdAndDelete removes the original', async () => {
    const { Album, target, goneAfter } = here;
    expect(await goneAfter(() => Album.findByIdAndDelete(target._id))).to.deep.equal(['old.png']);
  });

  it('finds by a filter that Mongoose has to cast', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.findOneAndDelete({ _id: String(target._id), rank: '1' as never }),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  it('takes a stored field called like a result of the driver for a field', async () => {
    const { s, goneAfter } = here;
    const Odd = s.model('Odd', { image: String, modifiedCount: Number, acknowledged: Boolean });
    await Odd.create({ image: 'new.png', modifiedCount: 0 }, { image: 'new-2.png', acknowledged: false });
    const gone = await goneAfter(async () => {
      await Odd.findOneAndDelete({ modifiedCount: 0 });
      await Odd.findOneAndDelete({ acknowledged: false });
    });
    expect(gone).to.deep.equal(['new-2.png', 'new.png']);
  });

  it('removes nothing when nothing matches', async () => {
    const { Album, goneAfter, s } = here;
    const gone = await goneAfter(async () => {
      await Album.findOneAndDelete({ name: 'nobody' });
      await Album.findOneAndUpdate({ name: 'nobody' }, { image: 'new.png' });
      await Album.findOneAndReplace({ name: 'nobody' }, { image: 'new.png' });
    });
    expect(gone).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
    expect(filesOf()).to.have.length(9);
  });
});
