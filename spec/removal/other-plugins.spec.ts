import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { hasMiddlewareOption, itIf } from '../support/versions.js';

describe('other plugins and settings', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png');
  });
  afterEach(closeTestApps);

  /** A model whose other plugins are applied after ours, as their hooks then come later. */
  function album(schema: Schema, later: (schema: Schema) => void = () => undefined): AnyDocumentModel {
    const options: ImageCleanupOptions = { fields: ['image'], ...s.options };
    schema.plugin(imageCleanup, options);
    later(schema);
    return s.connection.model('Album', schema) as AnyDocumentModel;
  }

  describe('soft delete', () => {
    const softly = (schema: Schema): void => {
      schema.add({ deletedAt: Date });
      schema.pre(/^find/, function (this: { where(filter: object): void }) {
        this.where({ deletedAt: null });
      });
    };

    it('keeps the file of a document that is hidden', async () => {
      const Album = album(new Schema({ image: String }), softly);
      const { _id } = await Album.create({ image: 'a.png' });
      await Album.updateOne({ _id }, { deletedAt: new Date() });
      expect(await Album.countDocuments()).to.equal(1);
      expect(await s.outcomes()).to.deep.equal([]);
    });

    it('a hidden document still uses what another one drops', async () => {
      const Album = album(new Schema({ image: String }), softly);
      await Album.create({ image: 'a.png', deletedAt: new Date() });
      await Album.create({ image: 'a.png' });
      await Album.deleteOne({ deletedAt: null });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('a hard delete of a hidden document removes', async () => {
      const Album = album(new Schema({ image: String }), softly);
      await Album.create({ image: 'a.png', deletedAt: new Date() });
      await Album.deleteMany({ deletedAt: { $ne: null } });
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });
  });

  for (const call of ['deleteMany', 'deleteOne', 'updateMany', 'findOneAndDelete'] as const) {
    it(`a tenant filter that a later hook adds to ${call} is the one that counts`, async () => {
      const Album = album(new Schema({ image: String, tenant: String }), (schema) => {
        schema.pre(call as 'deleteMany', function () {
          this.where({ tenant: 'mine' });
        });
      });
      await Album.create([
        { image: 'a.png', tenant: 'theirs' },
        { image: 'b.png', tenant: 'mine' },
      ]);
      if (call === 'updateMany') await Album.updateMany({}, { $unset: { image: 1 } });
      else await Album[call as 'deleteMany']({});
      expect(await s.outcomes()).to.deep.equal(['removed b.png']);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'c.png']);
    });
  }

  it('a later hook of save has the last word about the picture', async () => {
    const Album = album(new Schema({ image: String }), (schema) => {
      schema.pre('save', function (this: { image?: string; isNew: boolean }) {
        if (!this.isNew) this.image = 'c.png';
      });
    });
    const made = await Album.create({ image: 'a.png' });
    made.image = 'b.png';
    await made.save();
    expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png']);
  });

  it('a populated field (autopopulate) does not hide the picture', async () => {
    const Artist = s.connection.model('Artist', new Schema({ name: String }));
    const Album = album(
      new Schema({ image: String, artist: { type: Schema.Types.ObjectId, ref: 'Artist' } }),
      (schema) => {
        schema.pre(/^find/, function (this: { populate(path: string): void }) {
          this.populate('artist');
        });
      },
    );
    const artist = await Artist.create({ name: 'x' });
    await Album.create({ image: 'a.png', artist });
    await Album.findOneAndUpdate({}, { image: 'b.png' });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  itIf(hasMiddlewareOption)('middleware: false leaves the files alone, as it skips every hook', async () => {
    const Album = album(new Schema({ image: String }));
    const made = await Album.create({ image: 'a.png' });
    made.image = 'b.png';
    await made.save({ middleware: false } as object);
    await Album.deleteMany({}, { middleware: false } as object);
    expect(await s.outcomes()).to.deep.equal([]);
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png', 'c.png']);
  });

  it('optimisticConcurrency: a save that comes too late removes nothing', async () => {
    const Album = album(new Schema({ image: String }, { optimisticConcurrency: true }));
    const { _id } = await Album.create({ image: 'a.png' });
    const [one, late] = [await Album.findById(_id), await Album.findById(_id)];
    await one!.set({ image: 'b.png' }).save();
    const save = late!.set({ image: 'c.png' }).save();
    expect(await save.catch((thrown: unknown) => thrown)).to.have.property('name', 'VersionError');
    expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png']);
  });

  it('strict: false: a field that the schema does not know can be named', async () => {
    const Album = album(new Schema({}, { strict: false }));
    await Album.create({ image: 'a.png' });
    await Album.updateOne({}, { image: 'b.png' });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('toObject transforms, getters and virtuals do not reach the look-up', async () => {
    const schema = new Schema(
      { image: { type: String, get: (name?: string) => `https://cdn.example/${name ?? ''}` } },
      { toObject: { getters: true, transform: () => ({}) }, toJSON: { getters: true } },
    );
    schema.virtual('url').get(() => 'b.png');
    const Album = album(schema);
    const made = await Album.create({ image: 'a.png' });
    expect(made.image).to.equal('https://cdn.example/a.png');
    await made.set({ image: 'b.png' }).save();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('a setter is run once, and what it makes is what counts', async () => {
    let runs = 0;
    const set = (name: string): string => {
      runs++;
      return name.toLowerCase();
    };
    const Album = album(new Schema({ image: { type: String, set } }));
    await Album.create({ image: 'A.png' });
    runs = 0;
    await Album.updateOne({}, { image: 'B.png' });
    expect(runs).to.equal(1);
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('an alias writes the field that is tracked', async () => {
    const Album = album(new Schema({ image: { type: String, alias: 'picture' } }));
    const made = await Album.create({ picture: 'a.png' });
    await made.set({ picture: 'b.png' }).save();
    await Album.updateOne({}, { picture: 'c.png' }, { translateAliases: true });
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  it('select: false on the field does not hide the original', async () => {
    const Album = album(new Schema({ image: { type: String, select: false } }));
    await Album.create({ image: 'a.png' });
    const made = await Album.findOne();
    expect(made!.image).to.equal(undefined);
    await made!.set({ image: 'b.png' }).save();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('read: secondary in the schema does not reach the look-up or the question', async () => {
    const Album = album(new Schema({ image: String }, { read: 'secondary' }));
    const seen: unknown[] = [];
    await Album.create({ image: 'a.png' });
    s.connection.getClient().on('commandStarted', ({ commandName, command }) => {
      // none is the primary, too
      const { mode } = (command['$readPreference'] ?? { mode: 'primary' }) as { mode: string };
      if (commandName === 'find') seen.push(mode);
    });
    await Album.updateOne({}, { image: 'b.png' });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    expect([...new Set(seen)]).to.deep.equal(['primary']);
  });

  it('w: 0 keeps the file, and says why', async () => {
    const Album = album(new Schema({ image: String }));
    await Album.create({ image: 'a.png' });
    await Album.updateOne({}, { image: 'b.png' }, { writeConcern: { w: 0 } });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (unacknowledged)']);
  });

  it('w: 0 in the schema keeps the file too', async () => {
    const Album = album(new Schema({ image: String }, { writeConcern: { w: 0 } }));
    await Album.collection.insertOne({ image: 'a.png' } as never, { writeConcern: { w: 1 } });
    await Album.updateOne({}, { image: 'b.png' });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (unacknowledged)']);
  });
});
