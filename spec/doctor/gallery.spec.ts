import { expect } from 'chai';
import { doctor } from '../../lib/index.js';
import { openGallery, type Gallery } from '../../examples/gallery/gallery.js';
import { freshDatabase } from '../support/database.js';
import { Uploads } from '../support/uploads.js';

describe('the doctor on the gallery', () => {
  let folder: Uploads;
  let gallery: Gallery;
  beforeEach(async () => {
    folder = await Uploads.create();
    gallery = await openGallery({
      mongodbUri: freshDatabase(),
      dataFolder: folder.root,
      log: () => undefined,
    });
  });
  afterEach(async () => {
    await gallery.close({ dropDatabase: true });
    await folder.destroy();
  });

  it('finds nothing to do, empty or with albums', async () => {
    const empty = await doctor({ models: [gallery.Album as never] });
    expect(empty.findings).to.deep.equal([]);
    expect(empty.status).to.equal('nothing to do');
    await folder.put(...['cover', 'one', 'two', 'me'].map((name) => `uploads/${name}.png`));
    await gallery.Album.create([
      { title: 'Rome', cover: '/uploads/cover.png', gallery: ['/uploads/one.png', '/uploads/two.png'] },
      { title: 'Paris', owner: { name: 'Ada', avatar: '/uploads/me.png' } },
    ]);
    const { findings, models, storages } = await doctor({ models: [gallery.Album as never] });
    expect(findings).to.deep.equal([]);
    expect(models.map(({ documents }) => documents)).to.deep.equal([2]);
    expect(models[0]!.fields.map(({ field, counts }) => [field, counts.owned])).to.deep.equal([
      ['cover', 1],
      ['gallery', 2],
      ['owner.avatar', 1],
    ]);
    expect(storages).to.have.length(1);
    expect(storages[0]).to.include({ problem: null, files: 4, isPartial: false });
  });
});
