import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { checkMarks } from '../../lib/schema/marked-fields.js';
import { trackedOf } from '../../lib/schema/model-fields.js';
import { readText } from '../../lib/schema/text-option.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { recordingProvider } from '../support/recording-provider.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { untyped } from '../support/usage.js';

const definition = {
  cover: String,
  body: String,
  n: Number,
  doc: {},
  blocks: [{ html: String }],
  images: [String],
  parts: { lead: String },
};
const fresh = (): Schema => new Schema(definition);

describe('the option "in" of a field', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  for (const [entry, named] of [
    [
      { path: 'body', in: 'HTML' },
      `"fields: "body".in" is 'HTML'; allowed: 'html', 'markdown', 'json' or a function`,
    ],
    [{ path: 'body', in: true }, '"fields: "body".in" is true'],
    [{ path: 'body', in: null }, '"fields: "body".in" is null'],
    [{ path: 'body', in: ['html'] }, '"fields: "body".in"'],
    [{ path: 'body', on: 'html' }, 'unknown key of an entry of "fields" "on"'],
    [{ path: 'body', index: 'images' }, 'is given without "in"'],
    [{ path: 'body', in: 'html', index: '' }, '"fields: "body".index"'],
    [{ path: 'body', in: 'html', index: ['images'] }, '"fields: "body".index"'],
    [{ path: 'body', in: 'html', index: 'imgaes' }, 'unknown field "imgaes"'],
    [{ path: 'bodi', in: 'html' }, 'unknown field "bodi"'],
    [{ path: 'n', in: 'html' }, '"n" (Number) cannot hold an image'],
    [{ path: 'n', in: 'json' }, '"n" (Number) cannot hold an image'],
    [{ path: 'blocks', in: 'html' }, 'name the path that does: "blocks.html"'],
  ] as const) {
    it(`${JSON.stringify(entry)} is refused: ${named}`, () => {
      const schema = fresh();
      expect(() => {
        schema.plugin(imageCleanup, untyped({ fields: [entry] }));
      }).to.throw(TypeError, named);
    });
  }

  for (const entry of [
    { path: 'body', in: 'html' },
    { path: 'blocks.html', in: 'markdown' },
    { path: 'doc', in: 'html' },
    { path: 'doc', in: 'json', index: 'images' },
    { path: 'blocks', in: 'json' },
    { path: 'parts', in: 'json' },
    { path: 'blocks', in: () => [] },
  ]) {
    it(`${JSON.stringify(entry)} is taken`, () => {
      fresh().plugin(imageCleanup, untyped({ fields: ['cover', entry] }));
    });
  }

  it('one path with and without it, in one call or in two, is refused', () => {
    const text = { path: 'body', in: 'html' };
    const markdown = { path: 'body', in: 'markdown' };
    for (const fields of [
      ['body', text],
      [text, 'body'],
      [text, markdown],
      [text, { ...text, index: 'images' }],
    ]) {
      expect(() => {
        fresh().plugin(imageCleanup, untyped({ fields }));
      }, 'one call').to.throw(TypeError, 'names "body" twice');
      expect(() => {
        const schema = fresh();
        for (const field of fields) schema.plugin(imageCleanup, untyped({ fields: [field] }));
      }, 'two calls').to.throw(TypeError, 'name the field "body" with different values of "in"');
    }
    const schema = fresh();
    schema.plugin(imageCleanup, untyped({ fields: [text] }));
    schema.plugin(imageCleanup, untyped({ fields: ['cover', text] }));
  });

  it('marks say the same, and a provider beside it is the one of the text', () => {
    const provider = recordingProvider();
    const Post = s.model(
      'Post',
      definition,
      untyped({ fields: [{ path: 'body', in: 'html', provider, index: 'images' }] }),
    );
    const told = trackedOf(Post as AnyModel).map(({ field, providers }) => [
      field.path,
      field.text?.format,
      providers,
    ]);
    expect(told).to.deep.equal([
      ['body', 'html', [provider]],
      ['images', undefined, [provider]],
    ]);
    const child = new Schema({
      html: { type: String, imageCleanup: { in: 'html', index: 'images' } },
      images: [String],
    });
    const marked = new Schema({
      title: String,
      intro: { type: String, imageCleanup: { in: 'markdown' } },
      blocks: [child],
    });
    marked.plugin(imageCleanup, { ...s.options, provider });
    const Page = s.connection.model('Page', marked) as unknown as AnyModel;
    expect(
      trackedOf(Page).map(({ field }) => [field.path, field.text?.format, field.text?.index]),
    ).to.deep.equal([
      ['intro', 'markdown', undefined],
      ['blocks.html', 'html', 'blocks.images'],
      ['blocks.images', undefined, undefined],
    ]);
  });

  for (const [mark, named] of [
    [{ in: 'HTML' }, `is 'HTML'; allowed: 'html'`],
    [{ on: 'html' }, 'unknown key of the mark of "body"'],
    [{}, 'an object without "in"'],
    [{ in: 'html', index: 'imgaes' }, 'unknown field "imgaes"'],
  ] as const) {
    it(`the mark ${JSON.stringify(mark)} is refused`, () => {
      const schema = new Schema({ body: { type: String, imageCleanup: mark as never } });
      expect(() => {
        schema.plugin(imageCleanup, {});
      }).to.throw(TypeError, named);
    });
  }

  it('a mark on a number is refused', () => {
    expect(() => {
      checkMarks(new Schema({ n: { type: Number, imageCleanup: { in: 'html' } } }));
    }).to.throw(TypeError, 'cannot hold an image');
  });

  it('a parser that is not installed is told when the plugin is applied, with what to install', () => {
    const read = (format: string) => () =>
      readText({ in: format }, { name: 'fields: "body"', path: 'body', tell: () => undefined, places: [] });
    expect(read('html')).to.throw(
      `imageCleanup: the field "body" with in: 'html' needs the package "htmlparser2", not installed here; run \`npm install htmlparser2@12\``,
    );
    expect(read('markdown')).to.throw('npm install marked@18 htmlparser2@12');
    expect(read('json')).not.to.throw();
  });

  it('a text that cannot be read is told once, names the field, and nothing goes', async () => {
    await s.uploads.put('a.png');
    const images = (): string[] => {
      throw new Error('no such block');
    };
    const Post = s.model('Post', { body: String }, { fields: [{ path: 'body', in: images }] });
    await Post.create([{ body: 'a.png' }, { body: 'a.png' }]);
    await Post.deleteMany({});
    expect(await s.outcomes()).to.deep.equal([]);
    expect(s.log).to.deep.equal([
      'mongoose-image-cleanup: a text of the field "body" could not be read, so nothing is removed for it: no such block',
    ]);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
  });
});
