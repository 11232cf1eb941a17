import { expect } from 'chai';
import mongoose from 'mongoose';
import { main } from '../../lib/cli/main.js';
import { cleanupFor } from '../../lib/index.js';
import { endOf, InstalledCommand, type Ended } from '../support/command.js';
import { uriOf } from '../support/database.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

const DAY = 86_400_000;
const ID = '65f0c0ffee0123456789abcd';

describeWith('updates by pipelines')('the commands work and journal', function () {
  // each spec starts processes of its own
  this.timeout(120_000);
  let command: InstalledCommand;
  let s: TestApp;
  let Album: AnyDocumentModel;
  let uri: string;
  before(async function () {
    this.timeout(120_000);
    command = await InstalledCommand.create();
  });
  after(() => command.destroy());
  const journal = { keepSettled: '90d' };
  beforeEach(async () => {
    s = await testApp();
    const definition = { _id: mongoose.Schema.Types.Mixed, image: { type: String, index: true } };
    Album = s.model('Album', definition, { journal, gracePeriod: '7d' });
    uri = uriOf(s.connection);
    await s.uploads.put('a.png', 'b.png', 'c.png');
    await command.installed.write({ 'models.cjs': modelsFile(''), 'unnoted.cjs': modelsFile('', 'false') });
  });
  afterEach(closeTestApps);

  const modelsFile = (more: string, noted = JSON.stringify(journal)): string => `
    const mongoose = require('mongoose');
    const { imageCleanup, localProvider } = require('mongoose-image-cleanup');
    const local = localProvider({ root: ${JSON.stringify(s.uploads.root)} });
    const provider = { ...local, get storage() { return local.storage; } };
    const schema = new mongoose.Schema({ _id: mongoose.Schema.Types.Mixed, image: { type: String, index: true } });
    ${more}
    schema.plugin(imageCleanup, { fields: ['image'], provider, journal: ${noted}, retry: { attempts: 1 } });
    exports.Album = mongoose.model('Album', schema);`;

  const usual = (): string[] => ['--models', 'models.cjs', '--uri', uri];
  const work = (...args: string[]): Promise<Ended> => command.run('work', ...usual(), ...args);
  const list = (...args: string[]): Promise<Ended> => command.run('journal', ...usual(), ...args);
  /** Resolves when the command has written something. */
  const written = (stream: NodeJS.ReadableStream, what: RegExp): Promise<void> =>
    new Promise((resolve) => {
      let text = '';
      stream.on('data', (more: Buffer | string) => {
        if (what.test((text += String(more)))) resolve();
      });
    });

  /** Drops the image of a document, whose time is over then. */
  async function drop(image: string, id: unknown = ID): Promise<void> {
    await Album.create({ _id: id, image });
    await Album.deleteOne({ _id: id });
    await cleanupFor(s.connection).idle();
    await letTimePass(s.connection, 8 * DAY);
  }

  describe('work', () => {
    it('--once removes what is due, tells it, and ends with 0', async () => {
      await drop('a.png');
      await Album.create({ _id: 2, image: 'b.png' });
      await drop('b.png', 3);
      const { code, out, err } = await work('--once');
      expect(out).to.include(`removed  a.png  (Album ${ID} image)\n`);
      expect(out).to.include('kept     b.png  (Album 3 image: still used)\n');
      expect(out).to.match(/Delivered 2 intents \(.*\)\.\n$/);
      expect(err).to.equal('');
      expect(code).to.equal(0);
      expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png']);
      const again = await work('--once', '--quiet');
      expect(again.out).to.match(/^Delivered 0 intents \(.*\)\.\n$/);
      expect(again.code).to.equal(0);
    });

    it('--once ends with 1 where it lacks a model, and says which', async () => {
      await drop('a.png');
      await s.connection.collection('imagecleanupintents').updateMany({}, { $set: { model: 'Elsewhere' } });
      const { code, out, err } = await work('--once');
      expect(out).to.match(/Delivered 0 intents, left 1 intent to other processes \(.*\)\.\n$/);
      expect(err).to.include('there is no model "Elsewhere" with the plugin');
      expect(code).to.equal(1);
    });

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`works until ${signal}, and ends what it is at first`, async () => {
        await command.installed.write({
          'slow.cjs': modelsFile(`
            const { remove } = provider;
            provider.remove = async (...args) => {
              process.stderr.write('at work\\n');
              await new Promise((resolve) => process.once('${signal}', () => setImmediate(resolve)));
              return remove(...args);
            };`),
        });
        await drop('a.png');
        const child = command.start('work', '--models', 'slow.cjs', '--uri', uri, '--every', '100ms');
        const end = endOf(child);
        await written(child.stderr!, /at work/);
        child.kill(signal);
        const { code, out, err } = await end;
        expect(err).to.include('Looking for due intents of Album every 100ms; press Ctrl-C to stop.\n');
        expect(err).to.include('Stopping after the current files');
        expect(out)
          .to.include('removed  a.png')
          .and.to.match(/Delivered 1 intent \(.*\)\.\n$/);
        expect(code).to.equal(0);
        expect(await s.uploads.has('a.png')).to.equal(false);
        expect((await intentsOf(s.connection)).map(({ settledAt }) => settledAt)).to.not.include(undefined);
      });
    }

    it('looks again and again, and takes what became due meanwhile', async () => {
      await drop('a.png');
      const child = command.start('work', ...usual(), '--every', '100ms', '--json');
      const end = endOf(child);
      await written(child.stdout!, /"look"/);
      const second = written(child.stdout!, /b\.png/);
      await drop('b.png');
      await second;
      child.kill('SIGTERM');
      const { code, out, err } = await end;
      const told = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(told.filter(({ type }) => type === 'file')).to.deep.equal(
        ['a.png', 'b.png'].map((value) => ({
          type: 'file',
          outcome: 'removed',
          model: 'Album',
          documentId: ID,
          field: 'image',
          value,
          reason: null,
          error: null,
        })),
      );
      expect(told[0]).to.deep.equal({ type: 'started', models: ['Album'], every: '100ms' });
      expect(told.at(-1)).to.include({ type: 'report', delivered: 2, left: 0 });
      expect(err).to.equal('Stopping after the current files; press Ctrl-C again to stop at once.\n');
      expect(code).to.equal(0);
    });
  });

  describe('journal', () => {
    it('lists what waits, with due time, model, document, field, value, provider', async () => {
      await Album.create({ _id: ID, image: 'a.png' });
      await Album.deleteMany({});
      const [intent] = await intentsOf(s.connection);
      const { code, out, err } = await list();
      expect(out).to.equal(
        `waiting  ${intent!.dueAt!.toISOString()}  Album ${ID} image: a.png  (local; intent ${String(intent!._id)})\n` +
          '1 file open, 0 failed, 0 settled.\n',
      );
      expect(err).to.equal('');
      expect(code).to.equal(0);
      expect((await list('--quiet')).out).to.equal('1 file open, 0 failed, 0 settled.\n');
    });

    it('--document proves an erasure: 0 when each file has its outcome, else 1', async () => {
      await Album.create({ _id: new mongoose.Types.ObjectId(ID), image: 'a.png' });
      await Album.deleteMany({});
      const before = await list('--document', ID);
      expect(before.out).to.match(new RegExp(`^waiting .* Album ${ID} image: a.png`));
      expect(before.code).to.equal(1);
      await letTimePass(s.connection, 8 * DAY);
      await cleanupFor(s.connection).runDue();
      const [settled] = await intentsOf(s.connection);
      const { code, out } = await list('--document', ID.toUpperCase());
      expect(out).to.equal(
        `removed  ${settled!.settledAt!.toISOString()}  Album ${ID} image: a.png  (local; intent ${String(settled!._id)})\n` +
          '0 files open, 0 failed, 1 settled.\n',
      );
      expect(code).to.equal(0);
      const other = await list('--document', '65f0c0ffee0123456789abce');
      expect(other.out).to.match(/^The journal has no file of this document: .*keepSettled/);
      expect(other.code).to.equal(1);
    });

    it('--failed lists errors, --retry makes them due again: by document, by intent, all', async () => {
      await command.installed.write({
        'broken.cjs': modelsFile(
          `provider.remove = async (assets) =>
             assets.map(() => ({ outcome: 'failed', error: new Error('no right at https://me:TOPSECRET@host/x?X-Amz-Signature=TOPSECRET'), retryable: false }));`,
        ),
      });
      await drop('a.png', 'one');
      await drop('b.png', 'two');
      await drop('c.png', 'three');
      const broken = await command.run('work', '--models', 'broken.cjs', '--uri', uri, '--once');
      expect(broken.out).to.match(/failed {3}a.png {2}\(Album one image: no right at /);
      expect(broken.out).to.not.include('TOPSECRET');
      expect(broken.code).to.equal(0);
      const failed = await list('--failed');
      expect(failed.out.match(/^failed .*/gm)).to.have.length(3);
      expect(failed.out).to.match(
        /Album one image: a\.png {2}\(local, 1 try|Album one image: a\.png {2}\(local, no right/,
      );
      expect(failed.out).to.include('no right at https://***@host/x?X-Amz-Signature=***');
      expect(failed.out).to.include('0 files open, 3 failed, 0 settled. --retry makes them due again.');
      expect(failed.out).to.not.include('TOPSECRET');
      expect(failed.code).to.equal(1);
      expect((await list()).code, 'failed ones are no news to hide').to.equal(1);
      const [, two] = await intentsOf(s.connection);
      const byDocument = await list('--retry', '--document', 'one');
      expect(byDocument.out).to.equal('1 failed intent made due again; 1 file open, 0 failed, 0 settled.\n');
      expect(byDocument.code).to.equal(0);
      const id = String(two!._id);
      expect((await list('--intent', id)).out)
        .to.include(`Album two image: b.png`)
        .and.to.include(`intent ${id}`);
      expect((await list('--retry', '--intent', id)).out).to.match(/^1 failed intent made due again/);
      expect((await list('--retry', '--json')).out).to.equal(
        '{"counts":{"open":3,"failed":0,"settled":0},"files":[],"more":0,"retried":1}\n',
      );
      expect((await work('--once')).out).to.match(/Delivered 3 intents/);
      expect(await s.uploads.names()).to.deep.equal([]);
    });

    it('--json: one object of stable shape', async () => {
      await drop('a.png');
      await work('--once');
      await Album.create({ _id: 7, image: 'b.png' });
      await Album.deleteMany({});
      const { code, out, err } = await list('--json', '--document', '7');
      const [, waiting] = await intentsOf(s.connection);
      expect(JSON.parse(out)).to.deep.equal({
        counts: { open: 1, failed: 0, settled: 0 },
        files: [
          {
            intentId: String(waiting!._id),
            state: 'waiting',
            database: s.connection.name,
            model: 'Album',
            operation: 'deleteMany',
            field: 'image',
            providers: ['local'],
            machine: null,
            notedAt: waiting!.writtenAt.toISOString(),
            dueAt: waiting!.dueAt!.toISOString(),
            endedAt: null,
            expiresAt: null,
            tries: 0,
            outcome: null,
            reason: null,
            error: null,
            value: 'b.png',
            documentIds: ['7'],
          },
        ],
        more: 0,
        retried: null,
      });
      expect(err).to.equal('');
      expect(code).to.equal(1);
      const none = await list('--json', '--failed');
      expect(none.out).to.equal(
        '{"counts":{"open":1,"failed":0,"settled":1},"files":[],"more":0,"retried":null}\n',
      );
    });

    it('lists a hundred files, or as many as --limit says, and how many there are besides', async () => {
      const names = Array.from({ length: 250 }, (_, n) => `${String(n)}.png`);
      await s.uploads.put(...names);
      await Album.insertMany(names.map((image, _id) => ({ _id, image })));
      await Album.deleteMany({});
      const usually = await list();
      expect(usually.out.match(/^waiting/gm)).to.have.length(100);
      expect(usually.out).to.include(
        '… and 150 more files; --limit all lists them\n250 files open, 0 failed',
      );
      expect((await list('--limit', '7', '--json')).out).to.include('"more":243');
      expect((await list('--limit', 'all')).out.match(/^waiting/gm)).to.have.length(250);
    });
  });

  it('wrong usage ends with 2 and says what is right', async () => {
    const models = ['--models', 'models.cjs'];
    for (const [args, message] of [
      [['work'], /--models is missing/],
      [['work', ...models, '--remove'], /the command "work" has no option --remove/],
      [['journal', ...models, '--every', '1s'], /the command "journal" has no option --every/],
      [['sweep', ...models, '--once'], /the command "sweep" has no option --once/],
      [['work', ...models, '--once', '--every', '1s'], /--every and --once exclude each other/],
      [['work', ...models, '--concurrency', 'many'], /--concurrency is "many"; allowed: a number of intents/],
      [
        ['journal', ...models, '--limit', '0'],
        /--limit is "0"; allowed: a number of files such as 1000, or 'all'/,
      ],
      [['journal', ...models, '--retry', '--limit', '5'], /--retry takes no --limit/],
      [['work', ...models, '--every', 'often'], /"every" is 'often'; allowed: a time such as/],
      [['work', ...models, '--every', '5ms'], /"every" is '5ms'; allowed: at least 100 milliseconds/],
      [
        ['work', ...models, '--concurrency', '500'],
        /"concurrency" is 500; allowed: a whole number from 1 to 100/,
      ],
      [['work', ...models, '--once', '--concurrency', '500'], /"concurrency" is 500/],
      [['journal', ...models, '--intent', 'x'], /"intentId" is 'x'; allowed: 24 hexadecimal digits/],
      [['jurnal', ...models], /unknown command "jurnal"; the commands are: sweep, doctor, work, journal/],
    ] as const) {
      let err = '';
      const screen = { write: (text: string) => (err += text) };
      const terminal = { stdout: screen, stderr: screen, onInterrupt: () => () => undefined };
      expect(await main(args, terminal), err).to.equal(2);
      expect(err).to.match(message).and.include('--help');
    }
    const unnoted = ['--models', 'unnoted.cjs', '--uri', uri];
    for (const [args, message] of [
      [['work', ...unnoted], /none of the models has the plugin option "journal": true/],
      [['journal', ...unnoted], /no registered model has the plugin option "journal": true/],
    ] as const) {
      const { code, err } = await command.run(...args);
      expect(err).to.match(message);
      expect(code, err).to.equal(2);
    }
  }).timeout(60_000);

  it('ends with 3 where MongoDB cannot be reached, and shows no password', async () => {
    const away = 'mongodb://me:TOPSECRET@127.0.0.1:1/x?serverSelectionTimeoutMS=500';
    for (const name of ['work', 'journal']) {
      const { code, out, err } = await command.run(name, '--models', 'models.cjs', '--uri', away);
      expect(err).to.match(/ECONNREFUSED|Server selection timed out/);
      expect(out + err).to.not.include('TOPSECRET');
      expect(code).to.equal(3);
    }
  });
});
