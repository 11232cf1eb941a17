import { expect } from 'chai';
import { Schema, type SchemaDefinition } from 'mongoose';
import type { ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { itIf, savesEmptyNestedPaths } from '../support/versions.js';

interface Shape {
  readonly definition: SchemaDefinition;
  readonly fields?: string[];
  readonly before: object;
  readonly after: object;
  readonly gone: string[];
  /** Can a save write it? Default: true. */
  readonly isSavePossible?: boolean;
}

const inner = new Schema({ file: { type: String, imageCleanup: true }, note: String }, { _id: false });

/** Each shape of field: what is stored before and after, and the files that leave. */
const shapes: Record<string, Shape> = {
  'a string': {
    definition: { image: String },
    fields: ['image'],
    before: { image: 'a' },
    after: { image: 'b' },
    gone: ['a'],
  },
  'an array of strings': {
    definition: { gallery: [String] },
    fields: ['gallery'],
    before: { gallery: ['a', 'b'] },
    after: { gallery: ['b', 'c'] },
    gone: ['a'],
  },
  'an array of arrays': {
    definition: { rows: [[String]] },
    fields: ['rows'],
    before: { rows: [['a', 'b'], ['c']] },
    after: { rows: [['b'], []] },
    gone: ['a', 'c'],
  },
  'a nested path': {
    definition: { profile: { avatar: String } },
    fields: ['profile.avatar'],
    before: { profile: { avatar: 'a' } },
    after: { profile: { avatar: 'b' } },
    gone: ['a'],
  },
  'sub-documents in an array': {
    definition: { photos: [{ url: String }] },
    fields: ['photos.url'],
    before: { photos: [{ url: 'a' }, { url: 'b' }] },
    after: { photos: [{ url: 'b' }] },
    gone: ['a'],
  },
  'sub-documents in an array, named with `$`': {
    definition: { photos: [{ url: String }] },
    fields: ['photos.$.url'],
    before: { photos: [{ url: 'a' }] },
    after: { photos: [] },
    gone: ['a'],
  },
  'arrays in sub-documents in arrays': {
    definition: { rooms: [{ walls: [{ pictures: [String] }] }] },
    fields: ['rooms.walls.pictures'],
    before: { rooms: [{ walls: [{ pictures: ['a', 'b'] }, { pictures: ['c'] }] }] },
    after: { rooms: [{ walls: [{ pictures: ['c'] }] }] },
    gone: ['a', 'b'],
  },
  'a single sub-document': {
    definition: { cover: inner },
    fields: ['cover.file'],
    before: { cover: { file: 'a' } },
    after: { cover: null },
    gone: ['a'],
  },
  'a Map': {
    definition: { thumbs: { type: Map, of: String } },
    fields: ['thumbs'],
    before: { thumbs: { s: 'a', m: 'b' } },
    after: { thumbs: { m: 'b', l: 'c' } },
    gone: ['a'],
  },
  'a Map, named with `$*`': {
    definition: { thumbs: { type: Map, of: String } },
    fields: ['thumbs.$*'],
    before: { thumbs: { s: 'a' } },
    after: { thumbs: {} },
    gone: ['a'],
  },
  'a Map of arrays': {
    definition: { sets: { type: Map, of: [String] } },
    fields: ['sets'],
    before: { sets: { s: ['a', 'b'] } },
    after: { sets: { s: ['b'] } },
    gone: ['a'],
  },
  'a Map of sub-documents': {
    definition: { sizes: { type: Map, of: inner } },
    fields: ['sizes.$*.file'],
    before: { sizes: { s: { file: 'a' }, m: { file: 'b' } } },
    after: { sizes: { m: { file: 'b' } } },
    gone: ['a'],
  },
  Mixed: { definition: { any: {} }, fields: ['any'], before: { any: 'a' }, after: { any: 7 }, gone: ['a'] },
  'a path inside Mixed': {
    definition: { any: {} },
    fields: ['any.deep.file'],
    before: { any: { deep: { file: 'a' } } },
    after: { any: { deep: [{ file: 'b' }] } },
    gone: ['a'],
  },
  'an array of Mixed': {
    definition: { any: [{}] },
    fields: ['any'],
    before: { any: ['a', 'b'] },
    after: { any: ['b'] },
    gone: ['a'],
  },
  'an object': {
    definition: { image: { public_id: String, width: Number } },
    fields: ['image'],
    before: { image: { public_id: 'a', width: 4 } },
    after: { image: { public_id: 'b', width: 4 } },
    gone: ['a'],
  },
  'an array of objects': {
    definition: { images: [{ _id: false, public_id: String }] },
    fields: ['images'],
    before: { images: [{ public_id: 'a' }, { public_id: 'b' }] },
    after: { images: [{ public_id: 'b' }] },
    gone: ['a'],
  },
  'a Map of objects': {
    definition: { images: { type: Map, of: {} } },
    fields: ['images'],
    before: { images: { x: { public_id: 'a' }, y: { public_id: 'b' } } },
    after: { images: { y: { public_id: 'b' } } },
    gone: ['a'],
  },
  'an object in Mixed': {
    definition: { image: {} },
    fields: ['image'],
    before: { image: { public_id: 'a', etag: 1 } },
    after: { image: 'c' },
    gone: ['a'],
  },
  'a field beside one below it': {
    definition: { any: {} },
    fields: ['any', 'any.file'],
    before: { any: { file: 'a' } },
    after: { any: 'b' },
    gone: ['a'],
  },
  'a mark': {
    definition: { image: { type: String, imageCleanup: true }, other: String },
    before: { image: 'a', other: 'c' },
    after: { image: 'b', other: 'b' },
    gone: ['a'],
  },
  'a mark on an array': {
    definition: { gallery: { type: [String], imageCleanup: true } },
    before: { gallery: ['a', 'b'] },
    after: { gallery: ['b'] },
    gone: ['a'],
  },
  'a mark on the elements of an array': {
    definition: { gallery: [{ type: String, imageCleanup: true }] },
    before: { gallery: ['a', 'b'] },
    after: { gallery: ['b'] },
    gone: ['a'],
  },
  'a mark in a child schema': {
    definition: { cover: inner },
    before: { cover: { file: 'a' } },
    after: { cover: { file: 'b' } },
    gone: ['a'],
  },
  'a mark in a child schema in an array': {
    definition: { photos: [inner] },
    before: { photos: [{ file: 'a' }, { file: 'b' }] },
    after: { photos: [{ file: 'b' }] },
    gone: ['a'],
  },
  'a mark in a child schema in a Map': {
    definition: { sizes: { type: Map, of: inner } },
    before: { sizes: { s: { file: 'a' }, m: { file: 'b' } } },
    after: { sizes: { m: { file: 'b' } } },
    gone: ['a'],
  },
  'a mark on a Map': {
    definition: { thumbs: { type: Map, of: String, imageCleanup: true } },
    before: { thumbs: { s: 'a', m: 'b' } },
    after: { thumbs: { m: 'b' } },
    gone: ['a'],
  },
  'a mark on an array of Maps': {
    definition: { thumbs: { type: [{ type: Map, of: String }], imageCleanup: true } },
    before: { thumbs: [{ small: 'a', large: 'b' }] },
    after: { thumbs: [{ large: 'b' }] },
    gone: ['a'],
  },
  'a mark on a Map of arrays': {
    definition: { sets: { type: Map, of: [String], imageCleanup: true } },
    before: { sets: { small: ['a', 'b'] } },
    after: { sets: { small: ['b'] } },
    gone: ['a'],
  },
  'a mark on the values of a Map': {
    definition: { thumbs: { type: Map, of: { type: String, imageCleanup: true } } },
    before: { thumbs: { s: 'a', m: 'b' } },
    after: { thumbs: { m: 'b' } },
    gone: ['a'],
  },
  'a mark on a nested path': {
    definition: { profile: { avatar: { type: String, imageCleanup: true } } },
    before: { profile: { avatar: 'a' } },
    after: { profile: {} },
    gone: ['a'],
    isSavePossible: savesEmptyNestedPaths,
  },
  'a mark on Mixed': {
    definition: { any: { type: Schema.Types.Mixed, imageCleanup: true } },
    before: { any: ['a', { public_id: 'b' }] },
    after: { any: ['a'] },
    gone: ['b'],
  },
};

describe('field shapes', () => {
  let s: TestApp;
  let store: ReturnType<typeof recordingProvider>;
  beforeEach(async () => {
    s = await testApp();
    store = recordingProvider('a', 'b', 'c');
  });
  afterEach(closeTestApps);

  function model({ definition, fields }: Shape): ReturnType<TestApp['model']> {
    return s.model('Shaped', definition, { fields, provider: store } as ImageCleanupOptions);
  }

  for (const [name, shape] of Object.entries(shapes)) {
    describe(name, () => {
      itIf(shape.isSavePossible ?? true)('save', async () => {
        const Shaped = model(shape);
        const one = await Shaped.create(shape.before);
        for (const [path, value] of Object.entries(shape.after)) one.set(path, value);
        for (const path of Object.keys(shape.after)) one.markModified(path);
        await one.save();
        expect(store.gone()).to.deep.equal(shape.gone);
      });

      it('updateMany', async () => {
        const Shaped = model(shape);
        await Shaped.create(shape.before);
        await Shaped.updateMany({}, { $set: shape.after });
        expect(store.gone()).to.deep.equal(shape.gone);
      });

      it('deleteMany, with another document that holds the rest', async () => {
        const Shaped = model(shape);
        const [first] = await Shaped.create([shape.before, shape.after]);
        await Shaped.deleteMany({ _id: first._id });
        expect(store.gone()).to.deep.equal(shape.gone);
      });
    });
  }

  it('null and empty strings are no images: the provider is never asked', async () => {
    const Shaped = s.model(
      'Shaped',
      { image: {}, gallery: [{}] },
      { fields: ['image', 'gallery'], provider: store },
    );
    await Shaped.collection.insertMany([
      { image: null },
      { image: '' },
      { gallery: [null, ''] },
      { gallery: null },
    ]);
    await Shaped.deleteMany();
    expect(store.identified).to.deep.equal([]);
    expect(s.events).to.deep.equal([]);
  });

  it('values that no image can be are left alone with an event', async () => {
    const Shaped = s.model('Shaped', { image: {} }, { provider: store });
    await Shaped.collection.insertMany([
      { image: 7 },
      { image: true },
      { image: new Date(0) },
      { image: { a: {} } },
    ]);
    await Shaped.deleteMany();
    expect((await s.outcomes()).map((one) => one.replace(/ .* /, ' '))).to.deep.equal(
      Array(4).fill('kept ours)'),
    );
    expect(store.gone()).to.deep.equal([]);
  });

  it('a schema that contains itself is followed only so far', async () => {
    const comment = new Schema({ image: { type: String, imageCleanup: true } });
    comment.add({ replies: [comment] });
    const Comment = s.model('Comment', { first: comment }, { fields: undefined as never, provider: store });
    const one = await Comment.create({
      first: { image: 'a', replies: [{ image: 'b', replies: [{ image: 'c' }] }] },
    });
    await one.deleteOne();
    expect(store.gone()).to.deep.equal(['a', 'b', 'c']);
  });
});
