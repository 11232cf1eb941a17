import { expect } from 'chai';
import { Schema, type Model } from 'mongoose';
import { app, comparable, type App } from '../support/two-apps.js';
import type { AnyDocumentModel } from '../support/test-app.js';
import type { AnyDocument } from '../support/scene.js';
import { startSession } from '../support/database.js';

/** A schema with everything of a user's own that the plugin could call, double or reorder. */
function albumOf({ connection, note, seen }: App): AnyDocumentModel {
  const photo = new Schema({
    url: {
      type: String,
      set: note('set photo.url', (v: string) => v),
      get: note('get photo.url', (v: string) => v),
    },
  });
  photo.pre('save', () => void seen.push('pre save photo'));
  photo.post('save', () => void seen.push('post save photo'));
  photo.pre('validate', () => void seen.push('pre validate photo'));
  const schema = new Schema(
    {
      slug: { type: String, unique: true },
      image: {
        type: String,
        alias: 'picture',
        set: note('set image', (value: unknown) => (typeof value === 'string' ? value.trim() : value)),
        get: note('get image', (value: unknown) => value),
        validate: note('validate image', (value: unknown) => value !== 'invalid'),
        transform: note('transform image', (value: unknown) => value),
      },
      title: { type: String, default: note('default title', () => 'untitled') },
      gallery: [{ type: String, set: note('set gallery', (value: string) => value) }],
      photos: [photo],
      any: {},
      thumbs: { type: Map, of: String },
      rank: Number,
    },
    {
      timestamps: true,
      optimisticConcurrency: true,
      toObject: { transform: note('toObject', (_, ret: object) => ret) },
      toJSON: { getters: true, transform: note('toJSON', (_, ret: object) => ret) },
      methods: { toBSON: undefined as never },
    },
  );
  Reflect.deleteProperty(schema.methods, 'toBSON');
  const hooks = [
    'save',
    'validate',
    'updateOne',
    'updateMany',
    'replaceOne',
    'deleteOne',
    'deleteMany',
    'bulkWrite',
  ];
  const queries = [
    'find',
    'findOne',
    'findOneAndUpdate',
    'findOneAndReplace',
    'findOneAndDelete',
    'countDocuments',
  ];
  for (const name of [...hooks, ...queries, 'insertMany', 'init', 'aggregate']) {
    schema.pre(name as 'save', note(`pre ${name}`, () => undefined) as never);
    schema.post(name as 'save', note(`post ${name}`, () => undefined) as never);
  }
  for (const name of ['updateOne', 'deleteOne']) {
    const both = { document: true, query: false };
    schema.pre(name as 'updateOne', both as never, note(`pre document ${name}`, () => undefined) as never);
    schema.post(name as 'updateOne', both as never, note(`post document ${name}`, () => undefined) as never);
  }
  schema.post('save', ((error: Error, _album: unknown, next: (error: Error) => void) => {
    seen.push(`error save ${error.name}`);
    next(error);
  }) as never);
  return connection.model('Album', schema) as unknown as AnyDocumentModel;
}

type Call = (Album: AnyDocumentModel, app: App) => unknown;

const one = async (Album: AnyDocumentModel): Promise<AnyDocument> => Album.findOne({ slug: 'one' });

/** A wide set of calls of Mongoose. */
const calls: Record<string, Call> = {
  create: (Album) => Album.create({ slug: 'new', image: ' x.png ' }),
  'new and save': (Album) => new Album({ slug: 'new', photos: [{ url: 'p' }] }).save(),
  insertMany: (Album) => Album.insertMany([{ slug: 'n1' }, { slug: 'n2', image: 'y' }]),
  'insertMany, rawResult': (Album) => Album.insertMany([{ slug: 'n1' }], { rawResult: true }),
  'insertMany, duplicate': (Album) => Album.insertMany([{ slug: 'one' }]),
  'save of an image': async (Album) => (await one(Album)).set('image', ' new ').save(),
  'save of an alias': async (Album) => (await one(Album)).set('picture', 'new').save(),
  'save of nothing': async (Album) => (await one(Album)).save(),
  'save of a sub-document': async (Album) => (await one(Album)).set('photos.0.url', 'new').save(),
  'save of an array': async (Album) => (await one(Album)).set('gallery', ['z', 'y']).save(),
  'save of a Map': async (Album) => (await one(Album)).set('thumbs.small', 'new').save(),
  'save, invalid': async (Album) => (await one(Album)).set('image', 'invalid').save(),
  'save, duplicate': async (Album) => (await one(Album)).set({ slug: 'two', image: 'new' }).save(),
  'save, stale': async (Album) => {
    const [first, second] = [await one(Album), await one(Album)];
    await first.set('image', 'a').save();
    return second.set('image', 'b').save();
  },
  'save, in parallel': async (Album) => {
    const album = await one(Album);
    album.image = 'new';
    return Promise.all([album.save(), album.save()]);
  },
  'save, gone': async (Album) => {
    const album = await one(Album);
    await Album.collection.deleteMany({});
    return album.set('image', 'new').save();
  },
  'save, pathsToSave': async (Album) =>
    (await one(Album)).set({ image: 'n', rank: 4 }).save({ pathsToSave: ['rank'] }),
  'save, middleware off': async (Album) => (await one(Album)).set('image', 'n').save({ middleware: false }),
  'save, isModified afterwards': async (Album) => {
    const album = (await one(Album)).set('image', 'new');
    await album.save();
    return [album.isModified(), album.isNew, album.$isDeleted(), album.modifiedPaths(), Object.keys(album)];
  },
  'doc.updateOne': async (Album) => (await one(Album)).updateOne({ image: 'new' }),
  'doc.replaceOne': async (Album) => (await one(Album)).replaceOne({ slug: 'one', image: 'new' }),
  'doc.deleteOne': async (Album) => (await one(Album)).deleteOne(),
  'doc.deleteOne, twice': async (Album) => {
    const album = await one(Album);
    const first = await album.deleteOne();
    return [first.$isDeleted(), await album.deleteOne()];
  },
  updateOne: (Album) => Album.updateOne({ slug: 'one' }, { image: ' new ' }),
  'updateOne, nothing': (Album) => Album.updateOne({ slug: 'one' }, {}),
  'updateOne, stripped': (Album) => Album.updateOne({ slug: 'one' }, { unknown: 1 }, { timestamps: false }),
  'updateOne, upsert': (Album) =>
    Album.updateOne({ slug: 'up' }, { image: 'u' }, { upsert: true, setDefaultsOnInsert: true }),
  'updateOne, aliases': (Album) =>
    Album.updateOne({ picture: 'a' }, { picture: 'n' }, { translateAliases: true }),
  'updateOne, a filter with setters': (Album) =>
    Album.updateOne({ image: ' a ' }, { rank: 9 }, { runSettersOnQuery: true } as object),
  'updateOne, validators': (Album) => Album.updateOne({}, { image: 'invalid' }, { runValidators: true }),
  'updateOne, cast error': (Album) => Album.updateOne({ rank: 'x' }, { image: 'n' }),
  'updateOne, strict throw': (Album) => Album.updateOne({}, { nope: 1, image: 'n' }, { strict: 'throw' }),
  'updateOne, bad operator': (Album) => Album.updateOne({}, { $nope: { image: 'n' } }),
  'updateOne, refused by the server': (Album) =>
    Album.updateOne({ slug: 'one' }, { $push: { rank: 1 }, image: 'n' } as never),
  'updateOne, pipeline': (Album) => Album.updateOne({}, [{ $set: { image: 'p' } }], { updatePipeline: true }),
  'updateOne, pipeline not allowed': (Album) => Album.updateOne({}, [{ $set: { image: 'p' } }]),
  'updateOne, orFail': (Album) => Album.updateOne({ slug: 'nobody' }, { image: 'n' }).orFail(),
  'updateOne, executed twice': async (Album) => {
    const query = Album.updateOne({ slug: 'one' }, { image: 'n' });
    await query;
    return query;
  },
  'updateOne, a clone': async (Album) => {
    const query = Album.updateOne({ slug: 'one' }, { image: 'n' }, { timestamps: false });
    return [await query, await query.clone()];
  },
  'updateOne, transform': (Album) =>
    Album.updateOne({ slug: 'one' }, { image: 'n' }).transform((result) => [result]),
  updateMany: (Album) => Album.updateMany({}, { $unset: { image: 1 } }),
  'updateMany, arrayFilters': (Album) =>
    Album.updateMany({}, { 'photos.$[p].url': 'n' }, { arrayFilters: [{ 'p.url': 'p1' }] }),
  replaceOne: (Album) => Album.replaceOne({ slug: 'one' }, { slug: 'one', image: 'n' }),
  findOneAndUpdate: (Album) => Album.findOneAndUpdate({ slug: 'one' }, { image: 'n' }),
  'findOneAndUpdate, after': (Album) =>
    Album.findOneAndUpdate({}, { image: 'n' }, { returnDocument: 'after', sort: { slug: -1 } }),
  'findOneAndUpdate, upsert': (Album) =>
    Album.findOneAndUpdate({ slug: 'u' }, { image: 'n' }, { upsert: true }),
  'findOneAndUpdate, metadata': (Album) =>
    Album.findOneAndUpdate({ slug: 'one' }, { image: 'n' }, { includeResultMetadata: true }),
  'findOneAndUpdate, lean': (Album) => Album.findOneAndUpdate({ slug: 'one' }, { image: 'n' }).lean(),
  'findOneAndUpdate, projection': (Album) =>
    Album.findOneAndUpdate({ slug: 'one' }, { image: 'n' }, { projection: 'slug' }),
  'findOneAndUpdate, duplicate': (Album) =>
    Album.findOneAndUpdate({ slug: 'one' }, { slug: 'two', image: 'n' }),
  findOneAndReplace: (Album) => Album.findOneAndReplace({ slug: 'one' }, { slug: 'one', image: 'n' }),
  findOneAndDelete: (Album) => Album.findOneAndDelete({ slug: 'one' }),
  'findOneAndDelete, nobody': (Album) => Album.findOneAndDelete({ slug: 'nobody' }),
  'findOneAndDelete, transform': (Album, { note }) =>
    Album.findOneAndDelete({ slug: 'one' }).transform(note('transform', (found: unknown) => found)),
  findByIdAndDelete: async (Album) => Album.findByIdAndDelete((await one(Album))._id),
  deleteOne: (Album) => Album.deleteOne({ slug: 'one' }),
  'deleteOne, cast error': (Album) => Album.deleteOne({ rank: 'x' }),
  deleteMany: (Album) => Album.deleteMany({}),
  'deleteMany, w: 0': (Album) => Album.deleteMany({ slug: 'none' }, { writeConcern: { w: 0 } }),
  bulkWrite: (Album) =>
    Album.bulkWrite([
      { insertOne: { document: { slug: 'b', image: ' b ' } } },
      { updateOne: { filter: { slug: 'b' }, update: { image: ' n ' } } },
      { replaceOne: { filter: { slug: 'one' }, replacement: { slug: 'one', image: 'r' } } },
      { deleteMany: { filter: { slug: 'two' } } },
    ] as never),
  'bulkWrite, failing': (Album) =>
    Album.bulkWrite([
      { deleteOne: { filter: { slug: 'two' } } },
      { insertOne: { document: { slug: 'one' } } },
    ] as never),
  'bulkWrite, empty': (Album) => Album.bulkWrite([]),
  'bulkWrite, invalid': (Album) => Album.bulkWrite([{ updateOne: { filter: {} } }] as never),
  'bulkWrite, unknown': (Album) => Album.bulkWrite([{ nope: {} }] as never),
  'bulkWrite, throwOnValidationError': (Album) =>
    Album.bulkWrite(
      [
        { insertOne: { document: { slug: 'v', image: 'invalid' } } },
        { deleteOne: { filter: { slug: 'two' } } },
      ] as never,
      {
        ordered: false,
        throwOnValidationError: true,
      },
    ),
  bulkSave: async (Album) => {
    const albums = await Album.find().sort('slug');
    for (const album of albums) album.set('image', 'n');
    return Album.bulkSave([...albums, new Album({ slug: 'fresh' })]);
  },
  'a find, a count, an aggregate': async (Album) => [
    await Album.find().lean(),
    await Album.countDocuments(),
    await Album.aggregate([{ $match: { slug: 'one' } }]),
  ],
  'a cursor': async (Album) => {
    const slugs: string[] = [];
    for await (const album of Album.find().sort('slug')) slugs.push(album.slug);
    return slugs;
  },
  'a session': async (Album, { connection }) => {
    const session = await startSession(connection);
    await session.withTransaction(async () => {
      await Album.updateOne({ slug: 'one' }, { image: 'n' }, { session });
      await (await Album.findOne({ slug: 'two' }).session(session)).deleteOne();
    });
    return Album.find().lean();
  },
  'connection.transaction, aborted': async (Album, { connection }) =>
    connection.transaction(async (session) => {
      const album = await Album.findOne({ slug: 'one' }).session(session);
      await album.set('image', 'n').save();
      throw new Error('changed my mind');
    }),
  'toObject and toJSON': async (Album) => [(await one(Album)).toObject(), (await one(Album)).toJSON()],
};

/** Everything that can be seen of one call: its result or error, the user's functions in order, the documents after it. */
async function observe(call: Call, isPlugged: boolean): Promise<object> {
  const here = app(isPlugged);
  await here.connection.asPromise();
  const Album = albumOf(here);
  await (Album as Model<unknown>).createIndexes();
  await Album.create([
    {
      slug: 'one',
      image: 'a',
      gallery: ['x', 'y'],
      photos: [{ url: 'p1' }],
      any: { deep: 'm' },
      thumbs: { small: 's' },
    },
    { slug: 'two', image: 'b', rank: 2 },
  ]);
  here.seen.length = 0;
  let result: unknown;
  try {
    result = await call(Album, here);
  } catch (thrown) {
    result = thrown;
  }
  const seen = [...here.seen];
  const shape =
    Object.prototype.toString.call(result) + String((result as object | undefined)?.constructor.name);
  const after = await Album.collection.find({}, { sort: { slug: 1 } }).toArray();
  return { result: comparable(result), shape, seen, after: comparable(after) };
}

describe('no harm, seen from inside', () => {
  it('the app with the plugin does look up and remove meanwhile', async () => {
    const here = app(true);
    const Album = albumOf(here);
    await Album.create({ slug: 'one', image: 'a', photos: [{ url: 'p' }] });
    await Album.deleteMany({});
    expect(here.store.calls.flat().sort()).to.include.members(['a', 'one', 'p']);
  });
});

describe('no harm: the plugin on every schema of an app', () => {
  for (const [name, call] of Object.entries(calls)) {
    it(`changes nothing of ${name}`, async () => {
      expect(await observe(call, true)).to.deep.equal(await observe(call, false));
    });
  }
});
