import { expect } from 'chai';
import fse from 'fs-extra';
import { Schema, type Connection } from 'mongoose';
import path from 'node:path';
import { cleanupFor, imageCleanup, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, uriOf } from '../support/database.js';
import type { Intent } from '../../lib/journal/intent.js';
import { Journal } from '../../lib/journal/journal.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { describeWith, itWith } from '../support/versions.js';

const HOUR = 3_600_000;
const INTENTS = 'imagecleanupintents';

describeWith('updates by pipelines')('the journal under attack', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  const definition = { image: String, title: String };
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', definition, { journal: true, gracePeriod: '1h' });
    await s.uploads.put('a.png', 'b.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
  });
  afterEach(closeTestApps);

  const intents = () => intentsOf(s.connection);
  const runDue = () => cleanupFor(s.connection).runDue();
  const pass = (ms: number) => letTimePass(s.connection, ms);
  const drop = (image: string) => Album.updateOne({ image }, { image: null });

  async function otherConnection(): Promise<Connection> {
    return connect({}, uriOf(s.connection));
  }
  function modelOn(connection: Connection, name: string, own: ImageCleanupOptions = {}, collection?: string) {
    const schema = new Schema(definition, collection === undefined ? {} : { collection });
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: true, ...own });
    return connection.model(name, schema) as AnyDocumentModel;
  }
  /** A later intent about the same key, which another provider has in its own storage. */
  async function noteElsewhere(key: string, about: object = {}): Promise<void> {
    const [first] = await intents();
    const files = [{ provider: 'other', kind: 'other', key }];
    await s.connection.collection(INTENTS).insertOne({
      ...first,
      _id: undefined,
      model: 'Elsewhere',
      writtenAt: new Date(Date.now() + 1000),
      values: [{ value: 'x', field: 'image', documentIds: [], files }],
      ...about,
    } as never);
  }

  describe('keys of several storages', () => {
    it('a later drop of the same key elsewhere does not settle the intent of this one', async () => {
      await drop('a.png');
      await noteElsewhere(s.uploads.path('a.png'), { dueAt: new Date(Date.now() + 5 * HOUR) });
      await pass(HOUR);
      await runDue();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    });

    it('an erasure forgets no intent about the same key elsewhere', async () => {
      await drop('b.png');
      const written = { writtenAt: new Date(Date.now() - HOUR) };
      await noteElsewhere(s.uploads.path('a.png'), written);
      await Album.deleteOne({ image: 'a.png' }, { imageCleanup: { gracePeriod: 0 } } as object);
      await cleanupFor(s.connection).idle();
      expect((await intents()).map(({ model }) => model)).to.have.members(['Elsewhere', 'Album']);
    });

    it('an erasure forgets no upload that is announced after it', async () => {
      const local = localProvider({ root: s.uploads.root });
      const provider = Object.create(local, {
        remove: {
          value: async (...args: Parameters<typeof local.remove>) => {
            await cleanupFor(s.connection).removeUnused(['c.png'], { after: '1h' });
            return local.remove(...args);
          },
        },
      }) as typeof local;
      const Photo = modelOn(s.connection, 'Photo', { provider, gracePeriod: '1h' });
      await s.uploads.put('c.png');
      await Photo.create({ image: 'c.png' });
      await Photo.deleteOne({}, { imageCleanup: { gracePeriod: 0 } } as object);
      await cleanupFor(s.connection).idle();
      await s.uploads.put('c.png');
      for (const _ of ['a new time, since it was repeated', 'its end']) {
        await pass(HOUR);
        await runDue();
      }
      expect(await s.uploads.has('c.png')).to.equal(false);
    });
  });

  describe('several connections', () => {
    it('of one process and one journal: each delivers the intents of its own models', async () => {
      const other = await otherConnection();
      const Photo = modelOn(other, 'Photo', { gracePeriod: '1h' });
      await s.uploads.put('c.png');
      await Photo.create({ image: 'c.png' });
      await Photo.deleteOne({});
      await drop('a.png');
      await pass(HOUR);
      const both = { connections: [s.connection, other] } as never;
      expect(await cleanupFor(both).runDue()).to.include({ delivered: 2 });
      expect(await s.uploads.names()).to.deep.equal(['b.png']);
    });

    it('a worker of few models leaves the intents of others to a worker of theirs at once', async () => {
      await drop('a.png');
      await pass(HOUR);
      const other = await otherConnection();
      modelOn(other, 'Photo');
      expect(await cleanupFor(other).runDue()).to.deep.equal({ delivered: 0, left: 1 });
      expect(await runDue()).to.deep.equal({ delivered: 1, left: 0 });
      expect(await s.uploads.has('a.png')).to.equal(false);
    });

    it('databases and models of the same names on several servers are all asked about an announced upload', async () => {
      const other = await otherConnection();
      const Twin = modelOn(other, 'Album', {}, 'twins');
      await s.uploads.put('c.png');
      const both = { connections: [s.connection, other] } as never;
      await cleanupFor(both).removeUnused(['c.png'], { after: '1h' });
      await Twin.create({ image: 'c.png' });
      await pass(HOUR);
      expect(await runDue(), 'one of them alone').to.deep.equal({ delivered: 0, left: 1 });
      await pass(HOUR);
      await cleanupFor(both).runDue();
      expect(await s.outcomes()).to.deep.equal(['kept c.png (still used)']);
      expect(await s.uploads.has('c.png')).to.equal(true);
    });
  });

  describe('a worker where the cleanup is off', () => {
    for (const [name, own] of Object.entries<ImageCleanupOptions>({
      enabled: { enabled: false },
      dryRun: { dryRun: true },
    })) {
      it(`by the option "${name}" leaves the intents to others`, async () => {
        await drop('a.png');
        await pass(HOUR);
        const other = await otherConnection();
        modelOn(other, 'Album', own);
        expect(await cleanupFor(other).runDue()).to.deep.equal({ delivered: 0, left: 1 });
        expect(s.log.join()).to.match(new RegExp(`the option "${name}" of "Album" is`));
        await pass(HOUR);
        await runDue();
        expect(await s.outcomes()).to.deep.equal(['removed a.png']);
      });
    }
  });

  describe('a tampered intent stays as failed, and does not stop others:', () => {
    const file = { provider: 'local', kind: 'local', key: '/etc/hostname' };
    const value = { value: 'a.png', field: 'image', documentIds: [], files: [file] };
    for (const [name, change] of Object.entries<object>({
      'no values': { values: null },
      'values that are none': { values: [null] },
      'no files': { values: [{ ...value, files: [] }] },
      'a key that is an operator': { values: [{ ...value, files: [{ ...file, key: { $gt: '' } }] }] },
      'ids that are a number': { values: [{ ...value, documentIds: 3 }] },
      'a field that is an object': { values: [{ ...value, field: {} }] },
      'a model that is an object': { model: { $ne: null } },
      'other models that are a number': { alsoAsking: 7 },
      'tries that are a text': { tries: 'many' },
      'no time': { writtenAt: 'yesterday' },
    })) {
      it(name, async () => {
        await drop('a.png');
        const [good] = await intents();
        await s.connection.collection(INTENTS).insertOne({ ...good, _id: undefined, ...change } as never);
        await drop('b.png');
        await s.connection.collection(INTENTS).updateMany({}, { $set: { dueAt: new Date(0) } });
        await runDue();
        expect(await s.uploads.names()).to.deep.equal([]);
        const [failed, ...more] = await intents();
        expect(more).to.deep.equal([]);
        expect(failed).to.have.property('failedAt').that.is.a('date');
        expect(failed).to.not.have.property('dueAt');
        expect(failed)
          .to.have.property('error')
          .that.matches(/somebody has changed the intent/);
      });
    }
  });

  it('a journal in the collection of a model is a TypeError at the first write, and touches no document', async () => {
    const Photo = modelOn(s.connection, 'Photo', { journal: { collection: 'photos' } });
    await Photo.collection.insertOne({ image: 'b.png', dueAt: new Date(0), values: [] });
    for (const act of [() => Photo.deleteMany({}), runDue]) {
      const refused = await act().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).to.be.instanceOf(TypeError);
    }
    expect(await Photo.countDocuments({ claim: null })).to.equal(1);
  });

  it('ids of documents fill intents: none of them grows with the number of documents', async () => {
    const images = Array.from({ length: 5 }, (_, n) => `many-${String(n)}.png`);
    await Album.collection.insertMany(
      images.flatMap((image) => Array.from({ length: 500 }, () => ({ image }))) as never,
    );
    await Album.deleteMany({ image: /^many/ });
    const sizes = (await intents()).map(({ values }) => values.length);
    expect(sizes).to.deep.equal([4, 1]);
  });

  itWith('fail points')(
    'an intent is not due before its write can be over: the time-out and the longest transaction',
    async () => {
      const Photo = modelOn(s.connection, 'Photo', { timeoutMs: 5000 });
      await Photo.collection.insertOne({ image: 'a.png' });
      await failCommands(s.connection, { commands: ['delete'], after: 0, closeConnection: true });
      await Photo.updateOne({}, { image: null });
      await cleanupFor(s.connection).idle();
      await healCommands(s.connection);
      const [{ writtenAt, dueAt }] = (await intents()) as [Intent];
      expect(dueAt!.getTime() - writtenAt.getTime()).to.equal(65_000);
    },
  );

  it('what a worker has taken is not due for others, and is so again after its lease', async () => {
    await drop('a.png');
    await pass(HOUR);
    const journal = new Journal(s.connection, { collection: INTENTS, keepSettledMs: 0, isRequired: false });
    const claim = (worker: string) => journal.claim(worker, { limit: 16, leaseMs: 60_000, machines: [] });
    expect(await claim('one')).to.have.length(1);
    expect(await claim('two')).to.have.length(0);
    await pass(60_000);
    expect(await claim('two')).to.have.length(1);
  });

  itWith('fail points')(
    'a write that was interrupted without a repetition leaves its intent to a worker',
    async () => {
      const once = await connect({ retryWrites: false }, uriOf(s.connection));
      const Photo = modelOn(once, 'Photo');
      await Photo.collection.insertOne({ image: 'a.png' });
      await failCommands(once, { commands: ['delete'], errorCode: 11601 });
      await Photo.deleteOne({ image: 'a.png' }).catch(() => undefined);
      await cleanupFor(once).idle();
      await healCommands(once);
      expect(await intents()).to.have.length(1);
      // the server had done it
      await Photo.collection.deleteMany({});
      await Album.collection.deleteMany({});
      await pass(HOUR);
      await cleanupFor(once).runDue();
      expect(await s.uploads.has('a.png')).to.equal(false);
    },
  );

  it('a value that means no file is told at a write with a grace period, as at any other', async () => {
    await Album.collection.insertOne({ image: 'https://elsewhere.example/picture', title: 'far' });
    await Album.deleteOne({ title: 'far' });
    expect(await s.outcomes()).to.deep.equal(['kept https://elsewhere.example/picture (not ours)']);
    expect(await intents()).to.deep.equal([]);
  });

  it('a sweep leaves a file alone that came into the journal after the sweep had read it', async () => {
    const own = await testApp();
    const local = localProvider({ root: own.uploads.root });
    const announced = { isDone: false };
    const provider = Object.create(local, {
      find: {
        value: async (...args: Parameters<NonNullable<typeof local.find>>) => {
          if (!announced.isDone) await cleanupFor(own.connection).removeUnused(['new.png'], { after: '1h' });
          announced.isDone = true;
          return local.find!(...args);
        },
      },
    }) as typeof local;
    const Swept = own.model('Swept', definition, { provider, journal: true });
    await own.uploads.put('new.png', 'used.png');
    await Swept.create({ image: 'used.png' });
    const report = await cleanupFor(Swept).sweep({ remove: true, olderThan: 0 });
    expect(report.counts).to.include({ removed: 0, kept: 1 });
    expect(await own.uploads.has('new.png')).to.equal(true);
  });

  describe('announced uploads', () => {
    const announce = (...values: string[]) => cleanupFor(s.connection).removeUnused(values, { after: '1h' });

    it('repeated under its name after its announcement: it has its whole time, and goes then', async () => {
      await s.uploads.put('c.png');
      await announce('c.png');
      await fse.remove(s.uploads.path('c.png'));
      await s.uploads.put('c.png');
      await pass(HOUR);
      await runDue();
      expect(await s.uploads.has('c.png'), 'a new time').to.equal(true);
      await pass(HOUR);
      await runDue();
      expect(await s.outcomes()).to.deep.equal(['removed c.png']);
      expect(await intents()).to.deep.equal([]);
    });

    it('repeated, and used by then: kept', async () => {
      await s.uploads.put('c.png');
      await announce('c.png');
      await fse.remove(s.uploads.path('c.png'));
      await s.uploads.put('c.png');
      await Album.create({ image: 'c.png' });
      await pass(HOUR);
      await runDue();
      await pass(HOUR);
      await runDue();
      expect(await s.outcomes()).to.deep.equal(['kept c.png (still used)']);
      expect(await intents()).to.deep.equal([]);
    });

    describe('of a value that could mean two files', () => {
      const stored = async (...names: string[]): Promise<void> => {
        const roots = ['one', 'two'].map((name) => path.join(s.uploads.root, name));
        const provider = roots.map((root) => localProvider({ root }));
        modelOn(s.connection, 'Photo', { provider });
        await s.uploads.put('one/x.png', 'two/x.png');
        for (const name of ['one/x.png', 'two/x.png'].filter((one) => !names.includes(one)))
          await fse.remove(s.uploads.path(name));
        await cleanupFor(s.connection.model('Photo')).removeUnused(['x.png'], { after: '1h' });
        await pass(HOUR);
        await runDue();
      };
      const left = async () => (await s.uploads.names()).filter((name) => name.endsWith('x.png'));

      it('both stored: none goes', async () => {
        await stored('one/x.png', 'two/x.png');
        expect(await left()).to.deep.equal(['one/x.png', 'two/x.png']);
        expect(await intents()).to.deep.equal([]);
      });

      it('the second one stored: it goes', async () => {
        await stored('two/x.png');
        expect(await left()).to.deep.equal([]);
        expect(await intents()).to.deep.equal([]);
      });
    });
  });
});
