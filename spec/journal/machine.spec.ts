import { expect } from 'chai';
import { Schema, type Connection } from 'mongoose';
import {
  cleanupFor,
  imageCleanup,
  localProvider,
  type ImageCleanupOptions,
  type StorageProvider,
} from '../../lib/index.js';
import { connect, uriOf, watchCommands } from '../support/database.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { recordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

const DAY = 86_400_000;

/** A process on a machine with a disk of its own. */
interface Process {
  readonly connection: Connection;
  readonly Album: AnyDocumentModel;
  readonly log: string[];
}

describeWith('updates by pipelines')('disks that machines do not share', () => {
  let s: TestApp;
  let cloud: RecordingProvider;
  /** Has the files. */
  let web1: Process;
  /** Has a folder of the same path with nothing in it. */
  let web2: Process;
  beforeEach(async () => {
    s = await testApp();
    cloud = recordingProvider('logo');
    await s.uploads.put('a.png', 'b.png');
    web1 = await processOn('web-1', localProvider({ root: s.uploads.root, machine: 'web-1' }));
    web2 = await processOn('web-2', emptyDisk('web-2'));
    await web1.Album.create({ image: 'a.png' });
  });
  afterEach(closeTestApps);

  async function processOn(
    machine: string,
    provider: StorageProvider,
    options: ImageCleanupOptions = {},
  ): Promise<Process> {
    const connection = await connect({ appName: machine }, uriOf(s.connection));
    const log: string[] = [];
    const note = (message: string): unknown => log.push(message);
    const schema = new Schema({ image: { type: String, index: true }, logo: { type: String, index: true } });
    schema.plugin(imageCleanup, {
      fields: ['image', { path: 'logo', provider: cloud }],
      provider,
      journal: true,
      gracePeriod: '7d',
      onEvent: ({ outcome, value, reason = '' }) => log.push(`${outcome} ${String(value)} ${reason}`.trim()),
      logger: { warn: note, error: note },
      ...options,
    });
    return { connection, Album: connection.model('Album', schema) as AnyDocumentModel, log };
  }

  function emptyDisk(machine: string): StorageProvider {
    return Object.create(localProvider({ root: s.uploads.root, machine }), {
      fingerprint: { value: () => Promise.resolve(null) },
      remove: {
        value: (assets: unknown[]) => Promise.resolve(assets.map(() => ({ outcome: 'missing' }))),
      },
    }) as StorageProvider;
  }

  const intents = () => intentsOf(s.connection);
  const runDue = ({ connection }: Process) => cleanupFor(connection).runDue();
  const pass = (ms: number) => letTimePass(s.connection, ms);
  const idle = ({ connection }: Process) => cleanupFor(connection).idle();

  it('an intent is left to the machine that noted it: no try, no claim, no message elsewhere', async () => {
    await web1.Album.deleteMany({});
    await pass(8 * DAY);
    const [noted] = await intents();
    expect(noted).to.include({ machine: 'web-1' });
    expect(await runDue(web2)).to.deep.equal({ delivered: 0, left: 0 });
    expect(web2.log).to.deep.equal([]);
    expect(await intents()).to.deep.equal([noted]);
    expect(await s.uploads.has('a.png')).to.equal(true);
    expect(await runDue(web1)).to.deep.equal({ delivered: 1, left: 0 });
    expect(web1.log).to.deep.equal(['removed a.png']);
    expect(await intents()).to.deep.equal([]);
  });

  it('those of other machines, however many and old, are never read on the way to its own', async () => {
    await web1.Album.deleteMany({});
    const [one] = await intents();
    const many = Array.from({ length: 200 }, () => {
      const { _id, ...facts } = one!;
      return { ...facts, dueAt: new Date(Date.now() - 30 * DAY) };
    });
    await s.connection.collection('imagecleanupintents').insertMany(many);
    await web2.Album.create({ image: 'c.png' });
    await web2.Album.deleteMany({});
    await pass(8 * DAY);
    const commands = watchCommands(web2.connection);
    expect(await runDue(web2)).to.deep.equal({ delivered: 1, left: 0 });
    const asked = commands.of('find').filter(({ sort }) => sort !== undefined);
    expect(asked.length, 'looks until nothing is due').to.equal(2);
    expect((await intents()).length).to.equal(201);
    const due = (await s.connection.collection('imagecleanupintents').indexes()).find(
      ({ name }) => name === 'dueOfMachine',
    );
    expect(due!.key).to.deep.equal({ machine: 1, dueAt: 1 });
  });

  it('without a machine it is as ever: any process delivers it, and leaves what belongs to a machine', async () => {
    const plain = await processOn('none', localProvider({ root: s.uploads.root }));
    await plain.Album.create({ image: 'b.png' });
    await plain.Album.deleteOne({ image: 'b.png' });
    expect((await intents())[0]).to.not.have.property('machine');
    await web1.Album.deleteMany({});
    await pass(8 * DAY);
    expect(await runDue(plain)).to.deep.equal({ delivered: 1, left: 0 });
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
    await plain.Album.create({ image: 'b.png' });
    await plain.Album.deleteOne({ image: 'b.png' });
    await pass(8 * DAY);
    expect(await runDue(web2), 'one of no machine, by a machine').to.deep.equal({ delivered: 1, left: 0 });
  });

  it('a write that drops files of a disk and of a storage of all notes them apart', async () => {
    await web1.Album.updateOne({}, { logo: 'logo' });
    await web1.Album.deleteMany({});
    expect(
      (await intents()).map(({ machine, values }) => [machine, values.map(({ value }) => value)]),
    ).to.have.deep.members([
      ['web-1', ['a.png']],
      [undefined, ['logo']],
    ]);
    await pass(8 * DAY);
    expect(await runDue(web2)).to.deep.equal({ delivered: 1, left: 0 });
    expect(cloud.gone()).to.deep.equal(['logo']);
    expect(await s.uploads.has('a.png')).to.equal(true);
    await runDue(web1);
    expect(await s.uploads.has('a.png')).to.equal(false);
  });

  it('a process whose model has no disk of the machine leaves the intent, and says so once', async () => {
    await web1.Album.deleteMany({});
    await pass(8 * DAY);
    const plain = await processOn('none', localProvider({ root: s.uploads.root }));
    const other = new Schema({ image: String });
    other.plugin(imageCleanup, {
      fields: ['image'],
      provider: localProvider({ root: s.uploads.root, machine: 'web-1' }),
      journal: true,
    });
    plain.connection.model('Other', other);
    expect(await runDue(plain)).to.deep.equal({ delivered: 0, left: 1 });
    expect(plain.log).to.have.length(1);
    expect(plain.log[0]).to.include('"Album" has no provider "local" of the machine "web-1"');
    expect((await intents())[0]).to.include({ tries: 0 });
  });

  it('a document that any machine has stored keeps the file', async () => {
    await web1.Album.deleteMany({});
    await web2.Album.create({ image: '/uploads/a.png' });
    await pass(8 * DAY);
    await runDue(web1);
    expect(web1.log).to.deep.equal(['kept a.png still used']);
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  it('an erasure settles the older intents of its own machine only', async () => {
    await web1.Album.updateOne({}, { image: null });
    await web1.Album.updateOne({}, { image: 'a.png' });
    const onWeb2 = await processOn('web-2', removing('web-2'));
    await onWeb2.Album.deleteMany({}, { imageCleanup: { gracePeriod: 0 } } as object);
    await idle(onWeb2);
    expect(onWeb2.log).to.deep.equal(['removed a.png']);
    expect((await intents()).map(({ machine }) => machine)).to.deep.equal(['web-1']);
    await web1.Album.create({ image: 'a.png' });
    await web1.Album.deleteMany({}, { imageCleanup: { gracePeriod: 0 } } as object);
    await idle(web1);
    expect(await s.uploads.has('a.png')).to.equal(false);
    expect(await intents()).to.deep.equal([]);
  });

  function removing(machine: string): StorageProvider {
    return Object.create(emptyDisk(machine), {
      remove: {
        value: (assets: unknown[]) => Promise.resolve(assets.map(() => ({ outcome: 'removed' }))),
      },
    }) as StorageProvider;
  }

  it('dropped again by another machine: the file stays, since its time has begun anew', async () => {
    await web1.Album.updateOne({}, { image: null });
    await pass(3 * DAY);
    await web1.Album.updateOne({}, { image: 'a.png' });
    await web2.Album.updateOne({}, { image: null });
    await pass(5 * DAY);
    await runDue(web1);
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  it('a sweep leaves files alone that wait in the journal, whichever machine noted them', async () => {
    await web2.Album.updateOne({}, { image: null });
    expect((await intents())[0]).to.include({ machine: 'web-2' });
    // all the processes of this spec have one Mongoose, whose models a sweep wants to read
    web2.connection.deleteModel(/^/);
    await s.uploads.put('orphan.png');
    const report = await cleanupFor(web1.connection).sweep({
      remove: true,
      olderThan: 0,
      maxShare: 1,
      allow: ['no-references'],
    });
    expect(report.status, JSON.stringify(report.refusals)).to.equal('removed');
    expect(await s.uploads.names(), 'b.png was an orphan as well').to.deep.equal(['a.png']);
    expect(report.counts).to.include({ listed: 3, removed: 2, orphans: 2 });
  });

  it('what failed for good keeps its machine', async () => {
    const broken = Object.create(emptyDisk('web-2'), {
      remove: {
        value: (assets: unknown[]) =>
          Promise.resolve(
            assets.map(() => ({ outcome: 'failed', error: new Error('no right'), retryable: false })),
          ),
      },
    }) as StorageProvider;
    const onWeb2 = await processOn('web-2', broken, { gracePeriod: 0 });
    await onWeb2.Album.deleteMany({});
    await idle(onWeb2);
    expect((await intents())[0])
      .to.include({ machine: 'web-2' })
      .and.have.property('failedAt');
  });
});
