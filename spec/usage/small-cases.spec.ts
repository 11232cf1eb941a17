import { expect } from 'chai';
import { Mongoose, Schema, Types } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { closeAfterSpec, freshDatabase } from '../support/database.js';
import { folderProvider, insertRaw, multerResult, untyped } from '../support/usage.js';
import { hasHooks, itIf } from '../support/versions.js';

describe('small cases', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  const plugged = (schema: Schema, options: object = {}): Schema =>
    schema.plugin(imageCleanup, untyped({ ...s.options, ...options }));

  describe('an array of references is asked in addition to the connection', () => {
    const nobody = (assets: readonly unknown[]): boolean[] => assets.map(() => false);

    async function outcomeBesidePage(references: unknown): Promise<string[]> {
      const Page = s.model('Page', { picture: String }, { fields: ['picture'] });
      s.connection.model('Note', new Schema({ text: String }));
      await Page.create({ picture: 'a.png' });
      const Album = s.model('Album', { image: String }, untyped({ references }));
      await Album.create({ image: 'a.png' });
      await Album.deleteOne({});
      return s.outcomes();
    }

    for (const [title, references, expected] of [
      ['[]', [], 'kept a.png (still used)'],
      ['[a function]', [nobody], 'kept a.png (still used)'],
      ['[{ model, fields }]', [{ model: 'Note', fields: ['text'] }], 'kept a.png (still used)'],
      ["['connection', a function]", ['connection', nobody], 'kept a.png (still used)'],
      ["['model', a function]", ['model', nobody], 'removed a.png'],
      ["['document']", ['document'], 'removed a.png'],
    ] as const) {
      it(`${title}: ${expected}`, async () => {
        expect(await outcomeBesidePage(references)).to.deep.equal([expected]);
      });
    }

    it("['model', 'document'] is refused", () => {
      const apply = (): unknown =>
        plugged(new Schema({ image: String }), { fields: ['image'], references: ['model', 'document'] });
      expect(apply).to.throw(TypeError, /references/);
    });
  });

  describe('values that are no files', () => {
    for (const [title, value] of [
      ['a picture in base64', 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf'.repeat(8)],
      ['a data URL', `data:image/png;base64,${'iVBORw0KGgo'.repeat(400)}`],
      ['a name of 300 letters', `${'x'.repeat(300)}.png`],
      ['a path with a part of 300 letters', `/uploads/${'x'.repeat(300)}/a.png`],
    ] as const) {
      it(`${title} is not ours, and no advice about indexes follows`, async () => {
        const Album = s.model('Album', { image: { type: String, index: true } });
        await Album.init();
        await Album.create({ image: value });
        await Album.deleteOne({});
        await cleanupFor(Album).idle();
        expect(s.events.map(({ outcome, reason }) => [outcome, reason])).to.deep.equal([
          ['kept', 'not ours'],
        ]);
        expect(s.log.join('\n')).to.not.match(/index|ENAMETOOLONG/);
      });
    }
  });

  describe('a whole upload result of multer', () => {
    it('under a field that names it is removed with its document', async () => {
      const Album = s.model('Album', { image: Object });
      await Album.create([
        { image: multerResult('uploads/', 'a.png') },
        { image: multerResult(s.uploads.root, 'b.png') },
      ]);
      await Album.deleteMany({});
      expect(await s.uploads.names()).to.deep.equal([]);
    });

    it('in sub-documents of an upload result: fields names the array', async () => {
      const Album = s.model(
        'Album',
        { images: [{ _id: false, url: String, filename: String }] },
        { fields: ['images'] },
      );
      await Album.create({
        images: [{ url: '/uploads/a.png', filename: 'a.png' }, { url: '/uploads/b.png' }],
      });
      await Album.updateOne({}, { $pop: { images: 1 } });
      expect(await s.uploads.names()).to.deep.equal(['a.png']);
      await Album.deleteOne({});
      expect(await s.uploads.names()).to.deep.equal([]);
    });

    it('sub-documents that are no upload result are refused, with the paths to name', () => {
      const schema = new Schema({ images: [{ src: String, alt: String }] });
      expect(() => plugged(schema as unknown as Schema, { fields: ['images'] })).to.throw(
        TypeError,
        /images\.src/,
      );
    });
  });

  describe('hosts', () => {
    it("['*'] is refused", () => {
      expect(() => localProvider({ root: s.uploads.root, hosts: ['*'] })).to.throw(TypeError, /hosts/);
    });

    it('that lack the port of the stored URLs: one line says so, and each file has its event', async () => {
      const Album = s.model(
        'Album',
        { image: String },
        { provider: folderProvider(s, '', { hosts: ['localhost'] }) },
      );
      await Album.create(['a', 'b'].map((name) => ({ image: `http://localhost:4000/uploads/${name}.png` })));
      await Album.deleteMany({});
      await cleanupFor(Album).idle();
      expect(s.events.map(({ reason }) => reason)).to.deep.equal(['not ours', 'not ours']);
      expect(
        s.log.filter((line) => line.includes('localhost:4000') && line.includes('hosts')),
      ).to.have.length(1);
    });
  });

  describe('a global plugin with named fields', () => {
    function own(fields: string[]): {
      instance: Mongoose;
      make: (name: string, schema: Schema) => AnyDocumentModel;
    } {
      const instance = new Mongoose();
      instance.plugin(imageCleanup as never, { ...s.options, fields } as never);
      const connection = instance.createConnection(freshDatabase());
      closeAfterSpec(connection);
      const make = (name: string, schema: Schema): AnyDocumentModel =>
        connection.model(name, schema as never) as unknown as AnyDocumentModel;
      return { instance, make };
    }

    it('leaves a schema alone that has none of them', async () => {
      const { instance, make } = own(['image']);
      const Tag = make('Tag', new instance.Schema({ label: String }));
      const Album = make(
        'Album',
        new instance.Schema({
          image: String,
          photos: [new instance.Schema({ note: String })],
        }) as unknown as Schema,
      );
      await Tag.create({ label: 'x' });
      await Album.create({ image: 'a.png', photos: [{ note: 'x' }] });
      await Album.deleteOne({});
      expect(await s.uploads.names()).to.deep.equal(['b.png']);
    });

    it('says which schema it is where some of the fields are missing', () => {
      const { make } = own(['image', 'cover']);
      let message = '';
      try {
        make('Album', new Schema({ image: String }));
      } catch (thrown) {
        message = (thrown as Error).message;
      }
      expect(message + s.log.join('\n'))
        .to.match(/cover/)
        .and.match(/Album|image/);
    });
  });

  describe('documents that are not there', () => {
    const unknown = new Types.ObjectId();
    const queries: Record<string, (Album: AnyDocumentModel) => unknown> = {
      findByIdAndDelete: (Album) => Album.findByIdAndDelete(unknown),
      findByIdAndUpdate: (Album) => Album.findByIdAndUpdate(unknown, { image: 'b.png' }),
      findOneAndReplace: (Album) => Album.findOneAndReplace({ _id: unknown }, { image: 'b.png' }),
      deleteOne: (Album) => Album.deleteOne({ _id: unknown }),
      'updateOne of somebody else’s': async (Album) =>
        Album.updateOne({ _id: (await Album.findOne())._id, owner: 'somebody else' }, { image: 'b.png' }),
      replaceOne: (Album) => Album.replaceOne({ _id: unknown }, { image: 'b.png' }),
      bulkWrite: (Album) => Album.bulkWrite([{ deleteOne: { filter: { _id: unknown } } }]),
    };
    for (const [name, query] of Object.entries(queries)) {
      itIf(hasHooks(name))(`${name} logs nothing and tells no event`, async () => {
        const Album = s.model('Album', { image: String, owner: String });
        await Album.create({ image: 'a.png', owner: 'me' });
        await query(Album);
        expect(await s.outcomes()).to.deep.equal([]);
        expect(s.log).to.deep.equal([]);
      });
    }

    it('doc.save() of a document that is gone logs one line', async () => {
      const Album = s.model('Album', { image: String });
      const album = await Album.create({ image: 'a.png' });
      await Album.collection.deleteMany({});
      await album
        .set({ image: 'b.png' })
        .save()
        .catch(() => undefined);
      expect(s.log.filter((line) => line.includes('there is no such document'))).to.have.length(1);
    });
  });

  describe('events where no single field or document is meant', () => {
    it('removeUnused: field and documentId are null', async () => {
      s.model('Album', { image: String, cover: String }, { fields: ['image', 'cover'] });
      await cleanupFor(s.connection).removeUnused(['a.png', 'https://elsewhere.example/x.png']);
      await cleanupFor(s.connection).idle();
      expect(s.events.map(({ outcome }) => outcome).sort()).to.deep.equal(['kept', 'removed']);
      for (const { field, documentId } of s.events) expect([field, documentId]).to.deep.equal([null, null]);
    });

    it('too many documents: field, documentId and asset are null', async () => {
      const Album = s.model(
        'Album',
        { image: String, cover: String },
        { fields: ['image', 'cover'], maxDocuments: 1 },
      );
      await insertRaw(Album, { image: 'a.png' }, { image: 'b.png' });
      await Album.deleteMany({});
      expect(s.events).to.have.length(1);
      expect(s.events[0]).to.include({ field: null, documentId: null, asset: null, reason: 'too many' });
    });
  });

  describe('options of a base and its discriminators, and of two calls', () => {
    const differing: Record<string, object> = {
      references: { references: 'model' },
      removal: { removal: 'background' },
      timeoutMs: { timeoutMs: 9 },
      retry: { retry: { attempts: 2 } },
      maxDocuments: { maxDocuments: 9 },
      enabled: { enabled: false },
      logger: { logger: { warn: () => undefined, error: () => undefined } },
      onEvent: { onEvent: () => undefined },
      mentionsUpTo: { mentionsUpTo: 5 },
    };
    for (const [name, options] of Object.entries(differing)) {
      it(`${name} may not differ`, () => {
        const base = plugged(new Schema({ image: String }), { fields: ['image'] });
        const Base = s.connection.model('Base', base);
        const declare = (): unknown =>
          Base.discriminator(
            'Child',
            plugged(new Schema({ poster: String }), { fields: ['poster'], ...options }),
          );
        expect(declare).to.throw(TypeError, new RegExp(name));
        const twice = (): unknown =>
          plugged(plugged(new Schema({ a: String, b: String }), { fields: ['a'] }), {
            fields: ['b'],
            ...options,
          });
        expect(twice).to.throw(TypeError, new RegExp(name));
      });
    }

    it('two calls on one schema become their union, each with its own provider and keep rules', async () => {
      await s.uploads.put('covers/a.png', 'covers/b.png');
      const schema = plugged(new Schema({ image: String, cover: String }), {
        fields: ['image'],
        keep: 'b.png',
        timeoutMs: 10_000,
      });
      plugged(schema, { fields: ['cover'], provider: folderProvider(s, 'covers') });
      const Album = s.connection.model('Album', schema) as unknown as AnyDocumentModel;
      await Album.create([
        { image: 'a.png', cover: 'a.png' },
        { image: 'b.png', cover: 'b.png' },
      ]);
      await Album.deleteMany({});
      expect(await s.uploads.names()).to.deep.equal(['b.png']);
      expect(await s.outcomes()).to.deep.equal([
        ...['kept b.png (protected)', 'removed a.png', 'removed a.png', 'removed b.png'],
      ]);
    });
  });
});
