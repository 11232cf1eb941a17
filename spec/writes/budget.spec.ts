import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { recordingProvider } from '../support/recording-provider.js';
import { hasHooks, itIf, needsOf } from '../support/versions.js';

const definition = {
  image: { type: String, index: true },
  gallery: { type: [String], index: true },
  title: String,
};
const fields = ['image', 'gallery'];

describe('the budget of commands', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', definition, { fields });
    await Album.init();
    await s.uploads.put('old.png', 'new.png');
    await Album.create({ image: 'warm-up.png' });
    // what is looked up once a model, such as its indexes, is done with this
    await Album.deleteMany({});
    await s.outcomes();
    await Album.create({ image: 'old.png', gallery: ['g.png'], title: 'a' });
  });
  afterEach(closeTestApps);

  async function commandsOf(act: () => unknown): Promise<string[]> {
    const commands = watchCommands(s.connection);
    await act();
    await s.outcomes();
    return commands.names();
  }

  const untouched: Record<string, [string, (album: AnyDocumentModel) => unknown]> = {
    save: ['update', async () => (await Album.findOne()).set({ title: 'b' }).save()],
    updateOne: ['update', () => Album.updateOne({}, { title: 'b' })],
    updateMany: ['update', () => Album.updateMany({}, { $inc: { __v: 1 } })],
    findOneAndUpdate: ['findAndModify', () => Album.findOneAndUpdate({}, { $unset: { title: 1 } })],
    'a pipeline': ['update', () => Album.updateOne({}, [{ $set: { title: 'b' } }], { updatePipeline: true })],
    '$push and $addToSet': ['update', () => Album.updateOne({}, { $push: { gallery: 'x' } })],
    bulkWrite: ['update', () => Album.bulkWrite([{ updateOne: { filter: {}, update: { title: 'b' } } }])],
    bulkSave: ['update', async () => Album.bulkSave([(await Album.findOne()).set({ title: 'b' })])],
    insertMany: ['insert', () => Album.insertMany([{ image: 'x.png' }])],
  };
  for (const [name, [command, act]] of Object.entries(untouched)) {
    itIf(hasHooks(name), ...needsOf(name))(`${name} that cannot drop a file: 0 extra commands`, async () => {
      // the find of a save is the spec's own
      const own = name.toLowerCase().includes('save') ? ['find'] : [];
      expect(await commandsOf(() => act(Album))).to.deep.equal([...own, command]);
    });
  }

  const touching: Record<string, [string, () => unknown]> = {
    updateOne: ['update', () => Album.updateOne({}, { image: 'new.png', gallery: [] })],
    findOneAndUpdate: ['findAndModify', () => Album.findOneAndUpdate({}, { image: 'new.png' })],
    replaceOne: ['update', () => Album.replaceOne({}, { image: 'new.png' })],
    deleteOne: ['delete', () => Album.deleteOne({})],
    findOneAndDelete: ['findAndModify', () => Album.findOneAndDelete({})],
    bulkWrite: [
      'update',
      () => Album.bulkWrite([{ updateOne: { filter: {}, update: { image: 'new.png' } } }]),
    ],
  };
  for (const [name, [command, act]] of Object.entries(touching)) {
    itIf(hasHooks(name))(
      `${name} of one document: 1 look-up and 1 question, whatever the number of fields`,
      async () => {
        expect(await commandsOf(act)).to.deep.equal(['find', command, 'find']);
      },
    );
  }

  it('save of one document: 1 look-up and 1 question', async () => {
    const album = await Album.findOne();
    album.image = 'new.png';
    expect(await commandsOf(() => album.save())).to.deep.equal(['find', 'update', 'find']);
    expect(await commandsOf(() => album.deleteOne())).to.deep.equal(['find', 'delete', 'find']);
  });

  it('1 question for each collection in scope', async () => {
    for (const name of ['Page', 'User']) await s.model(name, definition, { fields }).init();
    await s.model('Twin', definition, { fields }, { collection: 'albums' }).init();
    // the sizes of the collections are asked at most once a minute
    await Album.create({ image: 'warm-up.png' });
    await Album.deleteOne({ image: 'warm-up.png' });
    await s.outcomes();
    const commands = watchCommands(s.connection);
    await Album.deleteOne({});
    await s.outcomes();
    expect(commands.names()).to.deep.equal(['find', 'delete', 'find', 'find', 'find']);
    const asked = commands
      .of('find')
      .slice(1)
      .map((command) => command['find'] as string);
    expect(asked.sort()).to.deep.equal(['albums', 'pages', 'users']);
  });

  it('a write that changes nothing asks nothing', async () => {
    expect(await commandsOf(() => Album.updateOne({}, { image: 'old.png' }))).to.deep.equal([
      'find',
      'update',
    ]);
    expect(await commandsOf(() => Album.deleteOne({ title: 'nobody' }))).to.deep.equal(['find', 'delete']);
  });

  it('reads go to the primary, only for `_id` and the tracked fields', async () => {
    const commands = watchCommands(s.connection);
    await Album.deleteOne({});
    await s.outcomes();
    for (const command of commands.of('find')) {
      expect(command['projection']).to.deep.equal({ _id: 1, image: 1, gallery: 1 });
      const { mode = 'primary' } = (command['$readPreference'] ?? {}) as { mode?: string };
      expect(mode).to.match(/^primary/);
    }
  });

  it('the look-up of a write to one document reads one document', async () => {
    await Album.create([{ image: 'x.png' }, { image: 'y.png' }]);
    const commands = watchCommands(s.connection);
    await Album.updateOne({}, { image: 'new.png' });
    await Album.findOneAndDelete({});
    await Album.deleteOne({});
    await s.outcomes();
    const lookUps = commands
      .of('find')
      .filter((command) => Object.keys(command['filter'] as object).length === 0);
    expect(lookUps.map((command) => Number(command['limit']))).to.deep.equal([1, 1, 1]);
  });

  it('there is no init hook: reading costs nothing', () => {
    const plain = new Schema(definition);
    const plugged = new Schema(definition);
    plugged.plugin(imageCleanup, { fields });
    const hooksOf = (schema: Schema): string[] => {
      const { _pres, _posts } = (schema as unknown as { s: { hooks: Record<string, Map<string, unknown>> } })
        .s.hooks as {
        _pres: Map<string, unknown[]>;
        _posts: Map<string, unknown[]>;
      };
      const of = (hooks: Map<string, unknown[]>, what: string): string[] =>
        [...hooks].flatMap(([name, all]) => all.map(() => `${what} ${name}`));
      return [...of(_pres, 'pre'), ...of(_posts, 'post')];
    };
    const added = hooksOf(plugged).filter((one) => !hooksOf(plain).includes(one));
    expect(added.filter((one) => /init|find$|findOne$|hydrate|validate|^post/.test(one))).to.deep.equal([]);
  });
});

describe('many documents', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  async function extraCommands(
    count: number,
    act: (Album: AnyDocumentModel) => unknown,
    options: ImageCleanupOptions = {},
  ): Promise<{ extra: number; gone: number }> {
    const names = Array.from({ length: count }, (_, n) => `${String(count)}-${String(n)}`);
    const store = recordingProvider(...names);
    const Album = s.model(
      `Album${String(count)}`,
      { image: { type: String, index: true } },
      { provider: store, ...options },
    );
    await Album.init();
    await Album.collection.insertMany(names.map((image) => ({ image })));
    const commands = watchCommands(s.connection);
    await act(Album);
    await s.outcomes();
    const extra = commands.names().filter((name) => /find|getMore|aggregate/.test(name)).length;
    return { extra, gone: store.gone().length };
  }

  for (const [name, act] of Object.entries<(Album: AnyDocumentModel) => unknown>({
    deleteMany: (Album) => Album.deleteMany({}),
    updateMany: (Album) => Album.updateMany({}, { $unset: { image: 1 } }),
    'bulkWrite with deleteMany': (Album) => Album.bulkWrite([{ deleteMany: { filter: {} } }]),
  })) {
    itIf(hasHooks(name))(`${name}: commands grow as documents / batch`, async () => {
      const few = await extraCommands(10, act);
      const many = await extraCommands(2500, act);
      expect(few).to.deep.equal({ extra: 2, gone: 10 });
      // 2 or 3 reads of 1000 each and, for each model so far, 5 questions of 500
      expect(many.gone).to.equal(2500);
      expect(many.extra).to.be.at.most(3 + 5 * 2);
    });
  }

  it('above maxDocuments the write runs, all files are kept, one event says so', async () => {
    const { gone } = await extraCommands(11, (Album) => Album.deleteMany({}), { maxDocuments: 10 });
    expect(gone).to.equal(0);
    expect(await s.connection.collection('album11').countDocuments()).to.equal(0);
  });

  it('the event of maxDocuments names the reason, up to it all is cleaned up', async () => {
    const store = recordingProvider('a', 'b', 'c');
    const Album = s.model('Album', { image: String }, { provider: store, maxDocuments: 2 });
    await Album.create([{ image: 'a' }, { image: 'b' }, { image: 'c' }]);
    await Album.updateMany({}, { image: 'd' });
    expect(s.events).to.have.length(1);
    expect(s.events[0]).to.include({
      outcome: 'kept',
      reason: 'too many',
      asset: null,
      operation: 'updateMany',
    });
    expect(s.log.join()).to.contain('sweep');
    expect(await Album.countDocuments({ image: 'd' })).to.equal(3);
    await Album.deleteOne();
    await Album.updateMany({}, { image: 'c' });
    await Album.deleteMany({});
    expect(store.gone()).to.deep.equal(['c']);
  });
});
