import { expect } from 'chai';
import { closeTestApps } from '../support/test-app.js';
import { scene, type Scene } from '../support/scene.js';
import { hasPathsToSave, itIf } from '../support/versions.js';

describe('saves of a part', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  itIf(hasPathsToSave)(
    'pathsToSave without the image keeps the old one, and a later full save removes it',
    async () => {
      const { target, goneAfter } = here;
      target.image = 'new.png';
      target.name = 'renamed';
      expect(await goneAfter(() => target.save({ pathsToSave: ['name'] }))).to.deep.equal([]);
      target.markModified('image'); // Mongoose 9.0.0 forgets what pathsToSave left out
      expect(await goneAfter(() => target.save())).to.deep.equal(['old.png']);
    },
  );

  it('a stale instance that saves something else changes nothing', async () => {
    const { Album, target, goneAfter } = here;
    const stale = await Album.findById(target._id);
    const gone = await goneAfter(async () => {
      target.image = 'new.png';
      await target.save();
      stale.name = 'renamed';
      await stale.save();
    });
    expect(gone).to.deep.equal(['old.png']);
    expect((await Album.findById(target._id)).image).to.equal('new.png');
  });

  it('what is not saved is not removed: an assignment before a delete', async () => {
    const { target, goneAfter, s } = here;
    target.image = 'other-old.png';
    const gone = await goneAfter(() => target.deleteOne());
    expect(gone).to.include('old.png').and.not.include('other-old.png');
    expect((await s.outcomes()).filter((one) => one.includes('other'))).to.deep.equal([]);
  });

  it('a Mixed value changed without markModified is not saved, so its file stays', async () => {
    const { s, goneAfter } = here;
    const Note = s.model('Note', { media: {} }, { fields: ['media.file'] });
    const note = await Note.create({ media: { file: 'new.png' } });
    note.media.file = 'new-2.png';
    expect(await goneAfter(() => note.save())).to.deep.equal([]);
    note.markModified('media');
    expect(await goneAfter(() => note.save())).to.deep.equal(['new.png']);
  });

  it('a new instance saved over an existing id is a replacement of what it sets', async () => {
    const { Album, target, goneAfter } = here;
    const twin = new Album({ _id: target._id, image: 'new.png' });
    twin.isNew = false;
    twin.markModified('image');
    expect(await goneAfter(() => twin.save()))
      .to.include('old.png')
      .and.not.include('new.png');
  });

  it('a save that failed leaves nothing behind for the next one', async () => {
    const { Album, target, goneAfter } = here;
    target.image = 'new.png';
    target.rank = 'not a number';
    expect(await goneAfter(() => target.save().catch(() => undefined))).to.deep.equal([]);
    const fresh = await Album.findById(target._id);
    fresh.name = 'renamed';
    expect(await goneAfter(() => fresh.save())).to.deep.equal([]);
    target.rank = 5;
    expect(await goneAfter(() => target.save())).to.deep.equal(['old.png']);
  });
});
