import { expect } from 'chai';
import { closeTestApps, type AnyDocumentModel } from '../support/test-app.js';
import { filesOf, scene, type AnyDocument, type Scene } from '../support/scene.js';
import { hasHooks, itIf } from '../support/versions.js';

const calls: Record<string, (Album: AnyDocumentModel, target: AnyDocument) => unknown> = {
  'doc.deleteOne': (_, target) => target.deleteOne(),
  'Model.deleteOne': (Album) => Album.deleteOne({ name: 'target' }),
  'Model.deleteMany': (Album) => Album.deleteMany({ name: 'target' }),
  'Model.findOneAndDelete': (Album) => Album.findOneAndDelete({ name: 'target' }),
  'Model.findByIdAndDelete': (Album, target) => Album.findByIdAndDelete(target._id),
  'Model.bulkWrite with deleteOne': (Album) =>
    Album.bulkWrite([{ deleteOne: { filter: { name: 'target' } } }]),
  'Model.bulkWrite with deleteMany': (Album) =>
    Album.bulkWrite([{ deleteMany: { filter: { name: 'target' } } }]),
  'a query built in steps': (Album) => Album.deleteOne().where('name').equals('target'),
  'a query run by exec': (Album) => Album.find({ name: 'target' }).deleteMany().exec(),
  'a cursor that deletes each': (Album) =>
    Album.find({ name: 'target' })
      .cursor()
      .eachAsync((album) => album.deleteOne()),
};

describe('deletes', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  for (const [name, remove] of Object.entries(calls)) {
    itIf(hasHooks(name))(`${name} removes every file of the document, each told once`, async () => {
      const { Album, target, goneAfter, s } = here;
      expect(await goneAfter(() => remove(Album, target))).to.deep.equal(filesOf());
      expect(await s.outcomes()).to.deep.equal(filesOf().map((file) => `removed ${file}`));
    });
  }

  it('deleteMany of all removes the files of all', async () => {
    const { Album, goneAfter } = here;
    expect(await goneAfter(() => Album.deleteMany())).to.deep.equal(
      [...filesOf(), ...filesOf('other-')].sort(),
    );
  });

  it('the same document deleted twice is told once', async () => {
    const { target, goneAfter, s } = here;
    await goneAfter(() => target.deleteOne());
    s.events.length = 0;
    expect(await goneAfter(() => target.deleteOne())).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
  });

  it('a delete that hits nothing removes nothing', async () => {
    const { Album, goneAfter, s } = here;
    expect(await goneAfter(() => Album.deleteOne({ name: 'nobody' }))).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
  });

  it('events follow the declared order of the fields', async () => {
    const { target, s } = here;
    await target.deleteOne();
    expect(s.events.map(({ field }) => field)).to.deep.equal([
      'image',
      'gallery',
      'gallery',
      'gallery',
      'photos.url',
      'photos.url',
      'profile.avatar',
      'thumbs.$*',
      'thumbs.$*',
    ]);
  });

  it('two calls at the same time remove the file once', async () => {
    const { Album, s } = here;
    await Promise.all([Album.deleteOne({ name: 'target' }), Album.deleteMany({ name: 'target' })]);
    expect(await s.outcomes()).to.have.members(filesOf().map((file) => `removed ${file}`));
  });

  it('the value can still be read from the deleted document', async () => {
    const { target } = here;
    await target.deleteOne();
    expect(target.image).to.equal('old.png');
  });
});
