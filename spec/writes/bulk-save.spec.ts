import { expect } from 'chai';
import { closeTestApps } from '../support/test-app.js';
import { scene, type Scene } from '../support/scene.js';
import { describeIf, hasBulkWriteHooks, hasTellingBulkSave, itIf } from '../support/versions.js';

describeIf(hasBulkWriteHooks)('Model.bulkSave', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene({ fields: ['image'] });
  });
  afterEach(closeTestApps);

  it('removes what several documents drop, and inserts what is new', async () => {
    const { Album, goneAfter } = here;
    const albums = await Album.find().sort('rank');
    albums[0].image = 'new.png';
    albums[1].image = 'new-2.png';
    const fresh = new Album({ image: 'new.png' });
    expect(await goneAfter(() => Album.bulkSave([...albums, fresh]))).to.deep.equal([
      'old.png',
      'other-old.png',
    ]);
  });

  itIf(hasTellingBulkSave)(
    'with one document that does not match, removes what the others dropped',
    async () => {
      const { Album, goneAfter, s } = here;
      const albums = await Album.find().sort('rank');
      albums[0].image = 'new.png';
      albums[1].image = 'new-2.png';
      await Album.collection.deleteOne({ _id: albums[1]._id });
      let error: unknown;
      const gone = await goneAfter(async () => {
        error = await Album.bulkSave(albums).catch((thrown: unknown) => thrown);
      });
      expect(error).to.have.property('name', 'MongooseBulkSaveIncompleteError');
      expect(gone).to.deep.equal(['old.png']);
      expect(await s.outcomes()).to.deep.equal(['removed old.png']);
    },
  );

  it('a document written by it is saved as usual afterwards', async () => {
    const { Album, target, goneAfter } = here;
    target.image = 'new.png';
    await Album.bulkSave([target]);
    target.image = 'new-2.png';
    expect(await goneAfter(() => target.save())).to.deep.equal(['new.png']);
  });
});
