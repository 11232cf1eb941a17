import { expect } from 'chai';
import { Schema, type SchemaDefinition } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { trackedOf } from '../../lib/schema/model-fields.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';

describe('the plugin on the schema of sub-documents', () => {
  let s: TestApp;
  let store: ReturnType<typeof recordingProvider>;
  beforeEach(async () => {
    s = await testApp();
    store = recordingProvider('a', 'b', 'c', 'd');
  });
  afterEach(closeTestApps);

  const options = (more: ImageCleanupOptions = {}): ImageCleanupOptions => ({
    ...s.options,
    provider: store,
    ...more,
  });
  const compile = (schema: Schema, name = 'Album'): AnyDocumentModel =>
    s.connection.model(name, schema) as unknown as AnyDocumentModel;
  const photo = (more: ImageCleanupOptions = {}): Schema =>
    new Schema({ url: String, note: String }, { _id: false }).plugin(
      imageCleanup,
      options({ fields: ['url'], ...more }),
    );
  const marked = (): Schema => new Schema({ url: { type: String, imageCleanup: true } }, { _id: false });
  const tracked = (model: AnyDocumentModel): unknown[] =>
    trackedOf(model as AnyModel).map(({ field, providers, keep }) => [field.path, providers, keep]);

  describe('counts for a parent that has the plugin', () => {
    for (const [name, definition, value, path] of [
      ['in an array', [photo], { photos: [{ url: 'a' }] }, 'photos.url'],
      ['alone', photo, { photos: { url: 'a' } }, 'photos.url'],
      ['in a Map', { type: Map, of: photo }, { photos: { x: { url: 'a' } } }, 'photos.$*.url'],
    ] as const) {
      it(`${name}: as if its fields were named there`, async () => {
        const make = (one: unknown): unknown => (typeof one === 'function' && one !== Map ? one() : one);
        const photos = Array.isArray(definition)
          ? definition.map(make)
          : typeof definition === 'function'
            ? make(definition)
            : { type: Map, of: photo() };
        const schema = new Schema({ image: String, photos } as SchemaDefinition);
        const Album = compile(schema.plugin(imageCleanup, options({ fields: ['image'] })));
        expect(trackedOf(Album as AnyModel).map(({ field }) => field.path)).to.deep.equal(['image', path]);
        const album = await Album.create(value);
        album.photos = undefined;
        await album.save();
        expect(store.gone()).to.deep.equal(['a']);
        expect(s.log.filter((line) => line.includes('sub-documents'))).to.deep.equal([]);
      });
    }

    it('also a call without fields, for the marks of the child and deeper ones', async () => {
      const outer = new Schema({ inner: [marked()] }, { _id: false }).plugin(imageCleanup, options());
      const schema = new Schema({ image: String, outer }).plugin(
        imageCleanup,
        options({ fields: ['image'] }),
      );
      const album = await compile(schema).create({ outer: { inner: [{ url: 'a' }, { url: 'b' }] } });
      await album.deleteOne();
      expect(store.gone()).to.deep.equal(['a', 'b']);
    });

    it('a call on the parent without fields and marks is no error: it means those of the child', async () => {
      const Album = compile(new Schema({ photos: [photo()] }).plugin(imageCleanup, options()));
      const album = await Album.create({ photos: [{ url: 'a' }] });
      await album.deleteOne();
      expect(store.gone()).to.deep.equal(['a']);
    });

    it('on a discriminator of sub-documents', async () => {
      const block = new Schema({ text: String }, { discriminatorKey: 'kind', _id: false });
      const schema = new Schema({ blocks: [block] });
      const blocks = schema.path('blocks') as unknown as { discriminator(name: string, one: Schema): void };
      blocks.discriminator('Photo', photo());
      const Page = compile(schema.plugin(imageCleanup, options()), 'Page');
      const page = await Page.create({ blocks: [{ kind: 'Photo', url: 'a' }] });
      await page.deleteOne();
      expect(store.gone()).to.deep.equal(['a']);
    });

    it("the child's provider is its own if its call names one, else the parent's; the keep rules of both count", () => {
      const own = recordingProvider();
      const schema = new Schema({
        image: String,
        first: photo({ provider: own, keep: /first/ }),
        second: photo({ provider: undefined as never, keep: /second/ }),
      });
      const Album = compile(schema.plugin(imageCleanup, options({ fields: ['image'], keep: /album/ })));
      expect(tracked(Album)).to.deep.equal([
        ['image', [store], [/album/]],
        ['first.url', [own], [/first/, /album/]],
        ['second.url', [store], [/second/, /album/]],
      ]);
    });

    it('a field that the parent names too has the provider that the parent gives, and the keep rules of both', () => {
      const [own, fields] = [recordingProvider(), ['photo.url', 'named.url']];
      const schema = new Schema({
        photo: photo({ provider: own, keep: /x/ }),
        named: photo({ provider: own }),
      });
      const given = [{ path: 'photo.url', provider: store }, 'named.url'];
      const Album = compile(
        schema.plugin(imageCleanup, options({ fields: given, provider: undefined as never, keep: /y/ })),
      );
      expect(tracked(Album)).to.deep.equal([
        [fields[0], [store], [/y/, /x/]],
        [fields[1], [own], [/y/]],
      ]);
    });
  });

  describe('where no parent has it', () => {
    const warnings = (): string[] => s.log.filter((line) => line.includes('sub-documents'));

    it('the first save tells once which parent needs it, and the line to write', async () => {
      const Album = compile(new Schema({ photos: [photo()], cover: photo() }), 'PhotoAlbum');
      const album = await Album.create({ photos: [{ url: 'a' }, { url: 'b' }] });
      album.photos[0].url = 'c';
      await album.save();
      await Album.create({ photos: [{ url: 'b' }] });
      expect(warnings()).to.have.length(1);
      expect(warnings()[0]).to.contain('apply it to the schema of "PhotoAlbum"');
      expect(warnings()[0]).to.contain(
        "photoAlbumSchema.plugin(imageCleanup, { fields: ['photos.url', 'cover.url'] })",
      );
      expect(store.gone()).to.deep.equal([]);
    });

    it('each parent is told of', async () => {
      const child = photo();
      await compile(new Schema({ photos: [child] }), 'One').create({ photos: [{ url: 'a' }] });
      await compile(new Schema({ photos: [child] }), 'Two').create({ photos: [{ url: 'a' }] });
      expect(warnings().map((line) => /schema of "(\w+)"/.exec(line)?.[1])).to.deep.equal(['One', 'Two']);
    });

    it('a document of its own is none', async () => {
      const own = new Schema({ url: String }).plugin(imageCleanup, options({ fields: ['url'] }));
      await compile(own, 'Photo').create({ url: 'a' });
      expect(s.log).to.deep.equal([]);
    });

    it('a logger that throws does not reach the save', async () => {
      const fail = (): never => {
        throw new Error('no log');
      };
      const child = photo({ logger: { warn: fail, error: fail } });
      const album = await compile(new Schema({ photos: [child] })).create({ photos: [{ url: 'a' }] });
      expect(album.photos).to.have.length(1);
    });

    it('the hooks of the app run in their order', async () => {
      const order: string[] = [];
      const child = new Schema({ url: String });
      const note = (name: string) => () => {
        order.push(name);
        return Promise.resolve();
      };
      child.pre('save', note('first') as never);
      child.plugin(imageCleanup, options({ fields: ['url'] }));
      child.pre('save', note('second') as never);
      await compile(new Schema({ photo: child })).create({ photo: { url: 'a' } });
      expect(order).to.deep.equal(['first', 'second']);
    });
  });
});
