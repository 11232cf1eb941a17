import { expect } from 'chai';
import mongoose, { Schema, type Connection } from 'mongoose';
import { dirname } from 'node:path';
import type * as library from '../lib/index.js';
import { cleanupFor, imageCleanup, withoutImageCleanup } from '../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from './support/test-app.js';
import { closeAfterSpec, freshDatabase } from './support/database.js';

describe('the plugin', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  const marked = { image: { type: String, imageCleanup: true } } as const;

  function modelOf(schema: Schema, name = 'Album', connection: Connection = s.connection): AnyDocumentModel {
    return connection.model(name, schema) as unknown as AnyDocumentModel;
  }

  async function removesOnDelete(Album: AnyDocumentModel, path = 'image'): Promise<boolean> {
    await s.uploads.put('probe.png');
    const album = await Album.create({ [path]: 'probe.png' });
    await album.deleteOne();
    return !(await s.uploads.has('probe.png'));
  }

  it('on one schema', async () => {
    const schema = new Schema({ image: String }).plugin(imageCleanup, { ...s.options, fields: ['image'] });
    expect(await removesOnDelete(modelOf(schema))).to.equal(true);
    expect(await removesOnDelete(modelOf(new Schema({ image: String }), 'Other'))).to.equal(false);
  });

  it('on a connection: schemas with marks, the others left alone', async () => {
    s.connection.plugin(imageCleanup, s.options);
    expect(await removesOnDelete(modelOf(new Schema(marked)))).to.equal(true);
    expect(await removesOnDelete(modelOf(new Schema({ image: String }), 'Plain'))).to.equal(false);
    expect(() => cleanupFor(s.connection.model('Plain'))).to.throw(TypeError, 'Plain');
    const events = s.events.map(({ model }) => model);
    expect(events).to.deep.equal(['Album']);
  });

  for (const options of [
    {},
    { deduplicate: true },
    { tags: ['images'] },
    { deduplicate: true, tags: ['images'] },
  ]) {
    it(`global, with ${JSON.stringify(options)}: schemas with marks, children told once`, async () => {
      const own = new mongoose.Mongoose();
      own.plugin(imageCleanup as never, { ...s.options, ...options } as never);
      const connection = own.createConnection(freshDatabase());
      closeAfterSpec(connection as never);
      const tagged = 'tags' in options ? { pluginTags: ['images'] } : {};
      const child = new own.Schema({ url: marked.image }, { _id: false, ...tagged });
      const schema = new own.Schema({ ...marked, photos: [child], cover: child }, tagged);
      const Album = connection.model('Album', schema) as unknown as AnyDocumentModel;
      await s.uploads.put('c.png', 'd.png');
      const album = await Album.create({
        image: 'a.png',
        photos: [{ url: 'b.png' }],
        cover: { url: 'c.png' },
      });
      album.photos[0].url = 'd.png';
      album.cover = null;
      await album.save();
      expect(s.events.map(({ value }) => value).sort()).to.deep.equal(['b.png', 'c.png']);
      await album.deleteOne();
      expect(s.events.map(({ value }) => value).sort()).to.deep.equal(['a.png', 'b.png', 'c.png', 'd.png']);
      const Plain = connection.model('Plain', new own.Schema({ image: String }, tagged));
      expect(() => cleanupFor(Plain as never)).to.throw(TypeError);
    });
  }

  it('twice with the same options is once', async () => {
    const options = { ...s.options, fields: ['image'] };
    const schema = new Schema({ image: String })
      .plugin(imageCleanup, options)
      .plugin(imageCleanup, { ...options });
    expect(await removesOnDelete(modelOf(schema))).to.equal(true);
    expect(s.events).to.have.length(1);
  });

  it('twice on one schema, the fields of both are covered, each told once', async () => {
    const schema = new Schema({ image: String, thumb: String })
      .plugin(imageCleanup, { ...s.options, fields: ['image'] })
      .plugin(imageCleanup, { ...s.options, fields: ['thumb'] });
    const Album = modelOf(schema);
    const album = await Album.create({ image: 'a.png', thumb: 'b.png' });
    await album.deleteOne();
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  it('on a schema that is cloned', async () => {
    const schema = new Schema({ image: String }).plugin(imageCleanup, { ...s.options, fields: ['image'] });
    expect(await removesOnDelete(modelOf(schema.clone()))).to.equal(true);
    expect(s.events).to.have.length(1);
    const omitted = schema.clone();
    omitted.add({ title: String });
    expect(await removesOnDelete(modelOf(omitted, 'Second'))).to.equal(true);
  });

  it('with cloneSchemas', async () => {
    const own = new mongoose.Mongoose({ cloneSchemas: true } as never);
    const connection = own.createConnection(freshDatabase());
    closeAfterSpec(connection as never);
    const schema = new own.Schema({ image: String }).plugin(
      imageCleanup as never,
      { ...s.options, fields: ['image'] } as never,
    );
    expect(await removesOnDelete(connection.model('Album', schema) as never)).to.equal(true);
  });

  it('on one schema used for two models, each asks the other', async () => {
    const schema = new Schema({ image: String }).plugin(imageCleanup, { ...s.options, fields: ['image'] });
    const First = modelOf(schema, 'First');
    const Second = modelOf(schema, 'Second');
    await First.create({ image: 'a.png' });
    await Second.create({ image: 'a.png' });
    await First.deleteMany();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    await Second.deleteMany();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('in the archive pattern, the copy keeps the file', async () => {
    const schema = new Schema({ image: String }).plugin(imageCleanup, { ...s.options, fields: ['image'] });
    const Album = modelOf(schema);
    const Archive = modelOf(schema.clone(), 'Archive');
    const album = await Album.create({ image: 'a.png' });
    await Archive.create(album.toObject());
    await album.deleteOne();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    await Archive.deleteOne({ _id: album._id });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('with useDb, each database by itself', async () => {
    const name = `${s.connection.name}_other`;
    const other = s.connection.useDb(name, { useCache: true });
    try {
      const schema = new Schema({ image: String }).plugin(imageCleanup, { ...s.options, fields: ['image'] });
      const Here = modelOf(schema);
      const There = modelOf(schema, 'Album', other);
      expect(await removesOnDelete(There)).to.equal(true);
      expect(await removesOnDelete(Here)).to.equal(true);
      await There.create([{ image: 'a.png' }, { image: 'a.png' }]);
      await There.deleteOne();
      expect((await s.outcomes()).at(0)).to.equal('kept a.png (still used)');
    } finally {
      await other.dropDatabase();
    }
  });

  it('on a model that is recompiled (hot reload), with the new options', async () => {
    const make = (fields: string[]): AnyDocumentModel => {
      if (s.connection.models['Album']) s.connection.deleteModel('Album');
      const schema = new Schema({ image: String, thumb: String }).plugin(imageCleanup, {
        ...s.options,
        fields,
      });
      return modelOf(schema);
    };
    expect(await removesOnDelete(make(['image']))).to.equal(true);
    const Second = make(['thumb']);
    expect(await removesOnDelete(Second)).to.equal(false);
    expect(await removesOnDelete(Second, 'thumb')).to.equal(true);
    expect(s.events).to.have.length(2);
  });

  it('a document of the old model is still cleaned up after the recompiling', async () => {
    const options = { ...s.options, fields: ['image'] };
    const Old = modelOf(new Schema({ image: String }).plugin(imageCleanup, options));
    const album = await Old.create({ image: 'a.png' });
    s.connection.deleteModel('Album');
    modelOf(new Schema({ image: String }).plugin(imageCleanup, options));
    album.image = 'b.png';
    await album.save();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('loaded twice in one process: one block, one unit, each schema once', async () => {
    const home = dirname(require.resolve('../lib/index.js'));
    const paths = Object.keys(require.cache).filter((path) => path.startsWith(home));
    const saved = paths.map((path) => [path, require.cache[path]] as const);
    for (const path of paths) Reflect.deleteProperty(require.cache, path);
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const copy = require('../lib/index.js') as typeof library;
    for (const [path, module] of saved) require.cache[path] = module;
    expect(copy.imageCleanup).to.not.equal(imageCleanup);
    const options = { ...s.options, fields: ['image'] };
    const schema = new Schema({ image: String })
      .plugin(imageCleanup, options)
      .plugin(copy.imageCleanup, options);
    const Album = modelOf(schema);
    expect(await removesOnDelete(Album)).to.equal(true);
    expect(s.events).to.have.length(1);
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    await copy.withoutImageCleanup(async () => Album.deleteOne());
    await withoutImageCleanup(async () => Album.deleteOne());
    expect(s.events).to.have.length(1);
  });
});
