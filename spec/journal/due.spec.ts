import { expect } from 'chai';
import { Schema } from 'mongoose';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanupFor, imageCleanup, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import type { Intent } from '../../lib/journal/intent.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, startSession, uriOf, watchCommands } from '../support/database.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { describeWith, itWith } from '../support/versions.js';

const DAY = 86_400_000;

describeWith('updates by pipelines')('due intents', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  const definition = { image: String, title: String };
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', definition, { journal: true });
    await s.uploads.put('a.png', 'b.png');
    await Album.create({ image: 'a.png' });
  });
  afterEach(() => healCommands(s.connection));
  afterEach(closeTestApps);

  const intents = () => intentsOf(s.connection);
  const runDue = () => cleanupFor(s.connection).runDue();
  const pass = (ms: number) => letTimePass(s.connection, ms);

  /** An intent as a write notes it, whose process ended before or after the write itself. */
  async function note(values: readonly object[], about: Partial<Intent> = {}): Promise<void> {
    const ago = new Date(Date.now() - 600_000);
    const file = { provider: 'local', kind: 'local', key: s.uploads.path('a.png') };
    await s.connection.collection('imagecleanupintents').insertOne({
      model: 'Album',
      operation: 'updateOne',
      isDelete: false,
      graceMs: 0,
      tries: 0,
      writtenAt: ago,
      dueAt: ago,
      values: values.map((one) => ({
        value: 'a.png',
        field: 'image',
        documentIds: [],
        files: [file],
        ...one,
      })),
      ...about,
    });
  }

  it('killed after the write: the file is removed by whoever comes next, and the intent settled', async () => {
    await note([{}]);
    await Album.collection.updateOne({}, { $set: { image: 'b.png' } });
    expect(await runDue()).to.deep.equal({ delivered: 1, left: 0 });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
    expect(await intents()).to.deep.equal([]);
  });

  it('killed between intent and write: the file stays, and the intent is settled', async () => {
    await note([{}]);
    await runDue();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    expect(await s.uploads.has('a.png')).to.equal(true);
    expect(await intents()).to.deep.equal([]);
  });

  it('killed between removal and settlement: nothing is told, and the intent is settled', async () => {
    await note([{}]);
    await Album.deleteMany({});
    await cleanupFor(s.connection).idle();
    await s.outcomes();
    await runDue();
    expect(await s.outcomes()).to.deep.equal([]);
    expect(s.log.filter((line) => !/no index/.test(line))).to.deep.equal([]);
    expect(await intents()).to.deep.equal([]);
  });

  it('what is not due yet is left alone', async () => {
    await note([{}], { dueAt: new Date(Date.now() + 60_000) });
    await Album.collection.deleteMany({});
    expect(await runDue()).to.deep.equal({ delivered: 0, left: 0 });
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  it('two workers at once: each file is removed once, and nothing is told to be missing', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `${String(n)}.png`);
    await s.uploads.put(...names);
    await Album.deleteMany({});
    await s.outcomes();
    for (const name of names) {
      const files = [{ provider: 'local', kind: 'local', key: s.uploads.path(name) }];
      await note([{ value: name, files }]);
    }
    const other = await connect({}, uriOf(s.connection));
    const schema = new Schema(definition);
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: true });
    other.model('Album', schema);
    await Promise.all([runDue(), cleanupFor(other).runDue()]);
    expect(await s.outcomes()).to.deep.equal(names.map((name) => `removed ${name}`).sort());
    expect(await intents()).to.deep.equal([]);
  });

  it('storage down: tried again later, across restarts, and told when no more try follows', async () => {
    let isDown = true;
    const local = localProvider({ root: s.uploads.root });
    const provider = Object.create(local, {
      remove: {
        value: async (...args: Parameters<typeof local.remove>) => {
          if (!isDown) return local.remove(...args);
          return args[0].map(() => ({ outcome: 'failed', error: new Error('down'), retryable: true }));
        },
      },
    }) as typeof local;
    const Photo = s.model('Photo', definition, { journal: true, provider, retry: { attempts: 1 } });
    await Photo.create({ image: 'b.png' });
    await Photo.deleteMany({});
    await cleanupFor(s.connection).idle();
    const [waiting] = await intents();
    expect(waiting).to.include({ tries: 1 });
    expect(waiting!.values[0]).to.include({ error: 'down' });
    s.events.length = 0;
    await pass(120_000);
    await runDue();
    expect(s.events, 'another try follows').to.deep.equal([]);
    expect((await intents())[0]).to.include({ tries: 2 });
    isDown = false;
    await pass(600_000);
    await runDue();
    expect(await s.outcomes()).to.deep.equal(['removed b.png']);
    expect(await intents()).to.deep.equal([]);
  });

  it('a failure that does not pass stays as failed, with its cause', async () => {
    const local = localProvider({ root: s.uploads.root });
    const provider = Object.create(local, {
      remove: {
        value: (assets: unknown[]) =>
          Promise.resolve(
            assets.map(() => ({ outcome: 'failed', error: new Error('no right'), retryable: false })),
          ),
      },
    }) as typeof local;
    const Photo = s.model('Photo', definition, { journal: true, provider });
    await Photo.create({ image: 'b.png' });
    await Photo.deleteMany({});
    await cleanupFor(s.connection).idle();
    const [failed] = await intents();
    expect(failed).to.have.property('failedAt').that.is.a('date');
    expect(failed).to.not.have.property('dueAt');
    expect(failed!.values[0]).to.include({ value: 'b.png', error: 'no right' });
  });

  for (const [name, about, what] of [
    ['model', { model: 'Gone' }, /there is no model "Gone" with the plugin/],
    ['field', { values: [{ field: 'former' }] }, /tracks no field "former"/],
    ['provider', { values: [{ files: [{ provider: 's3', kind: 's3', key: 'x' }] }] }, /has no provider "s3"/],
  ] as const) {
    it(`a worker that lacks the ${name} leaves the intent, and says so once`, async () => {
      const { values = [{}], ...others } = about as { values?: readonly object[] };
      await note(values, others as object);
      await Album.collection.deleteMany({});
      expect(await cleanupFor(s.connection).runDue()).to.deep.equal({ delivered: 0, left: 1 });
      expect(s.log).to.have.length(1);
      expect(s.log[0]).to.match(what);
      expect(await intents()).to.have.length(1);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  }

  for (const [name, key] of Object.entries({
    'outside the root': '/etc/hostname',
    'with ..': '../outside.png',
    'of another file than the value': 'b.png',
  })) {
    it(`a key ${name} that somebody wrote into an intent removes nothing, and is listed as failed`, async () => {
      await writeFile(path.join(s.uploads.outside, 'outside.png'), 'x');
      await Album.collection.deleteMany({});
      await note([{ files: [{ provider: 'local', kind: 'local', key }] }]);
      await runDue();
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
      expect(existsSync(path.join(s.uploads.outside, 'outside.png'))).to.equal(true);
      expect((await intents())[0]).to.have.property('failedAt');
    });
  }

  it('of an intent with a value that means another file by now, only that value is listed as failed', async () => {
    await Album.collection.deleteMany({});
    const files = [{ provider: 'local', kind: 'local', key: s.uploads.path('b.png') }];
    await note([
      { files: [{ provider: 'local', kind: 'local', key: '/etc/hostname' }] },
      { value: 'b.png', files },
    ]);
    await runDue();
    expect(await s.outcomes()).to.deep.equal(['removed b.png']);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
    const [failed, ...others] = await intents();
    expect(failed!.values.map(({ value }) => value)).to.deep.equal(['a.png']);
    expect(others).to.deep.equal([]);
  });

  it('a file uploaded anew under the name meanwhile is kept as changed', async () => {
    await note([
      { files: [{ provider: 'local', kind: 'local', key: s.uploads.path('a.png'), fingerprint: 'another' }] },
    ]);
    await Album.collection.deleteMany({});
    await runDue();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  itWith('fail points')(
    'a journal that cannot be written: the write is done, and its files are kept',
    async () => {
      await failCommands(s.connection, { commands: ['createIndexes'], errorCode: 13 });
      await Album.updateOne({}, { image: 'b.png' });
      expect(await Album.countDocuments({ image: 'b.png' })).to.equal(1);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unjournalled)']);
      expect(await s.uploads.has('a.png')).to.equal(true);
    },
  );

  itWith('fail points')('journal: { required: true } refuses the write then', async () => {
    const Photo = s.model('Photo', definition, { journal: { required: true } });
    await Photo.create({ image: 'b.png' });
    await failCommands(s.connection, { commands: ['createIndexes'], errorCode: 13 });
    const refused = await Photo.deleteMany({}).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).to.be.an('error');
    await healCommands(s.connection);
    expect(await Photo.countDocuments()).to.equal(1);
  });

  it('an idle worker asks once', async () => {
    const commands = watchCommands(s.connection);
    await runDue();
    expect(commands.names()).to.deep.equal(['find']);
  });

  describe('of a grace period', () => {
    let Photo: AnyDocumentModel;
    beforeEach(async () => {
      Photo = s.model('Photo', definition, { journal: true, gracePeriod: '7d' });
      await Photo.create({ image: 'b.png' });
    });

    it('dropped, not reverted: removed on day 7, and not before', async () => {
      await Photo.updateOne({}, { image: null });
      await pass(6 * DAY);
      await runDue();
      expect(await s.uploads.has('b.png')).to.equal(true);
      await pass(DAY + 1000);
      await runDue();
      expect(await s.outcomes()).to.deep.equal(['removed b.png']);
      expect(await intents()).to.deep.equal([]);
    });

    it('dropped, reverted on day 3: kept on day 7', async () => {
      await Photo.updateOne({}, { image: null });
      await pass(3 * DAY);
      await Photo.updateOne({}, { image: 'b.png' });
      await pass(5 * DAY);
      await runDue();
      expect(await s.uploads.has('b.png')).to.equal(true);
      expect(await intents()).to.deep.equal([]);
    });

    it('dropped again: its time begins anew', async () => {
      await Photo.updateOne({}, { image: null });
      await pass(3 * DAY);
      await Photo.updateOne({}, { image: 'b.png' });
      await Photo.updateOne({}, { image: null });
      await pass(5 * DAY);
      await runDue();
      expect(await s.uploads.has('b.png')).to.equal(true);
      await pass(3 * DAY);
      await runDue();
      expect(await s.uploads.has('b.png')).to.equal(false);
    });

    describe('a value that could mean two files, one of them dropped again later', () => {
      const isStored = (...names: string[]): Promise<boolean[]> =>
        Promise.all(names.map((name) => s.uploads.has(name)));

      /** The first is due in the end, and the second is not. */
      async function dropOneAfterTheOther(): Promise<void> {
        await Photo.create({ image: 'c?1.png' }, { image: 'c' });
        await Photo.deleteOne({ image: 'c?1.png' });
        await pass(3 * DAY);
        await Photo.deleteOne({ image: 'c' });
        await pass(5 * DAY);
        await runDue();
      }

      it('both are stored: the value is told as ambiguous, not forgotten', async () => {
        await s.uploads.put('c', 'c?1.png');
        await Photo.create({ image: 'c?1.png' }, { image: 'c' });
        await Photo.deleteOne({ image: 'c?1.png' });
        await pass(1000);
        await Photo.deleteOne({ image: 'c' });
        await pass(8 * DAY);
        await runDue();
        expect(await s.outcomes()).to.have.members(['kept c?1.png (ambiguous)', 'removed c']);
        expect(await intents()).to.deep.equal([]);
      });

      it('the other is stored: it goes in its own time', async () => {
        await s.uploads.put('c?1.png');
        await dropOneAfterTheOther();
        expect(await isStored('c?1.png')).to.deep.equal([false]);
      });

      it('only that one is stored: it stays for its new time', async () => {
        await s.uploads.put('c');
        await dropOneAfterTheOther();
        expect(await isStored('c')).to.deep.equal([true]);
        await pass(3 * DAY);
        await runDue();
        expect(await isStored('c')).to.deep.equal([false]);
      });
    });

    it('imageCleanup: { gracePeriod: 0 }: removed at once, and an older intent settled', async () => {
      await Photo.updateOne({}, { image: null });
      await Photo.updateOne({}, { image: 'b.png' });
      await Photo.deleteOne({}, { imageCleanup: { gracePeriod: 0 } } as object);
      expect(await s.uploads.has('b.png')).to.equal(false);
      await cleanupFor(s.connection).idle();
      await eventually(async () => (await intents()).length === 0);
    });

    describe('shorter than a write can last', () => {
      beforeEach(async () => {
        Photo = s.model('Snap', definition, { journal: true, gracePeriod: '5s' });
        await s.uploads.put('c.png');
        await Photo.create({ image: 'c.png' });
      });
      const isThereAfter = async (ms: number): Promise<boolean> => {
        await pass(ms);
        await runDue();
        return s.uploads.has('c.png');
      };

      it('is over after that time', async () => {
        await Photo.deleteOne({ image: 'c.png' });
        expect(await isThereAfter(2000)).to.equal(true);
        expect(await isThereAfter(3000)).to.equal(false);
      });

      itWith('transactions')('is over after that time in a transaction, too', async () => {
        const session = await startSession(s.connection);
        await session.withTransaction(() => Photo.deleteOne({ image: 'c.png' }, { session }));
        expect(await isThereAfter(2000)).to.equal(true);
        expect(await isThereAfter(3000)).to.equal(false);
      });

      itWith('fail points')('of a write whose end nobody knows is over when that can be over', async () => {
        await failCommands(s.connection, { commands: ['delete'], times: 2, closeConnection: true });
        const error: unknown = await Photo.deleteOne({ image: 'c.png' }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(Error);
        const [{ writtenAt, dueAt }] = (await intents()) as [Intent];
        expect(dueAt!.getTime() - writtenAt.getTime()).to.equal(70_000);
      });
    });

    it('a sweep on day 2 leaves the file alone', async () => {
      await Photo.updateOne({}, { image: null });
      const report = await cleanupFor(s.connection).sweep({ remove: true, olderThan: 0 });
      expect(report.counts.removed).to.equal(0);
      expect(await s.uploads.has('b.png')).to.equal(true);
    });

    itWith('transactions')('in a transaction that is aborted nothing is noted', async () => {
      const session = await startSession(s.connection);
      session.startTransaction();
      await Photo.deleteMany({}, { session });
      await session.abortTransaction();
      expect(await intents()).to.deep.equal([]);
    });
  });

  describe('removeUnused with after', () => {
    it('a document saved within the time keeps the file; without one it goes', async () => {
      await s.uploads.put('new.png', 'lost.png');
      await cleanupFor(s.connection).removeUnused(['new.png', 'lost.png'], { after: '1h' });
      expect(await s.uploads.names()).to.include.members(['new.png', 'lost.png']);
      await Album.create({ image: 'new.png' });
      await pass(3_600_001);
      await runDue();
      expect(await s.outcomes()).to.deep.equal(['kept new.png (still used)', 'removed lost.png']);
    });

    it('a short time is not lengthened: no write is waited for', async () => {
      await s.uploads.put('lost.png');
      await cleanupFor(s.connection).removeUnused(['lost.png'], { after: '5s' });
      await pass(2000);
      await runDue();
      expect(await s.uploads.has('lost.png')).to.equal(true);
      await pass(3000);
      await runDue();
      expect(await s.uploads.has('lost.png')).to.equal(false);
    });
  });

  describe('bad input is a TypeError', () => {
    for (const [name, options] of Object.entries<object>({
      'a grace period without a journal': { gracePeriod: '7d' },
      'a grace period that is no time': { journal: true, gracePeriod: 'soon' },
      'a negative grace period': { journal: true, gracePeriod: -1 },
      'a journal that is a string': { journal: 'yes' },
      'an unknown option of the journal': { journal: { keep: '1d' } },
      'keepSettled that is no time': { journal: { keepSettled: 'long' } },
    })) {
      it(name, () => {
        expect(() => s.model('Bad', definition, options as ImageCleanupOptions)).to.throw(TypeError);
      });
    }

    it('a grace period of a call without a journal', async () => {
      const Plain = s.model('Plain', definition);
      await Plain.create({ image: 'b.png' });
      const refused = await Plain.deleteMany({}, { imageCleanup: { gracePeriod: '1d' } } as object).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).to.be.instanceOf(TypeError);
      expect(await Plain.countDocuments()).to.equal(1);
    });

    it('after without a journal', async () => {
      const Plain = s.model('Plain', definition);
      const refused = await cleanupFor(Plain)
        .removeUnused(['b.png'], { after: '1h' })
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      expect(refused).to.be.instanceOf(TypeError);
    });
  });
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
