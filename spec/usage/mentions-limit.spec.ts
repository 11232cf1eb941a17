import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { insertRaw, untyped } from '../support/usage.js';
import { hasHooks, itIf, needsOf } from '../support/versions.js';

const BASE = 'http://localhost:3000/uploads/';
const definition = { image: { type: String, index: true }, title: String };

/** Commands that tell the size of a collection. */
const SIZE = /^(count|aggregate|collStats|dbStats)$/;

describe('mentions and the size of a collection', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png');
  });
  afterEach(closeTestApps);

  async function modelOf(name: string, options: object, ...images: string[]): Promise<AnyDocumentModel> {
    const model = s.model(name, definition, untyped(options));
    await model.init();
    if (images.length > 0) await insertRaw(model, ...images.map((image) => ({ image })));
    return model;
  }

  const linesAboutLimit = (): string[] => s.log.filter((line) => line.includes('mentionsUpTo'));

  for (const [size, mentionsUpTo, expected] of [
    [2, 2, 'kept a.png (mentioned)'],
    [3, 2, 'removed a.png'],
    [1, 0, 'removed a.png'],
    [3, Infinity, 'kept a.png (mentioned)'],
  ] as const) {
    it(`of ${String(size)} documents, up to ${String(mentionsUpTo)}: ${expected}; nothing is logged of a limit that was set`, async () => {
      const options = { mentionsUpTo };
      const Album = await modelOf('Album', options, 'a.png');
      await modelOf('Page', options, ...[`${BASE}a.png`, 'x.png', 'y.png'].slice(0, size));
      await Album.deleteOne({ image: 'a.png' });
      expect(await s.outcomes()).to.deep.equal([expected]);
      expect(linesAboutLimit()).to.deep.equal([]);
    });
  }

  it('a form is found in a collection of any size', async () => {
    const Album = await modelOf('Album', { mentionsUpTo: 0 }, 'a.png', '/uploads//a.png');
    await Album.deleteOne({ image: 'a.png' });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
  });

  // the oracle met `f:158:.jpg`, which a page shows behind its base
  for (const name of ['photo:1.png', 'f:158:.jpg', 'f:1.png', 'f:in/a.png']) {
    it(`${name}, as another document stores it, begins like a scheme or a drive, and is in use above the limit`, async function () {
      if (process.platform === 'win32') this.skip();
      await s.uploads.put(name);
      const Album = await modelOf('Album', { mentionsUpTo: 0 }, s.uploads.path(name));
      await modelOf('Page', { mentionsUpTo: 0 }, name);
      await Album.deleteOne({});
      await s.outcomes();
      expect(await s.uploads.names()).to.include(name);
    });
  }

  it('above 10,000, where nothing was set, one line for a model says once what is not looked for', async () => {
    const Album = await modelOf('Album', {}, 'a.png', 'b.png', 'c.png');
    const many = Array.from({ length: 10_000 }, (_, n) => `x${String(n)}.png`);
    await modelOf('Page', {}, ...many, `${BASE}a.png`);
    for (const image of ['a.png', 'b.png', 'c.png']) await Album.deleteOne({ image });
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png', 'removed c.png']);
    expect(linesAboutLimit()).to.have.length(1);
    expect(linesAboutLimit()[0]).to.contain('Page');
  });

  it('the size of a collection is asked at most once a minute', async () => {
    const Album = await modelOf('Album', {}, 'a.png', 'b.png', 'c.png');
    await modelOf('Page', {}, ...['a.png', 'b.png', 'c.png'].map((name) => BASE + name));
    const commands = watchCommands(s.connection);
    for (const image of ['a.png', 'b.png', 'c.png']) await Album.deleteOne({ image });
    expect((await s.outcomes()).join()).to.match(/^(kept .\.png \(mentioned\),?){3}$/);
    // one for each of the two collections
    expect(commands.names().filter((name) => SIZE.test(name)).length).to.be.at.most(2);
  });

  describe('the documents that the write hit are read at any size', () => {
    for (const mentionsUpTo of [10_000, 1, 0]) {
      const writes: Record<string, (Album: AnyDocumentModel, id: unknown) => unknown> = {
        updateOne: (Album, _id) => Album.updateOne({ _id }, { image: `${BASE}a.png` }),
        findByIdAndUpdate: (Album, id) => Album.findByIdAndUpdate(id, { image: `${BASE}a.png` }),
        replaceOne: (Album, _id) => Album.replaceOne({ _id }, { image: `${BASE}a.png` }),
        save: async (Album, id) => (await Album.findById(id)).set({ image: `${BASE}a.png` }).save(),
        bulkSave: async (Album, id) =>
          Album.bulkSave([(await Album.findById(id)).set({ image: `${BASE}a.png` })]),
        bulkWrite: (Album, _id) =>
          Album.bulkWrite([{ updateOne: { filter: { _id }, update: { image: `${BASE}a.png` } } }]),
        'updateMany with a pipeline': (Album) =>
          Album.updateMany({}, [{ $set: { image: { $concat: [BASE, '$image'] } } }], {
            updatePipeline: true,
          }),
        'save in a transaction': (Album, id) =>
          s.connection.transaction(async (session) => {
            const album = await Album.findById(id).session(session);
            await album.set({ image: `${BASE}a.png` }).save({ session });
          }),
      };
      for (const [name, write] of Object.entries(writes)) {
        itIf(hasHooks(name), ...needsOf(name))(
          `${name} that turns a name into a URL of a host that is not listed, up to ${String(mentionsUpTo)}`,
          async () => {
            const Album = await modelOf('Album', { mentionsUpTo }, 'b.png', 'a.png');
            const { _id } = await Album.findOne({ image: 'a.png' }).lean();
            await write(Album, _id);
            expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png', 'c.png']);
            expect(await s.outcomes()).to.include('kept a.png (mentioned)');
          },
        );
      }
    }

    it('in one command with the question', async () => {
      const Album = await modelOf('Album', { mentionsUpTo: 1 }, 'warm-up.png', 'a.png', 'b.png');
      await Album.deleteOne({ image: 'warm-up.png' });
      await s.outcomes();
      const commands = watchCommands(s.connection);
      await Album.updateOne({ image: 'a.png' }, { image: `${BASE}a.png` });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (mentioned)']);
      expect(commands.names()).to.deep.equal(['find', 'update', 'find']);
    });

    it('another field of the same document mentions the file', async () => {
      const fields = ['image', 'notes'];
      const options = untyped({ fields, mentionsUpTo: 1 });
      const Album = s.model('Album', { image: String, notes: String }, options);
      await insertRaw(Album, { image: 'a.png', notes: `see ${BASE}a.png` }, { image: 'b.png' }, {});
      await Album.updateOne({ image: 'a.png' }, { image: 'c.png' });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (mentioned)']);
    });
  });

  describe('the values that the write stores are read at any size', () => {
    for (const [name, write] of Object.entries<(Album: AnyDocumentModel) => unknown>({
      'a document that the same bulkWrite inserts': (Album) =>
        Album.bulkWrite([
          { deleteOne: { filter: { image: 'a.png' } } },
          { insertOne: { document: { image: `${BASE}a.png` } } },
        ]),
      'an upsert of the same bulkWrite': (Album) =>
        Album.bulkWrite([
          { deleteOne: { filter: { image: 'a.png' } } },
          {
            updateOne: {
              filter: { title: 'new' },
              update: { $set: { image: `${BASE}a.png` } },
              upsert: true,
            },
          },
        ]),
      'a replacement that the same bulkWrite upserts': (Album) =>
        Album.bulkWrite([
          { deleteOne: { filter: { image: 'a.png' } } },
          {
            replaceOne: {
              filter: { title: 'new' },
              replacement: { title: 'new', image: `${BASE}a.png` },
              upsert: true,
            },
          },
        ]),
    })) {
      itIf(hasHooks(name))(`${name} keeps the file that it mentions`, async () => {
        const Album = await modelOf('Album', { mentionsUpTo: 1 }, 'a.png', 'b.png', 'c.png');
        await write(Album);
        expect(await s.outcomes()).to.deep.equal(['kept a.png (mentioned)']);
        expect(await s.uploads.has('a.png')).to.equal(true);
      });
    }
  });
});
