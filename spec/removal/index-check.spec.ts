import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';

describe('the index warning', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  async function removeTwo(Album: AnyDocumentModel, path = 'image'): Promise<string[]> {
    await Album.init();
    for (const name of ['a.png', 'b.png']) {
      await s.uploads.put(name);
      await Album.collection.insertOne({ [path]: name });
      await Album.deleteMany({});
    }
    await s.outcomes();
    return s.log.filter((line) => line.includes('index'));
  }

  it('names the line to add, once', async () => {
    const warnings = await removeTwo(s.model('Album', { image: String }));
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('"Album"').and.contain("schema.index({ 'image': 1 })");
  });

  it('names every field without an index', async () => {
    const definition = { image: String, thumb: { type: String, index: true }, photos: [{ url: String }] };
    const fields = ['image', 'thumb', 'photos.url'];
    const [warning] = await removeTwo(s.model('Album', definition, { fields }));
    expect(warning).to.contain("{ 'image': 1 }").and.contain("{ 'photos.url': 1 }").and.not.contain('thumb');
  });

  for (const [name, index] of Object.entries<[object, object?]>({
    'a plain one': [{ image: 1 }],
    'a descending one': [{ image: -1 }],
    'a unique one': [{ image: 1 }, { unique: true }],
    'a sparse one': [{ image: 1 }, { sparse: true }],
    'a compound one that begins with it': [{ image: 1, title: 1 }],
  })) {
    it(`is not given for ${name}`, async () => {
      const Album = s.model('Album', { image: String, title: String });
      await Album.init();
      await Album.collection.createIndex(index[0] as never, index[1] as never);
      expect(await removeTwo(Album)).to.deep.equal([]);
    });
  }

  for (const [name, index] of Object.entries<[object, object?]>({
    'a compound one that ends with it': [{ title: 1, image: 1 }],
    'a partial one': [{ image: 1 }, { partialFilterExpression: { title: 'x' } }],
  })) {
    it(`is given for ${name}`, async () => {
      const Album = s.model('Album', { image: String, title: String });
      await Album.init();
      await Album.collection.createIndex(index[0] as never, index[1] as never);
      expect(await removeTwo(Album)).to.have.length(1);
    });
  }

  it('is not given for a Map, which no index serves', async () => {
    const Album = s.model('Album', { thumbs: { type: Map, of: String } }, { fields: ['thumbs'] });
    await Album.init();
    await s.uploads.put('a.png');
    await Album.create({ thumbs: { x: 'a.png' } });
    await Album.deleteMany({});
    await s.outcomes();
    expect(s.log).to.deep.equal([]);
  });

  it('looks once a model, and not before something is to be removed', async () => {
    const Album = s.model('Album', { image: String });
    await Album.init();
    const commands = watchCommands(s.connection);
    const album = await Album.create({ image: 'a.png' });
    await Album.updateOne({}, { $setOnInsert: { image: 'b.png' } });
    await s.outcomes();
    expect(commands.of('listIndexes')).to.have.length(0);
    await album.deleteOne();
    await Album.create({ image: 'b.png' });
    await Album.deleteMany({});
    await s.outcomes();
    expect(commands.of('listIndexes')).to.have.length(1);
  });

  it('the plugin makes no index', async () => {
    const Album = s.model('Album', { image: String });
    await removeTwo(Album);
    expect(Object.keys(await Album.collection.indexInformation())).to.deep.equal(['_id_']);
  });
});
