import { expect } from 'chai';
import { cleanupFor, localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { startSession, watchCommands } from '../support/database.js';
import { intentsOf } from '../support/journal.js';
import { describeWith, hasHooks, itIf, itWith } from '../support/versions.js';

describeWith('updates by pipelines')('the journal', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String, title: String }, { journal: true });
    await s.uploads.put('a.png', 'b.png');
    await Album.create({ image: 'a.png' });
  });
  afterEach(closeTestApps);

  const intents = () => intentsOf(s.connection);
  const idle = () => cleanupFor(s.connection).idle();
  describe('of a write that drops a file', () => {
    it('has the file before the write, and nothing any more after its removal', async () => {
      let before: unknown[] = [];
      const provider = localProvider({ root: s.uploads.root });
      const Watched = s.model(
        'Watched',
        { image: String },
        {
          journal: true,
          provider: {
            ...wrapped(provider),
            async remove(assets, options) {
              before = await intents();
              return provider.remove(assets, options);
            },
          },
        },
      );
      await Watched.create({ image: 'b.png' });
      await Watched.updateOne({}, { image: null });
      expect(before).to.have.length(1);
      await idle();
      expect(await s.outcomes()).to.deep.equal(['removed b.png']);
      expect(await intents()).to.deep.equal([]);
    });

    for (const [name, write] of Object.entries<(A: AnyDocumentModel) => Promise<unknown>>({
      updateOne: (A) => A.updateOne({}, { image: 'b.png' }),
      updateMany: (A) => A.updateMany({}, { $unset: { image: 1 } }),
      replaceOne: (A) => A.replaceOne({}, { title: 'x' }),
      findOneAndUpdate: (A) => A.findOneAndUpdate({}, { image: 'b.png' }),
      findOneAndDelete: (A) => A.findOneAndDelete({}),
      deleteOne: (A) => A.deleteOne({}),
      deleteMany: (A) => A.deleteMany({}),
      bulkWrite: (A) => A.bulkWrite([{ deleteMany: { filter: {} } }]),
      save: async (A) => {
        const album = (await A.findOne()) as { set(v: object): void; save(): Promise<unknown> };
        album.set({ image: null });
        await album.save();
      },
    })) {
      itIf(hasHooks(name))(`${name}: the file goes, and the intent is settled`, async () => {
        await write(Album);
        await idle();
        expect(await s.uploads.has('a.png')).to.equal(false);
        expect(await intents()).to.deep.equal([]);
      });
    }

    it('costs one command before the write and one after it; a write that drops nothing costs none', async () => {
      await Album.updateOne({}, { image: 'b.png' });
      await idle();
      const commands = watchCommands(s.connection);
      await Album.updateOne({}, { title: 'new' });
      expect(commands.names()).to.deep.equal(['update']);
      commands.forget();
      await Album.updateOne({}, { image: null });
      await idle();
      const asked = commands.names().filter((name) => name !== 'aggregate' && name !== 'count');
      expect(asked).to.deep.equal(['find', 'update', 'update', 'find', 'delete']);
    });

    it('a write that is refused, or changes nothing, leaves no intent', async () => {
      const Strict = s.model(
        'Strict',
        { image: String, code: { type: Number, unique: true } },
        { journal: true },
      );
      await Strict.init();
      await Strict.create([
        { image: 'a.png', code: 1 },
        { image: 'b.png', code: 2 },
      ]);
      await Strict.updateOne({ code: 1 }, { code: 2, image: null }).catch(() => undefined);
      await Strict.updateOne({ code: 1 }, { image: 'a.png' });
      await idle();
      expect(await intents()).to.deep.equal([]);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
    });

    itWith('transactions')('an aborted transaction leaves no intent, a committed one settles', async () => {
      const session = await startSession(s.connection);
      session.startTransaction();
      await Album.deleteMany({}, { session });
      await session.abortTransaction();
      expect(await intents()).to.deep.equal([]);
      await session.withTransaction(() => Album.deleteMany({}, { session }));
      await idle();
      expect(await intents()).to.deep.equal([]);
      expect(await s.uploads.has('a.png')).to.equal(false);
    });
  });
});

/** A provider whose methods can be overridden by spreading. */
function wrapped<T extends object>(provider: T): T {
  return new Proxy(provider, {
    ownKeys: () => [...new Set(protoKeys(provider))],
    getOwnPropertyDescriptor: (target, key) => ({
      configurable: true,
      enumerable: true,
      value: bound(target, key),
    }),
  });
}

function protoKeys(one: object | null): (string | symbol)[] {
  if (!one || one === Object.prototype) return [];
  return [...Reflect.ownKeys(one), ...protoKeys(Object.getPrototypeOf(one) as object | null)];
}

function bound(target: object, key: string | symbol): unknown {
  const value = Reflect.get(target, key) as unknown;
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
}
