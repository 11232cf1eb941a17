import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { hasMiddlewareOption, itIf } from '../support/versions.js';

/** Hooks that other plugins and the app add, before or after ours. */
describe('beside hooks of others', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png');
  });
  afterEach(closeTestApps);

  const definition = { image: String, tenant: String, isDeleted: Boolean };

  function make(dress: (schema: Schema) => unknown, order: 'before' | 'after' = 'after'): AnyDocumentModel {
    const schema = new Schema(definition);
    if (order === 'before') dress(schema);
    schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
    if (order === 'after') dress(schema);
    return s.connection.model('Album', schema) as unknown as AnyDocumentModel;
  }

  type Narrowing = { where(filter: object): void };

  for (const order of ['before', 'after'] as const) {
    it(`a hook ${order} ours that narrows the filter narrows what is removed`, async () => {
      const Album = make((schema) => {
        for (const name of ['deleteMany', 'updateMany', 'findOneAndDelete']) {
          schema.pre(name as 'deleteMany', function (this: unknown) {
            (this as Narrowing).where({ tenant: 'mine' });
          });
        }
      }, order);
      await Album.create([
        { image: 'a.png', tenant: 'mine' },
        { image: 'b.png', tenant: 'theirs' },
      ]);
      await Album.deleteMany({});
      await Album.updateMany({}, { image: 'c.png' });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png']);
    });

    it(`a hook ${order} ours that changes the image is seen`, async () => {
      const Album = make((schema) => {
        schema.pre('save', function (this: unknown) {
          const album = this as { image: string; isNew: boolean };
          if (!album.isNew) album.image = 'c.png';
        });
        schema.pre('updateOne', function (this: unknown) {
          (this as { set(path: string, value: string): void }).set('image', 'c.png');
        });
      }, order);
      const album = await Album.create({ image: 'a.png' });
      album.tenant = 'x';
      await album.save();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      await Album.updateOne({}, { image: 'b.png' });
      expect(await s.outcomes()).to.deep.equal([]);
      expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png']);
    });
  }

  it('a hook that takes the change back removes nothing', async () => {
    const Album = make((schema) => {
      schema.pre('save', function (this: unknown) {
        const album = this as { image: string; isNew: boolean };
        if (!album.isNew) album.image = 'a.png';
      });
    });
    const album = await Album.create({ image: 'a.png' });
    album.image = 'b.png';
    await album.save();
    expect(await s.outcomes()).to.deep.equal([]);
  });

  it('a soft delete that hides documents from find keeps their files until they really go', async () => {
    const Album = make((schema) => {
      schema.pre(/^(find|count|update)/, function (this: unknown) {
        (this as Narrowing).where({ isDeleted: { $ne: true } });
      });
    });
    const album = await Album.create({ image: 'a.png' });
    await Album.updateOne({ _id: album._id }, { isDeleted: true });
    expect(await s.uploads.has('a.png')).to.equal(true);
    await Album.create({ image: 'a.png' });
    await Album.deleteMany({ isDeleted: { $ne: true } });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    await Album.deleteMany({ isDeleted: true });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('a find hook that populates does not matter', async () => {
    const File = s.connection.model('File', new Schema({ _id: String, size: Number }));
    await File.create({ _id: 'a.png', size: 1 });
    const schema = new Schema({ image: { type: String, ref: 'File' } });
    schema.pre(/^find/, function (this: unknown) {
      (this as { populate(path: string): void }).populate('image');
    });
    schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
    const Album = s.connection.model('Album', schema) as unknown as AnyDocumentModel;
    await Album.create({ image: 'a.png' });
    const album = await Album.findOne();
    expect(album.image.size).to.equal(1);
    album.image = 'b.png';
    await album.save();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  for (const middleware of [false, { pre: false }, { post: false }]) {
    itIf(hasMiddlewareOption)(
      `middleware: ${JSON.stringify(middleware)} throws nothing and loses nothing`,
      async () => {
        const Album = make(() => undefined);
        const album = await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
        album[0].image = 'c.png';
        await album[0].save({ middleware } as object);
        await Album.deleteMany({ image: 'b.png' }, { middleware } as object);
        const doRun = typeof middleware === 'object' && 'post' in middleware;
        expect(await s.outcomes()).to.deep.equal(doRun ? ['removed a.png', 'removed b.png'] : []);
      },
    );
  }

  it('a write that another hook skips or answers itself removes nothing', async () => {
    const Album = make((schema) => {
      schema.pre('deleteMany', () => {
        throw mongoose.skipMiddlewareFunction(null);
      });
      schema.pre('updateOne', () => {
        throw mongoose.overwriteMiddlewareResult({ acknowledged: true, modifiedCount: 1 });
      });
    });
    await Album.create({ image: 'a.png' });
    await Album.updateOne({}, { image: 'b.png' }).catch(() => undefined);
    const stored = (await Album.findOne()).image as string;
    expect(await s.uploads.has(stored)).to.equal(true);
    await Album.deleteMany({}).catch(() => undefined);
    if ((await Album.countDocuments()) > 0) expect(await s.uploads.has(stored)).to.equal(true);
  });

  it('an app that cascades in its hooks: each delete cleans up after itself', async () => {
    const Photo = s.model('Photo', { image: String, album: {} });
    const Album = make((schema) => {
      schema.post('findOneAndDelete', async (album: { _id: unknown } | null) => {
        await Photo.deleteMany({ album: album?._id });
      });
    });
    const album = await Album.create({ image: 'a.png' });
    await Photo.create({ image: 'b.png', album: album._id });
    await Album.findOneAndDelete({});
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  it('a post hook of the app that throws gets its way, and the file has left', async () => {
    const Album = make((schema) => {
      schema.post('deleteOne', () => {
        throw new Error('a post hook of the app');
      });
    });
    await Album.create({ image: 'a.png' });
    const error: unknown = await Album.deleteOne({}).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('a post hook of the app');
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });
});
