import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { filesOf, scene, values, type AnyDocument, type Scene } from '../support/scene.js';
import {
  describeIf,
  hasHooks,
  hasTellingBulkSave,
  itIf,
  savesEmptyNestedPaths,
} from '../support/versions.js';

/** Ways in which a document drops values before `save`, and the files that leave with them. */
const changes: {
  name: string;
  change: (album: AnyDocument) => unknown;
  gone: string[];
  /** Default: true. */
  isPossible?: boolean;
}[] = [
  { name: 'a new string', change: (a) => (a.image = 'new.png'), gone: ['old.png'] },
  { name: 'null', change: (a) => (a.image = null), gone: ['old.png'] },
  { name: 'an empty string', change: (a) => (a.image = ''), gone: ['old.png'] },
  { name: 'undefined', change: (a) => (a.image = undefined), gone: ['old.png'] },
  { name: 'unset', change: (a) => a.set('image', undefined), gone: ['old.png'] },
  { name: 'array.pull', change: (a) => a.gallery.pull('g1.png'), gone: ['g1.png'] },
  { name: 'array.splice', change: (a) => a.gallery.splice(0, 2), gone: ['g1.png', 'g2.png'] },
  { name: 'array.pop', change: (a) => a.gallery.pop(), gone: ['g3.png'] },
  { name: 'array.set', change: (a) => a.gallery.set(1, 'new.png'), gone: ['g2.png'] },
  { name: 'array.push', change: (a) => a.gallery.push('new.png'), gone: [] },
  { name: 'a new array', change: (a) => (a.gallery = ['g3.png', 'new.png']), gone: ['g1.png', 'g2.png'] },
  { name: 'array = []', change: (a) => (a.gallery = []), gone: ['g1.png', 'g2.png', 'g3.png'] },
  { name: 'array = null', change: (a) => (a.gallery = null), gone: ['g1.png', 'g2.png', 'g3.png'] },
  {
    name: 'a swap of two elements',
    change: (a) => (a.gallery = ['g2.png', 'g1.png', 'g3.png']),
    gone: [],
  },
  { name: 'a nested path', change: (a) => (a.profile.avatar = 'new.png'), gone: ['avatar.png'] },
  {
    name: 'a nested object',
    change: (a) => (a.profile = {}),
    gone: ['avatar.png'],
    isPossible: savesEmptyNestedPaths,
  },
  { name: "a sub-document's path", change: (a) => (a.photos[0].url = 'new.png'), gone: ['front.png'] },
  { name: 'a sub-document pulled', change: (a) => a.photos.pull({ name: 'back' }), gone: ['back.png'] },
  { name: 'a sub-document spliced', change: (a) => a.photos.splice(0, 1), gone: ['front.png'] },
  { name: 'a Map key set', change: (a) => a.thumbs.set('small', 'new.png'), gone: ['small.png'] },
  { name: 'a Map key deleted', change: (a) => a.thumbs.delete('large'), gone: ['large.png'] },
  { name: 'a Map cleared', change: (a) => a.thumbs.clear(), gone: ['large.png', 'small.png'] },
  { name: 'a whole Map', change: (a) => (a.thumbs = { small: 'small.png' }), gone: ['large.png'] },
  { name: 'the same value', change: (a) => (a.image = 'old.png'), gone: [] },
  { name: 'another value and back', change: (a) => ((a.image = 'new.png'), (a.image = 'old.png')), gone: [] },
  { name: 'another field', change: (a) => (a.name = 'renamed'), gone: [] },
  {
    name: 'a value marked as modified though it is the same',
    change: (a) => a.markModified('image'),
    gone: [],
  },
];

const saves: Record<string, (Album: AnyDocumentModel, album: AnyDocument) => unknown> = {
  'doc.save': (_, album) => album.save(),
  'Model.bulkSave': (Album, album) => Album.bulkSave([album]),
};

describe('saves', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  for (const [operation, save] of Object.entries(saves)) {
    describeIf(hasHooks(operation))(operation, () => {
      for (const { name, change, gone, isPossible = true } of changes) {
        itIf(isPossible)(
          `${gone.length > 0 ? 'removes what is dropped by' : 'keeps everything on'} ${name}`,
          async () => {
            const { Album, target, goneAfter, s } = here;
            change(target);
            expect(await goneAfter(() => save(Album, target))).to.deep.equal(gone);
            expect(await s.outcomes()).to.deep.equal(gone.map((file) => `removed ${file}`));
          },
        );
      }

      itIf(operation === 'doc.save' || hasTellingBulkSave)('names itself in the event', async () => {
        const { Album, target, s } = here;
        target.image = 'new.png';
        await save(Album, target);
        expect(s.events[0]).to.include({
          operation: operation.split('.')[1],
          field: 'image',
          model: 'Album',
        });
        expect(String(s.events[0]?.documentId)).to.equal(String(target._id));
      });

      it('removes both when A→B and B→C are saved one after the other', async () => {
        const { Album, target, goneAfter, s } = here;
        const gone = await goneAfter(async () => {
          target.image = 'new.png';
          await save(Album, target);
          target.image = 'new-2.png';
          await save(Album, target);
        });
        expect(gone).to.deep.equal(['new.png', 'old.png']);
        expect(await s.outcomes()).to.deep.equal(['removed new.png', 'removed old.png']);
      });
    });
  }

  it('sub-documents set to null or replaced lose their files', async () => {
    const { s } = here;
    const Card = s.model('Card', { cover: { type: { url: String }, _id: false } }, { fields: ['cover.url'] });
    await s.uploads.put('c1.png', 'c2.png');
    const card = await Card.create({ cover: { url: 'c1.png' } });
    card.cover = { url: 'c2.png' };
    await card.save();
    expect(await s.uploads.has('c1.png')).to.equal(false);
    card.cover = null;
    await card.save();
    expect(await s.uploads.has('c2.png')).to.equal(false);
  });
});

describe('new documents', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it('are not looked up, and a first image displaces nothing', async () => {
    const Album = s.model('Album', { image: String });
    await Album.init();
    await s.uploads.put('a.png');
    const commands = watchCommands(s.connection);
    await Album.create({ image: 'a.png' });
    await new Album({ image: 'a.png' }).save();
    await Album.insertMany([{ image: 'a.png' }]);
    expect(commands.names()).to.deep.equal(['insert', 'insert', 'insert']);
    expect(s.events).to.deep.equal([]);
  });

  it('an image set for the first time on an old document displaces nothing', async () => {
    const Album = s.model('Album', { image: String });
    const album = await Album.create({});
    await s.uploads.put('a.png');
    album.image = 'a.png';
    await album.save();
    expect(s.events).to.deep.equal([]);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
  });

  it('a document saved right after its creation is looked up', async () => {
    const Album = s.model('Album', { image: String });
    await s.uploads.put('a.png', 'b.png');
    const album = await new Album({ image: 'a.png' }).save();
    album.image = 'b.png';
    await album.save();
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });
});

describe('originals', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  it('come from the database, not from the memory of the document', async () => {
    const { Album, target, goneAfter } = here;
    const stale = await Album.findById(target._id);
    const gone = await goneAfter(async () => {
      target.image = 'new.png';
      await target.save();
      stale.image = 'new-2.png';
      await stale.save();
    });
    expect(gone).to.deep.equal(['new.png', 'old.png']);
  });

  it('are known for a document loaded without the field', async () => {
    const { Album, target, goneAfter } = here;
    const partial = await Album.findById(target._id).select('name');
    partial.image = 'new.png';
    expect(await goneAfter(() => partial.save())).to.deep.equal(['old.png']);
    const bare = await Album.findById(target._id).select('name');
    expect(await goneAfter(() => bare.deleteOne())).to.deep.equal(
      ['new.png', ...filesOf().filter((name) => name !== 'old.png')].sort(),
    );
  });

  it('are known for a hydrated document', async () => {
    const { Album, target, goneAfter } = here;
    const hydrated = Album.hydrate({ ...values(), _id: target._id, image: 'whatever.png' });
    hydrated.image = 'new.png';
    expect(await goneAfter(() => hydrated.save())).to.deep.equal(['old.png']);
  });

  it('that are not there are logged for a save, and the write goes on, with its own result', async () => {
    const { Album, target, goneAfter, s } = here;
    await Album.collection.deleteOne({ _id: target._id });
    target.image = 'new.png';
    const gone = await goneAfter(async () => {
      const error: unknown = await target.save().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'DocumentNotFoundError');
      expect(await Album.findByIdAndUpdate(target._id, { image: 'new.png' })).to.equal(null);
      expect(await Album.deleteOne({ _id: target._id })).to.include({ deletedCount: 0 });
    });
    expect(gone).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
    // a query that finds nothing is everyday: every 404 of an app
    expect(s.log).to.have.length(1);
    expect(s.log[0]).to.contain('save').and.to.contain(String(target._id));
  });

  it('that nobody can expect are not logged: an upsert, a filter that matches nothing', async () => {
    const { Album, target, s } = here;
    await Album.collection.deleteOne({ _id: target._id });
    await Album.deleteOne({ name: 'nobody' });
    await Album.updateOne({ _id: target._id }, { image: 'new.png' }, { upsert: true });
    expect(s.log).to.deep.equal([]);
  });
});
