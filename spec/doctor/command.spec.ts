import { expect } from 'chai';
import { main } from '../../lib/cli/main.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { InstalledCommand, type Ended } from '../support/command.js';
import { uriOf } from '../support/database.js';
import { insertRaw } from '../support/usage.js';

describe('the command doctor', function () {
  // each spec starts processes of its own
  this.timeout(120_000);
  let command: InstalledCommand;
  let s: TestApp;
  let Album: AnyDocumentModel;
  let uri: string;
  before(async function () {
    this.timeout(60_000);
    command = await InstalledCommand.create();
  });
  after(() => command.destroy());
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: { type: String, index: true } });
    await Album.init();
    uri = uriOf(s.connection);
    await s.uploads.put('1.png', '2.png');
    await insertRaw(Album, { image: '1.png' }, { image: '/uploads/2.png' });
    await command.installed.write({
      'models.cjs': `const mongoose = require('mongoose');
        const { imageCleanup, localProvider } = require('mongoose-image-cleanup');
        const schema = new mongoose.Schema({ image: { type: String, index: true } });
        schema.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root: ${JSON.stringify(s.uploads.root)} }) });
        exports.Album = mongoose.model('Album', schema);`,
    });
  });
  afterEach(closeTestApps);

  const run = (...args: string[]): Promise<Ended> => command.run('doctor', ...args);
  const doctor = (...args: string[]): Promise<Ended> => run('--models', 'models.cjs', '--uri', uri, ...args);

  it('ends with 0 where there is nothing to do, and tells what it saw', async () => {
    const { code, out, err } = await doctor();
    expect(out).to.include(`Album (${s.connection.name}.albums): 2 documents; a removal costs 2 commands, `);
    expect(out).to.include('  image [local], 2 values: 2 known and stored\n');
    expect(out).to.include(`local ${s.uploads.root}: 2 files\n`);
    expect(out).to.match(/No findings \(.*\)\.\n$/);
    expect(err).to.include('Looking at values of Album.image');
    expect(code).to.equal(0);
  });

  it('ends with 1 for findings, each with what to do', async () => {
    await insertRaw(Album, { image: '/static/3.png' });
    await s.uploads.put('index.html');
    const { code, out } = await doctor('--quiet');
    expect(out).to.include('unknown-values  Album.image\n  1 of 3 sampled values');
    expect(out).to.include('  such as: /static/3.png\n  -> ');
    expect(out).to.include(`unnamed-kind  local ${s.uploads.root}`);
    expect(out).to.match(/2 findings \(.*\)\.\n$/);
    expect(code).to.equal(1);
    expect(await s.uploads.names()).to.deep.equal(['1.png', '2.png', 'index.html']);
  });

  it('--json: one object a line, and no progress', async () => {
    await insertRaw(Album, { image: '/static/3.png' });
    const { code, out, err } = await doctor('--json', '--sample', '2');
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ type }) => type)).to.deep.equal(['model', 'storage', 'finding', 'report']);
    expect(told[2]).to.include({ kind: 'unknown-values', about: 'Album.image', count: 1 });
    expect(told[3]).to.include({ status: 'findings', findings: 1 });
    expect(err).to.equal('');
    expect(code).to.equal(1);
  });

  it('--ignore takes what is known out', async () => {
    await insertRaw(Album, { image: '/static/3.png' });
    expect((await doctor('--ignore', 'Album.image')).code).to.equal(0);
  });

  it('ends with 2 where it could not run, and shows no password', async () => {
    const away = 'mongodb://me:TOPSECRET@127.0.0.1:1/x?serverSelectionTimeoutMS=500';
    const { code, out, err } = await run('--models', 'models.cjs', '--uri', away);
    expect(err).to.match(/ECONNREFUSED|Server selection timed out/);
    expect(out + err).to.not.include('TOPSECRET');
    expect(code).to.equal(2);
    const other = 'mongodb+srv://me:TOPSECRET@db.example.com/shop';
    await command.installed.write({ 'talks.cjs': `throw new Error('cannot reach ${other}');` });
    const talks = await run('--models', 'talks.cjs', '--uri', away);
    expect(talks.err).to.include(
      'talks.cjs could not be loaded: cannot reach mongodb+srv://***@db.example.com',
    );
    expect(talks.code).to.equal(2);
  });

  it('ends with 2 for wrong usage', async () => {
    const models = ['--models', 'models.cjs'];
    for (const [args, message] of [
      [['doctor'], /--models is missing/],
      [['doctor', ...models, '--remove'], /the command "doctor" has no option --remove/],
      [['sweep', ...models, '--sample', '5'], /the command "sweep" has no option --sample/],
      [['doctor', ...models, '--sample', 'all'], /--sample is "all"; allowed: a number/],
      [['doctor', '--models', 'none.js'], /none.js: there is no such file/],
      [['docter', ...models], /unknown command "docter"; the commands are: sweep, doctor/],
    ] as const) {
      let err = '';
      const screen = { write: (text: string) => (err += text) };
      const terminal = { stdout: screen, stderr: screen, onInterrupt: () => () => undefined };
      expect(await main(args, terminal), err).to.equal(2);
      expect(err).to.match(message).and.include('--help');
    }
  });
});
