import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { hasBulkWriteHooks, itIf } from '../support/versions.js';

describe('discriminators', () => {
  let s: TestApp;
  let store: ReturnType<typeof recordingProvider>;
  beforeEach(async () => {
    s = await testApp();
    store = recordingProvider('a', 'b', 'c', 'd');
  });
  afterEach(closeTestApps);

  interface Made {
    Base: AnyDocumentModel;
    Child: AnyDocumentModel;
    Sibling: AnyDocumentModel;
  }

  function make(base: string[] | undefined, child: string[] | undefined, sibling?: string[]): Made {
    const plug = (schema: Schema, fields: string[] | undefined): Schema => {
      const options: ImageCleanupOptions = { ...s.options, provider: store };
      return fields ? schema.plugin(imageCleanup, { ...options, fields }) : schema;
    };
    const Base = s.connection.model('Base', plug(new Schema({ image: String, name: String }), base));
    const Child = Base.discriminator('Child', plug(new Schema({ poster: String }), child));
    const Sibling = Base.discriminator('Sibling', plug(new Schema({ photo: String }), sibling));
    return { Base, Child, Sibling } as unknown as Made;
  }

  it('the plugin on the base covers writes through the base and through the child', async () => {
    const { Base, Child } = make(['image'], undefined);
    await Child.create([{ image: 'a' }, { image: 'b' }]);
    await Base.create({ image: 'c' });
    await Base.deleteMany({ image: 'a' });
    expect(store.gone()).to.deep.equal(['a']);
    await Child.deleteMany({});
    expect(store.gone()).to.deep.equal(['a', 'b']);
    const one = await Base.findOne();
    await one.deleteOne();
    expect(store.gone()).to.deep.equal(['a', 'b', 'c']);
  });

  it('on both, the fields of both are covered, each told once', async () => {
    const { Base, Child } = make(['image'], ['poster']);
    await Child.create([
      { image: 'a', poster: 'b' },
      { image: 'c', poster: 'd' },
    ]);
    await Base.deleteOne({ image: 'a' });
    expect(store.gone()).to.deep.equal(['a', 'b']);
    const child = await Child.findOne();
    await child.deleteOne();
    expect(store.gone()).to.deep.equal(['a', 'b', 'c', 'd']);
    expect((await s.outcomes()).length).to.equal(4);
    expect(store.calls.flat()).to.have.length(4);
  });

  itIf(hasBulkWriteHooks)('on both, a save and a bulk write of the child', async () => {
    const { Base, Child } = make(['image'], ['poster']);
    const child = await Child.create({ image: 'a', poster: 'b' });
    child.poster = 'c';
    await child.save();
    expect(store.gone()).to.deep.equal(['b']);
    await Base.bulkWrite([{ deleteMany: { filter: {} } }]);
    expect(store.gone()).to.deep.equal(['a', 'b', 'c']);
  });

  it('on one child only, its own writes are covered and a warning names what is not', async () => {
    const { Base, Child } = make(undefined, ['poster']);
    await Child.insertMany([{ poster: 'a' }, { poster: 'b' }, { poster: 'c' }]); // in this order; `create` sends all at once
    await Child.deleteOne({ poster: 'a' });
    expect(store.gone()).to.deep.equal(['a']);
    const warnings = (): string[] => s.log.filter((line) => line.includes('Base.deleteMany()'));
    expect(warnings()).to.have.length(1);
    const child = await Base.findOne({ name: undefined });
    await child.deleteOne();
    expect(store.gone()).to.deep.equal(['a', 'b']);
    await Base.deleteMany({});
    expect(store.gone()).to.deep.equal(['a', 'b']);
    expect(warnings()).to.have.length(1);
  });

  it('a sibling that uses the file keeps it', async () => {
    const { Child, Sibling } = make(undefined, ['poster'], ['photo']);
    await Sibling.create({ photo: 'a' });
    await Child.create({ poster: 'a' });
    await Child.deleteMany({});
    expect(store.gone()).to.deep.equal([]);
    expect(await s.outcomes()).to.deep.equal(['kept a (still used)']);
  });

  for (const references of ['model', 'document'] as const) {
    it(`a sibling in the same collection is asked with references: '${references}'${references === 'document' ? ' only about the document itself' : ''}`, async () => {
      const options = { ...s.options, provider: store, references };
      const base = new Schema({ name: String });
      const child = new Schema({ poster: String }).plugin(imageCleanup, { ...options, fields: ['poster'] });
      const sibling = new Schema({ photo: String }).plugin(imageCleanup, { ...options, fields: ['photo'] });
      const Base = s.connection.model('Base', base);
      const Child = Base.discriminator('Child', child) as unknown as AnyDocumentModel;
      const Sibling = Base.discriminator('Sibling', sibling) as unknown as AnyDocumentModel;
      await Sibling.create({ photo: 'a' });
      await Child.create({ poster: 'a' });
      await Child.deleteMany({});
      expect(store.gone()).to.deep.equal(references === 'model' ? [] : ['a']);
    });
  }

  it('a document moved to another type keeps its shared field and loses the file of its own', async () => {
    const { Base, Child } = make(['image'], ['poster']);
    const child = await Child.create({ image: 'a', poster: 'b' });
    await Base.findOneAndReplace(
      { _id: child._id },
      { image: 'a', __t: 'Sibling' },
      { overwriteDiscriminatorKey: true },
    );
    expect(store.gone()).to.deep.equal(['b']);
  });

  it('marks of a child are covered by the plugin on the base', async () => {
    const schema = new Schema({ name: String, image: { type: String, imageCleanup: true } });
    schema.plugin(imageCleanup, { ...s.options, provider: store });
    const Base = s.connection.model('Base', schema) as unknown as AnyDocumentModel;
    const Child = Base.discriminator('Child', new Schema({ poster: { type: String, imageCleanup: true } }));
    await (Child as unknown as AnyDocumentModel).create({ image: 'a', poster: 'b' });
    await Base.deleteMany({});
    expect(store.gone()).to.deep.equal(['a', 'b']);
  });

  it('discriminators of sub-documents in an array', async () => {
    const block = new Schema({ kind: String }, { discriminatorKey: 'kind', _id: false });
    const page = new Schema({ blocks: [block] });
    const blocks = page.path('blocks') as unknown as { discriminator(name: string, schema: Schema): void };
    blocks.discriminator(
      'Picture',
      new Schema({ url: { type: String, imageCleanup: true } }, { _id: false }),
    );
    page.plugin(imageCleanup, { ...s.options, provider: store });
    const Page = s.connection.model('Page', page) as unknown as AnyDocumentModel;
    const one = await Page.create({
      blocks: [
        { kind: 'Picture', url: 'a' },
        { kind: 'Picture', url: 'b' },
      ],
    });
    one.blocks.shift();
    await one.save();
    expect(store.gone()).to.deep.equal(['a']);
  });

  it('a discriminator registered after the first write is taken in', async () => {
    const { Base } = make(['image'], undefined);
    await Base.create({ image: 'a' });
    await Base.deleteMany({});
    const schema = new Schema({ scan: String });
    schema.plugin(imageCleanup, { ...s.options, provider: store, fields: ['scan'] });
    const Late = Base.discriminator('Late', schema) as unknown as AnyDocumentModel;
    await Late.create({ image: 'b', scan: 'c' });
    await Base.deleteMany({});
    expect(store.gone()).to.deep.equal(['a', 'b', 'c']);
  });
});
