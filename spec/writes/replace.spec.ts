import { expect } from 'chai';
import { closeTestApps, type AnyDocumentModel } from '../support/test-app.js';
import { scene, values, type AnyDocument, type Scene } from '../support/scene.js';
import { hasHooks, itIf } from '../support/versions.js';

type Replace = (
  Album: AnyDocumentModel,
  target: AnyDocument,
  replacement: object,
  options?: object,
) => unknown;

/** Every call that puts a whole new document in the place of `target`. */
const calls: Record<string, Replace> = {
  'Model.replaceOne': (Album, _, replacement, options) =>
    Album.replaceOne({ name: 'target' }, replacement, options),
  'doc.replaceOne': (_, target, replacement, options) => target.replaceOne(replacement, options),
  'Model.findOneAndReplace': (Album, _, replacement, options) =>
    Album.findOneAndReplace({ name: 'target' }, replacement, options),
  'Model.findOneAndUpdate with overwrite of every field': (Album, _, replacement, options) =>
    Album.findOneAndUpdate(
      { name: 'target' },
      { $set: replacement, $unset: { image: 1, photos: 1, profile: 1, thumbs: 1 } },
      options,
    ),
  'Model.bulkWrite': (Album, _, replacement, options) =>
    Album.bulkWrite([{ replaceOne: { filter: { name: 'target' }, replacement, ...options } }] as never),
};

const DROPPED = [
  'avatar.png',
  'back.png',
  'front.png',
  'g1.png',
  'g3.png',
  'large.png',
  'old.png',
  'small.png',
];

describe('replacements', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  for (const [name, replace] of Object.entries(calls)) {
    itIf(hasHooks(name))(`${name} removes what the new document does not hold`, async () => {
      const { Album, target, goneAfter } = here;
      const gone = await goneAfter(() =>
        replace(Album, target, { name: 'target', gallery: ['g2.png', 'new.png'] }),
      );
      expect(gone).to.deep.equal(DROPPED);
    });

    itIf(hasHooks(name))(`${name} keeps everything when the new document holds the same`, async () => {
      if (name.includes('overwrite')) return;
      const { Album, target, goneAfter } = here;
      expect(
        await goneAfter(() => replace(Album, target, { name: 'target', rank: 9, ...values() })),
      ).to.deep.equal([]);
    });
  }

  it('a replacement that is a document of the model counts by what it stores', async () => {
    const { Album, target, goneAfter } = here;
    const replacement = new Album({ _id: target._id, name: 'target', image: 'new.png', gallery: ['g1.png'] });
    const gone = await goneAfter(() => Album.findOneAndReplace({ name: 'target' }, replacement));
    expect(gone).to.include('old.png').and.not.include('g1.png');
  });

  describe('with upsert', () => {
    it('removes the displaced file of a document that was there', async () => {
      const { Album, goneAfter } = here;
      const gone = await goneAfter(() =>
        Album.replaceOne(
          { name: 'target' },
          { name: 'target', ...values(), image: 'new.png' },
          { upsert: true },
        ),
      );
      expect(gone).to.deep.equal(['old.png']);
    });

    it('removes nothing when it inserts', async () => {
      const { Album, goneAfter, s } = here;
      const gone = await goneAfter(async () => {
        await Album.replaceOne({ name: 'third' }, { name: 'third', image: 'new.png' }, { upsert: true });
        await Album.findOneAndReplace({ name: 'fourth' }, { image: 'new-2.png' }, { upsert: true });
        await Album.updateOne({ name: 'fifth' }, { image: 'new-2.png' }, { upsert: true });
        await Album.findOneAndUpdate({ name: 'sixth' }, { image: 'new-2.png' }, { upsert: true });
      });
      expect(gone).to.deep.equal([]);
      expect(s.events).to.deep.equal([]);
    });
  });

  it('keeps the file of the new document on A → B → A', async () => {
    const { Album, goneAfter, s } = here;
    const gone = await goneAfter(async () => {
      await Album.updateOne({ name: 'target' }, { image: 'new.png' });
      await s.uploads.put('old.png');
      await Album.updateOne({ name: 'target' }, { image: 'old.png' });
    });
    expect(gone).to.deep.equal(['new.png']);
  });
});
