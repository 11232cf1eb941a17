import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, localProvider } from '../../lib/index.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { fieldsToAsk, trackedOf } from '../../lib/schema/model-fields.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';

describe('fields with a provider of their own', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it('bare names in two folders of one schema: each field has its folder', async () => {
    await s.uploads.put('covers/1.png', 'questions/1.png', 'questions/2.png', '1.png');
    const at = (folder: string) => localProvider({ root: `${s.uploads.root}/${folder}` });
    const Quiz = s.model(
      'Quiz',
      { cover: String, questions: [{ image: String }], image: String },
      {
        fields: [
          { path: 'cover', provider: at('covers') },
          { path: 'questions.image', provider: at('questions') },
          'image',
        ],
      },
    );
    const quiz = await Quiz.create({ cover: '1.png', questions: [{ image: '2.png' }], image: 'other.png' });
    await Quiz.updateOne({ _id: quiz._id }, { $unset: { cover: 1 } });
    expect(await s.uploads.names()).to.deep.equal(['1.png', 'questions/1.png', 'questions/2.png']);
    await quiz.deleteOne();
    expect(await s.uploads.names()).to.deep.equal(['1.png', 'questions/1.png']);
  });

  it('tells for each field where its images live, and the rules of the calls that name it', () => {
    const [covers, images] = [recordingProvider(), recordingProvider()];
    const keep = [/default/];
    const Album = s.model(
      'Album',
      { cover: String, image: String },
      { fields: [{ path: 'cover', provider: [covers] }, { path: 'image' }], provider: images, keep },
    ) as AnyModel;
    const told = trackedOf(Album).map(({ field, providers, keep: rules }) => [field.path, providers, rules]);
    expect(told).to.deep.equal([
      ['cover', [covers], keep],
      ['image', [images], keep],
    ]);
    expect(fieldsToAsk(Album).map(({ field, providers }) => [field.path, providers])).to.deep.equal([
      ['cover', [covers]],
      ['image', [images]],
    ]);
  });

  it('a model with marks and without the plugin has no providers of its own', () => {
    const schema = new Schema({ image: { type: String, imageCleanup: true } });
    const Page = s.connection.model('Page', schema) as unknown as AnyModel;
    expect(fieldsToAsk(Page).map(({ field, providers }) => [field.path, providers])).to.deep.equal([
      ['image', undefined],
    ]);
  });

  const wrong: [fields: unknown[], ...named: string[]][] = [
    [
      [{ path: 'image', providers: [] }],
      'unknown key of an entry of "fields" "providers"',
      'write "provider"',
    ],
    [[{ path: '' }], 'fields', 'give the entry a path'],
    [[{ provider: recordingProvider() }], 'fields', 'give the entry a path'],
    [[{ path: 'image', provider: 'local' }], 'fields: "image".provider', "'local'", 'localProvider()'],
    [[{ path: 'image', provider: [] }], 'fields: "image".provider', 'an empty array'],
    [[{ path: 'image', provider: null }], 'fields: "image".provider', 'null'],
    [[['image']], 'fields'],
    [
      [
        { path: 'image', provider: recordingProvider() },
        { path: 'image', provider: recordingProvider() },
      ],
      '"image" twice',
      'array of providers',
    ],
  ];
  for (const [fields, ...named] of wrong) {
    it(`${JSON.stringify(fields)} throws a TypeError that says ${named.join(', ')}`, () => {
      const schema = new Schema({ image: String });
      const act = () => schema.plugin(imageCleanup, { fields } as never);
      for (const text of named) expect(act).to.throw(TypeError, text);
    });
  }

  describe('the strings below a field', () => {
    const upload = new Schema({ url: String, sizes: [String], meta: { alt: String, width: Number } });
    const tree = new Schema({ url: String });
    tree.add({ children: [tree] });
    const definition = {
      image: String,
      gallery: [String],
      id: Schema.Types.ObjectId,
      uploads: [upload],
      upload,
      nested: { key: String, deep: { text: [String] }, count: Number },
      loose: new Schema({ url: String }, { strict: false }),
      looseBelow: new Schema({ url: String, inner: [new Schema({ url: String }, { strict: false })] }),
      mixed: {},
      mixedBelow: new Schema({ url: String, any: {} }),
      map: { type: Map, of: String },
      mapOfMixed: { type: Map, of: {} },
      mapBelow: new Schema({ url: String, names: { type: Map, of: String } }),
      tree: [tree],
      maps: { type: Map, of: upload },
    };
    const below = ['url', 'sizes', 'meta.alt'];
    const leaves: Record<string, string[] | undefined> = {
      image: [],
      gallery: [],
      id: [],
      uploads: below,
      upload: below,
      nested: ['key', 'deep.text'],
      loose: undefined,
      looseBelow: undefined,
      mixed: undefined,
      'mixed.url': undefined,
      mixedBelow: undefined,
      map: [],
      mapOfMixed: undefined,
      mapBelow: undefined,
      tree: undefined,
      maps: below,
    };

    for (const [path, expected] of Object.entries(leaves)) {
      it(`${path}: ${expected ? expected.join(', ') || 'none' : 'anything'}`, () => {
        const Album = s.model('Album', definition, {
          fields: [path],
          provider: recordingProvider(),
        }) as AnyModel;
        const [tracked] = trackedOf(Album);
        expect(tracked?.field.leaves).to.deep.equal(expected);
      });
    }

    it('a field that a schema without strict does not declare: anything', () => {
      const Album = s.model('Album', { name: String }, {}, { strict: false }) as AnyModel;
      expect(trackedOf(Album)[0]?.field.leaves).to.equal(undefined);
    });
  });
});
