import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { folderProvider } from '../support/usage.js';
import { describeIf } from '../support/versions.js';

describe('child schemas', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png', 'd.png');
  });
  afterEach(closeTestApps);

  function modelOf(name: string, schema: Schema): AnyDocumentModel {
    return s.connection.model(name, schema) as unknown as AnyDocumentModel;
  }

  const plugged = (schema: Schema, options: object = {}): Schema =>
    schema.plugin(imageCleanup, { ...s.options, ...options });

  describe('with the plugin', () => {
    const photoSchema = (options: object = { fields: ['url'] }): Schema =>
      plugged(new Schema({ url: String, note: String }, { _id: false }), options);

    for (const [where, definitionOf, documentOf] of [
      ['an array', (photo: Schema) => ({ photos: [photo] }), (url: string) => ({ photos: [{ url }] })],
      ['one', (photo: Schema) => ({ photo }), (url: string) => ({ photo: { url } })],
      [
        'a Map',
        (photo: Schema) => ({ byKey: { type: Map, of: photo } }),
        (url: string) => ({ byKey: { x: { url } } }),
      ],
    ] as const) {
      it(`count for a parent that has the plugin as well: ${where}`, async () => {
        const schema = new Schema({ ...definitionOf(photoSchema()), cover: String } as never);
        const Album = modelOf('Album', plugged(schema, { fields: ['cover'] }));
        await Album.create([
          { cover: 'a.png', ...documentOf('b.png') },
          { cover: 'b.png' },
          documentOf('c.png'),
        ]);
        await Album.deleteOne({ cover: 'a.png' });
        expect(await s.outcomes()).to.deep.equal(['kept b.png (still used)', 'removed a.png']);
        await Album.deleteMany({});
        expect(await s.uploads.names()).to.deep.equal(['d.png']);
      });
    }

    it('count for a parent that has marks', async () => {
      const schema = new Schema({ photos: [photoSchema()], cover: { type: String, imageCleanup: true } });
      const Album = modelOf('Album', plugged(schema as unknown as Schema));
      const album = await Album.create({ cover: 'a.png', photos: [{ url: 'b.png' }, { url: 'c.png' }] });
      album.photos = album.photos.filter(({ url }: { url: string }) => url !== 'b.png');
      await album.save();
      expect(await s.outcomes()).to.deep.equal(['removed b.png']);
    });

    it('let a parent name no fields of its own', async () => {
      const Album = modelOf('Album', plugged(new Schema({ photos: [photoSchema()] }) as unknown as Schema));
      await Album.create({ photos: [{ url: 'a.png' }] });
      await Album.updateOne({}, { $set: { photos: [] } });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('keep their own provider where they name one', async () => {
      await s.uploads.put('photos/a.png');
      const photo = photoSchema({ fields: ['url'], provider: folderProvider(s, 'photos') });
      const schema = new Schema({ cover: String, photos: [photo] });
      const Album = modelOf('Album', plugged(schema as unknown as Schema, { fields: ['cover'] }));
      await Album.create([{ photos: [{ url: 'a.png' }] }, { cover: 'a.png' }]);
      await Album.deleteOne({ 'photos.url': 'a.png' });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      expect(await s.uploads.names())
        .to.include('a.png')
        .and.not.include('photos/a.png');
    });

    it('are a use for a file that another model drops', async () => {
      const schema = new Schema({ photos: [photoSchema()], cover: String });
      const Album = modelOf('Album', plugged(schema as unknown as Schema, { fields: ['cover'] }));
      const Page = s.model('Page', { image: String });
      await Album.create({ photos: [{ url: '/uploads/a.png' }] });
      await Page.create({ image: 'a.png' });
      await Page.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('below a parent without it, log at the first save what to write, once', async () => {
      const Album = modelOf('Album', new Schema({ photos: [photoSchema()] }) as unknown as Schema);
      const Other = modelOf('Other', new Schema({ cover: photoSchema() }) as unknown as Schema);
      for (const url of ['a.png', 'b.png']) await Album.create({ photos: [{ url }, { url: 'c.png' }] });
      const lines = s.log.filter((line) => line.includes('Album'));
      expect(lines).to.have.length(1);
      expect(lines[0]).to.contain('photos.url').and.contain('plugin(imageCleanup');
      await Other.create({ cover: { url: 'a.png' } });
      expect(s.log.filter((line) => line.includes('Other') && line.includes('cover.url'))).to.have.length(1);
      expect(s.log).to.have.length(2);
      await Album.deleteMany({});
      expect(await s.uploads.names()).to.have.length(4);
    });

    it('log nothing below a parent that has it', async () => {
      const schema = new Schema({ photos: [photoSchema()], cover: String });
      const Album = modelOf('Album', plugged(schema as unknown as Schema, { fields: ['cover'] }));
      await Album.create({ photos: [{ url: 'a.png' }] });
      expect(s.log).to.deep.equal([]);
    });
  });

  describe('fields that are named', () => {
    const image = { type: String };
    const withMark = { type: String, imageCleanup: true };

    interface Content {
      readonly blocks: Schema;
      readonly list: { discriminator(name: string, schema: Schema): unknown };
    }

    function content(): Content {
      const blocks = new Schema({ blocks: [new Schema({ _id: false }, { discriminatorKey: 'kind' })] });
      return {
        blocks: blocks as unknown as Schema,
        list: blocks.path('blocks') as unknown as Content['list'],
      };
    }

    async function expectFollowed(schema: Schema): Promise<void> {
      const Page = modelOf('Page', schema);
      await Page.create({
        blocks: [
          { kind: 'Picture', url: 'a.png' },
          { kind: 'Picture', url: 'b.png' },
        ],
      });
      await Page.create({ blocks: [{ kind: 'Picture', url: '/uploads/b.png' }] });
      const page = await Page.findOne({ 'blocks.url': 'a.png' });
      await page.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['kept b.png (still used)', 'removed a.png']);
    }

    it('below an embedded discriminator', async () => {
      const { blocks, list } = content();
      list.discriminator('Picture', new Schema({ url: image }, { _id: false }));
      list.discriminator('Text', new Schema({ text: String }, { _id: false }));
      await expectFollowed(plugged(blocks, { fields: ['blocks.url'] }));
    });

    it('below an embedded discriminator of a single child', async () => {
      const hero = new Schema({ _id: false }, { discriminatorKey: 'kind' });
      const schema = new Schema({ hero });
      (schema.path('hero') as unknown as Content['list']).discriminator(
        'Picture',
        new Schema({ url: image }, { _id: false }),
      );
      const Page = modelOf('Page', plugged(schema as unknown as Schema, { fields: ['hero.url'] }));
      await Page.create({ hero: { kind: 'Picture', url: 'a.png' } });
      await Page.updateOne({}, { $unset: { hero: 1 } });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('marks alone in embedded discriminators that are declared after the plugin', async () => {
      const { blocks, list } = content();
      plugged(blocks);
      list.discriminator('Picture', new Schema({ url: withMark }, { _id: false }));
      await expectFollowed(blocks);
    });

    for (const path of ['image', 'replies.image', 'replies.replies.image']) {
      it(`of a schema that contains itself: ${path}`, async () => {
        const comment = new Schema({ image, text: String });
        comment.add({ replies: [comment] });
        const Comment = modelOf('Comment', plugged(comment as unknown as Schema, { fields: [path] }));
        const document = path
          .split('.')
          .slice(0, -1)
          .reduce<object>((inner) => ({ replies: [inner] }), { image: 'a.png' });
        await Comment.create(document);
        await Comment.deleteOne({});
        expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      });
    }

    // more discriminators may be declared until the model is compiled
    it('one that no child has is refused by the model, with the nested paths that there are', () => {
      const { blocks, list } = content();
      list.discriminator('Picture', new Schema({ url: image }, { _id: false }));
      const schema = plugged(blocks, { fields: ['blocks.picture'] });
      expect(() => modelOf('Article', schema)).to.throw(TypeError, /blocks\.url/);
    });

    const { Union } = Schema.Types as unknown as { Union?: unknown };
    describeIf(Union !== undefined)('of a Union', () => {
      const union = (url: object): Schema =>
        new Schema({ hero: { type: 'Union', of: [String, new Schema({ _id: false, url })] } } as never);

      for (const [title, schemaOf] of [
        ['by name', () => plugged(union(image), { fields: ['hero.url'] })],
        ['by mark', () => plugged(union(withMark))],
      ] as const) {
        it(`${title}, below a child of it`, async () => {
          const Page = modelOf('Page', schemaOf());
          await Page.create([{ hero: { url: 'a.png' } }, { hero: 'just a title' }]);
          await Page.deleteMany({});
          expect(await s.uploads.has('a.png')).to.equal(false);
        });
      }

      it('itself, be it a string or an object', async () => {
        const Page = modelOf('Page', plugged(union(image), { fields: ['hero'] }));
        await Page.create([{ hero: { url: 'a.png' } }, { hero: 'b.png' }]);
        await Page.deleteMany({});
        expect(await s.uploads.names()).to.deep.equal(['c.png', 'd.png']);
      });
    });
  });
});
