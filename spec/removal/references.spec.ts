import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { itWith } from '../support/versions.js';

describe('references', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  async function deletedAlbum(options: ImageCleanupOptions, image = 'a.png'): Promise<string[]> {
    const Album = s.model('Album', { image: String }, options);
    const album = await Album.create({ image });
    await album.deleteOne();
    return s.outcomes();
  }

  /** A model without the plugin. */
  function plain(name: string, definition: object): AnyDocumentModel {
    return s.connection.model(name, new Schema(definition as never)) as unknown as AnyDocumentModel;
  }

  describe("'connection', the default", () => {
    it('keeps a file that another document of the model uses', async () => {
      const Album = s.model('Album', { image: String });
      const album = await Album.create({ image: 'a.png' });
      const copy = new Album({ ...album.toObject(), _id: undefined });
      await copy.save();
      copy.image = 'b.png';
      await copy.save();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
      await album.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('keeps a file that a document of another model uses', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      expect(await deletedAlbum({})).to.deep.equal(['kept a.png (still used)']);
    });

    for (const stored of ['/uploads/a.png', './a.png', '/uploads/a.png?v=2', '/uploads/a.png#top']) {
      it(`keeps a file that is used as ${stored}`, async () => {
        const Page = s.model('Page', { picture: [String] }, { fields: ['picture'] });
        await Page.create({ picture: ['b.png', stored] });
        expect(await deletedAlbum({})).to.deep.equal(['kept a.png (still used)']);
      });
    }

    it('keeps a file that is used by an absolute path', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: s.uploads.path('a.png') });
      expect(await deletedAlbum({})).to.deep.equal(['kept a.png (still used)']);
    });

    it('keeps a file that another field of the same document uses', async () => {
      const Album = s.model('Album', { image: String, thumb: String }, { fields: ['image', 'thumb'] });
      const album = await Album.create({ image: 'a.png', thumb: 'a.png' });
      album.image = 'b.png';
      await album.save();
      expect(await s.outcomes()).to.deep.equal([]);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
    });

    itWith('updates by pipelines')('keeps both files of a swap', async () => {
      const Album = s.model('Album', { image: String, thumb: String }, { fields: ['image', 'thumb'] });
      const album = await Album.create({ image: 'a.png', thumb: 'b.png' });
      album.set({ image: 'b.png', thumb: 'a.png' });
      await album.save();
      await Album.updateOne({}, [{ $set: { image: '$thumb', thumb: '$image' } }], { updatePipeline: true });
      expect(await s.outcomes()).to.deep.equal([]);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
    });

    it('removes a file that is held twice by the document that goes, once', async () => {
      const Album = s.model('Album', { image: String, gallery: [String] }, { fields: ['image', 'gallery'] });
      const album = await Album.create({ image: 'a.png', gallery: ['a.png', '/uploads/a.png', './a.png'] });
      await album.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('asks past the find hooks of the app', async () => {
      const schema = new Schema({ image: String, isHidden: Boolean });
      schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
      schema.pre(/^find/, function (this: { where(filter: object): unknown }) {
        this.where({ isHidden: { $ne: true } });
      } as never);
      const Page = s.connection.model('Page', schema) as unknown as AnyDocumentModel;
      const [, visible] = await Page.create([{ image: 'a.png', isHidden: true }, { image: 'a.png' }]);
      await visible.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
      await Page.deleteMany({ isHidden: true });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('asks a model that is registered later', async () => {
      const Album = s.model('Album', { image: String });
      await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
      await Album.deleteOne({ image: 'b.png' });
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      await Album.deleteOne({ image: 'a.png' });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
    });

    it('fields of one path that two models of one collection store in different shapes', async () => {
      for (const order of [0, 1]) {
        const file = `file-${String(order)}`;
        const store = recordingProvider(file);
        const collection = `mixed${String(order)}`;
        const make = [
          () => s.model(`Text${collection}`, { image: String }, { provider: store }, { collection }),
          () =>
            s.model(
              `Object${collection}`,
              { image: { public_id: String } },
              { provider: store },
              { collection },
            ),
        ];
        for (const one of order === 0 ? make : make.reverse()) one();
        await s.connection.model(`Object${collection}`).create({ image: { public_id: file } });
        const Album = s.model(`Album${String(order)}`, { image: String }, { provider: store });
        await Album.create({ image: file });
        await Album.deleteMany({});
        expect(store.gone()).to.deep.equal([]);
      }
    });
  });

  describe("'model' and 'document'", () => {
    it("'model' asks no other model", async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      expect(await deletedAlbum({ references: 'model' })).to.deep.equal(['removed a.png']);
    });

    it("'model' asks a second model over the same collection", async () => {
      const Twin = s.model('Twin', { picture: String }, { fields: ['picture'] }, { collection: 'albums' });
      await Twin.create({ picture: 'a.png' });
      expect(await deletedAlbum({ references: 'model' })).to.deep.equal(['kept a.png (still used)']);
    });

    it("'document' asks the document alone", async () => {
      const Album = s.model(
        'Album',
        { image: String, thumb: String },
        {
          fields: ['image', 'thumb'],
          references: 'document',
        },
      );
      await Album.create({ image: 'a.png' });
      const album = await Album.create({ image: 'a.png', thumb: 'b.png' });
      album.set({ image: 'b.png', thumb: null });
      await album.save();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      expect(await s.uploads.names()).to.deep.equal(['b.png']);
    });
  });

  describe('an array is asked in addition', () => {
    it('to the models of the connection: a function takes none of them out', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      const references = [(assets: readonly unknown[]) => assets.map(() => false)];
      expect(await deletedAlbum({ references })).to.deep.equal(['kept a.png (still used)']);
    });

    it("with 'model' in it, the model itself is asked and what is named, other models are not", async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create([{ picture: 'a.png' }]);
      const Other = plain('Other', { picture: String });
      await Other.create({ picture: 'c.png' });
      const references: ImageCleanupOptions['references'] = ['model', { model: Other, fields: ['picture'] }];
      const Album = s.model('Album', { image: String }, { references });
      await s.uploads.put('c.png');
      await Album.create(['a.png', 'b.png', 'b.png', 'c.png'].map((image) => ({ image })));
      for (const image of ['a.png', 'b.png', 'c.png']) await Album.deleteOne({ image });
      expect(await s.outcomes()).to.deep.equal([
        'kept b.png (still used)',
        'kept c.png (still used)',
        'removed a.png',
      ]);
    });

    it('a model by its name', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      expect(await deletedAlbum({ references: ['Page'] })).to.deep.equal(['kept a.png (still used)']);
    });

    it('a model by its class, also one of another connection', async () => {
      const other = await testApp();
      const provider = localProvider({ root: s.uploads.root });
      const Page = other.model('Page', { picture: String }, { fields: ['picture'], provider });
      await Page.create({ picture: 'a.png' });
      expect(await deletedAlbum({ references: [Page] })).to.deep.equal(['kept a.png (still used)']);
    });

    it('{ model, fields } of a model without the plugin', async () => {
      const Page = plain('Page', { picture: String, thumbs: { type: Map, of: String } });
      await Page.create({ thumbs: { small: 'a.png' } });
      const references = [
        { model: 'Page', fields: ['picture', 'thumbs'] },
        { model: Page, fields: ['picture'] },
      ];
      expect(await deletedAlbum({ references })).to.deep.equal(['kept a.png (still used)']);
    });

    it('a model without tracked fields cannot be asked, so the file is kept', async () => {
      plain('Page', { picture: String });
      expect(await deletedAlbum({ references: ['Page'] })).to.deep.equal(['kept a.png (unanswered)']);
      expect(s.log.join()).to.contain('{ model, fields }');
    });

    it('a model with marks and without the plugin is asked by its marks', async () => {
      const Page = plain('Page', { picture: { type: String, imageCleanup: true } });
      await Page.create({ picture: 'a.png' });
      expect(await deletedAlbum({ references: ['Page'] })).to.deep.equal(['kept a.png (still used)']);
    });

    it('a model that is not registered keeps', async () => {
      expect(await deletedAlbum({ references: ['Nobody'] })).to.deep.equal(['kept a.png (unanswered)']);
      expect(await deletedAlbumOf({ references: [{ model: 'Nobody', fields: ['x'] }] })).to.deep.equal([
        'kept a.png (unanswered)',
      ]);
      expect(s.log.join()).to.contain('"Nobody"');
    });

    it('a field that the model does not have keeps', async () => {
      plain('Page', { picture: String });
      const references = [{ model: 'Page', fields: ['pictures'] }];
      expect(await deletedAlbum({ references })).to.deep.equal(['kept a.png (unanswered)']);
    });

    async function deletedAlbumOf(options: ImageCleanupOptions): Promise<string[]> {
      s.connection.deleteModel('Album');
      return deletedAlbum(options);
    }
  });

  for (const scope of ['model', 'document'] as const) {
    it(`'${scope}' in an array narrows the question about the model itself, not about what is named beside it`, async () => {
      const Page = plain('Page', { banner: String });
      await Page.create({ banner: 'a.png' });
      const references = [scope, { model: 'Page', fields: ['banner'] }];
      expect(await deletedAlbum({ references })).to.deep.equal(['kept a.png (still used)']);
    });
  }

  describe('a question that fails', () => {
    it('keeps the file', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      const real = s.connection.db!.collection.bind(s.connection.db);
      s.connection.db!.collection = ((name: string) => {
        const collection = real(name);
        if (name === Page.collection.name) {
          collection.find = () => {
            throw new Error('no answer');
          };
        }
        return collection;
      }) as never;
      expect(await deletedAlbum({})).to.deep.equal(['kept a.png (unanswered)']);
    });

    it('or takes too long, keeps the file', async () => {
      const references = [() => new Promise<boolean[]>(() => undefined)];
      expect(await deletedAlbum({ references, timeoutMs: 30 })).to.deep.equal(['kept a.png (unanswered)']);
    });

    it('a use found elsewhere says more than no answer', async () => {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      await Page.create({ picture: 'a.png' });
      const references = [
        'Page',
        () => {
          throw new Error('down');
        },
      ];
      expect(await deletedAlbum({ references })).to.deep.equal(['kept a.png (still used)']);
    });
  });

  it('a value stored in two spellings of another root is not confused with ours', async () => {
    const provider = localProvider({ root: s.uploads.root, hosts: ['img.example'] });
    const Page = s.model('Page', { picture: String }, { fields: ['picture'], provider });
    await Page.create({ picture: 'https://other.example/uploads/a.png' });
    expect(await deletedAlbum({ provider, mentionsUpTo: 0 })).to.deep.equal(['removed a.png']);
  });
});
