import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { defaultsOf, trackedOf } from '../../lib/schema/model-fields.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { describeIf, mongooseMajor } from '../support/versions.js';

const mark = { type: String, imageCleanup: true } as const;

/** Named fields and marks find the same, since there is one walk. */
const ways: { name: string; image: object; fields?: (path: string) => string[] }[] = [
  { name: 'named', image: { type: String }, fields: (path) => [path] },
  { name: 'marked', image: mark },
];

interface EmbeddedPath {
  discriminator(name: string, schema: Schema): void;
}

describe('one walk for named fields and for marks', () => {
  let s: TestApp;
  let store: ReturnType<typeof recordingProvider>;
  beforeEach(async () => {
    s = await testApp();
    store = recordingProvider('a', 'b', 'c');
  });
  afterEach(closeTestApps);

  const options = (more: ImageCleanupOptions = {}): ImageCleanupOptions => ({
    ...s.options,
    provider: store,
    ...more,
  });
  const compile = (schema: Schema): AnyDocumentModel =>
    s.connection.model('Page', schema) as unknown as AnyDocumentModel;
  const pathsOf = (model: AnyDocumentModel): string[] =>
    trackedOf(model as AnyModel).map(({ field }) => field.path);

  for (const { name, image, fields } of ways) {
    describe(name, () => {
      const plug = (schema: Schema, path: string): Schema =>
        schema.plugin(imageCleanup, options(fields ? { fields: fields(path) } : {}));

      const block = (): Schema => new Schema({ text: String }, { discriminatorKey: 'kind', _id: false });
      const picture = (): Schema => new Schema({ url: image }, { _id: false });
      const declare = (schema: Schema, path: string): void => {
        (schema.path(path) as unknown as EmbeddedPath).discriminator('Picture', picture());
      };

      for (const [where, definition, value] of [
        ['an array of sub-documents', () => [block()], { blocks: [{ kind: 'Picture', url: 'a' }] }],
        ['a single sub-document', block, { blocks: { kind: 'Picture', url: 'a' } }],
      ] as const) {
        for (const order of ['before', 'after'] as const) {
          it(`below an embedded discriminator of ${where}, declared ${order} the plugin`, async () => {
            const schema = new Schema({ blocks: definition() });
            if (order === 'before') declare(schema, 'blocks');
            plug(schema, 'blocks.url');
            if (order === 'after') declare(schema, 'blocks');
            const Page = compile(schema);
            const page = await Page.create(value);
            expect(pathsOf(Page)).to.deep.equal(['blocks.url']);
            await page.deleteOne();
            expect(store.gone()).to.deep.equal(['a']);
          });
        }
      }

      for (const order of ['before', 'after'] as const) {
        it(`below a discriminator that the child schema declares, ${order} the plugin`, async () => {
          const inner = block();
          const schema = new Schema({ blocks: [inner] });
          const own = (schema.path('blocks') as unknown as { schema: Schema }).schema;
          const declareLater = own as unknown as EmbeddedPath;
          if (order === 'before') declareLater.discriminator('Picture', picture());
          plug(schema, 'blocks.url');
          if (order === 'after') declareLater.discriminator('Picture', picture());
          const page = await compile(schema).create({ blocks: [{ kind: 'Picture', url: 'a' }] });
          await page.deleteOne();
          expect(store.gone()).to.deep.equal(['a']);
        });
      }

      it('below a schema that contains itself', async () => {
        const comment = new Schema({ image });
        comment.add({ replies: [comment] });
        const schema = plug(new Schema({ first: comment }), 'first.replies.replies.image');
        const page = await compile(schema).create({
          first: { replies: [{ replies: [{ image: 'c' }] }] },
        });
        await page.deleteOne();
        expect(store.gone()).to.deep.equal(['c']);
      });

      it('in arrays in arrays of sub-documents in a Map', async () => {
        const schema = plug(
          new Schema({ rooms: { type: Map, of: new Schema({ rows: [[{ url: image }]] }) } }),
          'rooms.$*.rows.url',
        );
        const Page = compile(schema);
        expect(pathsOf(Page)).to.deep.equal(['rooms.$*.rows.url']);
        expect(trackedOf(Page as AnyModel)[0]?.field.mayNest).to.equal(true);
        const page = await Page.create({ rooms: { x: { rows: [[{ url: 'a' }], [{ url: 'b' }]] } } });
        await page.deleteOne();
        expect(store.gone()).to.deep.equal(['a', 'b']);
      });

      it('in a Map of Maps', async () => {
        const schema = plug(
          new Schema({ sizes: { type: Map, of: { type: Map, of: image } } as never }),
          'sizes',
        );
        const Page = compile(schema);
        expect(pathsOf(Page)).to.deep.equal(['sizes.$*.$*']);
        const page = await Page.create({ sizes: { x: { y: 'a', z: 'b' } } });
        await page.deleteOne();
        expect(store.gone()).to.deep.equal(['a', 'b']);
      });

      describeIf('Union' in Schema.Types)('of a Union', () => {
        const union = (...of: unknown[]): Schema =>
          new Schema({ cover: { type: 'Union', of } as never, name: String });

        it('a path below one of its schemas', async () => {
          const inner = new Schema({ url: image }, { _id: false });
          const Page = compile(plug(union(Number, inner), 'cover.url'));
          expect(pathsOf(Page)).to.deep.equal(['cover.url']);
          const page = await Page.create({ cover: { url: 'a' } });
          await page.deleteOne();
          expect(store.gone()).to.deep.equal(['a']);
        });

        it('the Union itself, where one of its types is a string', async () => {
          const inner = new Schema({ public_id: String }, { _id: false });
          const Page = compile(plug(union(image, inner), 'cover'));
          expect(trackedOf(Page as AnyModel).map(({ field }) => field)).to.deep.equal([
            {
              path: 'cover',
              segments: ['cover'],
              mayHoldObjects: true,
              mayNest: false,
              leaves: ['public_id'],
            },
          ]);
          await Page.create([{ cover: { public_id: 'a' } }, { cover: 'b' }]);
          await Page.deleteMany({});
          expect(store.gone()).to.deep.equal(['a', 'b']);
        });

        it('arrays in arrays in it', () => {
          const Page = compile(plug(union([[image]], image), 'cover'));
          expect(trackedOf(Page as AnyModel)[0]?.field.mayNest).to.equal(true);
        });
      });
    });
  }

  describe('what is nowhere', () => {
    const later = (): Schema =>
      new Schema({ blocks: [new Schema({ text: String }, { discriminatorKey: 'kind' })] });

    it('no marks: thrown at once where no sub-documents are, else when the model is compiled, with its name', () => {
      expect(() => new Schema({ image: String }).plugin(imageCleanup, options())).to.throw(
        TypeError,
        'nothing to track',
      );
      const schema = later().plugin(imageCleanup, options());
      expect(() => s.connection.model('Page', schema)).to.throw(TypeError, /"Page".*nothing to track/);
      expect(s.connection.models).to.deep.equal({});
    });

    it('a named field that no discriminator brought: thrown when the model is compiled', () => {
      const schema = later().plugin(imageCleanup, options({ fields: ['blocks.url'] }));
      expect(() => s.connection.model('Page', schema)).to.throw(
        TypeError,
        /blocks\.url.*blocks\.text.*"Page"/,
      );
    });

    it('a named field where no discriminator can be expected: thrown at once, with the paths that there are', () => {
      const schema = new Schema({ photos: [{ url: String, size: { large: String } }], name: String });
      expect(() => schema.plugin(imageCleanup, { fields: ['photos.ulr'] })).to.throw(
        TypeError,
        'unknown field "photos.ulr"; the schema has: photos.url, photos.size.large, name.',
      );
    });

    it('a schema that is cloned is checked by its own name', () => {
      const schema = later().plugin(imageCleanup, options());
      expect(() => s.connection.model('Copy', schema.clone())).to.throw(TypeError, '"Copy"');
    });
  });

  it('discriminators of a model that come later or are replaced are seen', () => {
    const Base = compile(new Schema({ image: String }).plugin(imageCleanup, options({ fields: ['image'] })));
    const child = (path: string): Schema =>
      new Schema({ [path]: String }).plugin(imageCleanup, options({ fields: [path] }));
    expect(pathsOf(Base)).to.deep.equal(['image']);
    Base.discriminator('Child', child('poster'));
    expect(pathsOf(Base)).to.deep.equal(['image', 'poster']);
    // Mongoose 7 replaces none
    if (mongooseMajor === 7) return;
    Base.discriminator('Child', child('photo'), { overwriteModels: true } as never);
    expect(pathsOf(Base)).to.deep.equal(['image', 'photo']);
  });

  it('literal defaults in arrays of sub-documents protect, too', async () => {
    const schema = new Schema({ photos: [{ url: { type: String, default: 'a' } }], name: String });
    const Page = compile(schema.plugin(imageCleanup, options({ fields: ['photos.url'] })));
    expect(defaultsOf(Page as AnyModel).map(({ value }) => value)).to.deep.equal(['a']);
    const page = await Page.create({ photos: [{}, { url: 'b' }] });
    await page.deleteOne();
    expect(store.gone()).to.deep.equal(['b']);
  });
});
