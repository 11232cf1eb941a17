import { expect } from 'chai';
import fse from 'fs-extra';
import path from 'node:path';
import { main } from '../../lib/cli/main.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { endOf, InstalledCommand, type Ended } from '../support/command.js';
import { uriOf } from '../support/database.js';

describe('the command', function () {
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
    Album = s.model('Album', { image: String });
    uri = uriOf(s.connection);
    await s.uploads.put('1.png', '2.png', '3.png', '4.png');
    await Album.create(['1', '2', '3', '4'].map((name) => ({ image: `${name}.png` })));
    await command.installed.write({ 'models.cjs': modelsFile('cjs'), 'models.mjs': modelsFile('esm') });
  });
  afterEach(closeTestApps);

  const body = (): string => `
    const schema = new mongoose.Schema({ image: String });
    schema.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root: ${JSON.stringify(s.uploads.root)} }) });`;
  function modelsFile(kind: 'cjs' | 'esm' | 'registered'): string {
    if (kind === 'esm') {
      return `import mongoose from 'mongoose';
        import { imageCleanup, localProvider } from 'mongoose-image-cleanup';
        ${body()}
        await Promise.resolve();
        export const Album = mongoose.model('Album', schema);`;
    }
    return `const mongoose = require('mongoose');
      const { imageCleanup, localProvider } = require('mongoose-image-cleanup');
      ${body()}
      ${kind === 'cjs' ? 'exports.Album =' : ''} mongoose.model('Album', schema);`;
  }
  const run = (...args: string[]): Promise<Ended> => command.run(...args);
  const sweep = (...args: string[]): Promise<Ended> =>
    run('sweep', '--models', 'models.cjs', '--uri', uri, '--older-than', '0s', ...args);

  it('ends with 0 where there is nothing to do', async () => {
    const { code, out, err } = await sweep('--remove');
    expect(err).to.include(`Read ${s.connection.name}.albums (Album: image): 4 documents, 4 references`);
    expect(out).to.match(/files listed\s+4\n\s+used\s+4\n\s+orphans\s+0\n/);
    expect(out).to.match(/Clean: no orphans/);
    expect(code).to.equal(0);
  });

  it('ends with 1 when a dry run found orphans, and removes nothing', async () => {
    await s.uploads.put('left.png', 'new\nline.png');
    const { code, out } = await sweep();
    expect(out).to.include('orphan   left.png  8 bytes\n');
    expect(out).to.include('orphan   "new\\nline.png"  12 bytes\n');
    expect(out).to.match(/Found 2 orphans and removed nothing; use --remove to remove them/);
    expect(code).to.equal(1);
    expect(await s.uploads.has('left.png')).to.equal(true);
  });

  it('ends with 0 when it removed them', async () => {
    await s.uploads.put('left.png');
    const { code, out } = await sweep('--remove');
    expect(out).to.include('removed  left.png');
    expect(code).to.equal(0);
    expect(await s.uploads.names()).to.deep.equal(['1.png', '2.png', '3.png', '4.png']);
  });

  it('ends with 3 when it refuses, says why, and names the flag', async () => {
    await Album.collection.deleteMany({});
    const { code, out } = await sweep('--remove');
    expect(out).to.include('Refused, nothing was removed:');
    expect(out).to.include('(--allow no-references)').and.to.include('(--max-share 1)');
    expect(code).to.equal(3);
    const overridden = await sweep('--remove', '--allow', 'no-references', '--max-share', '100%');
    expect(overridden.code).to.equal(0);
    expect(await s.uploads.names()).to.deep.equal([]);
  });

  it('ends with 3 when MongoDB cannot be reached', async () => {
    const { code, err } = await run(
      'sweep',
      '--models',
      'models.cjs',
      '--uri',
      'mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=1000',
    );
    expect(code).to.equal(3);
    expect(err).to.match(/ECONNREFUSED|Server selection timed out/);
  });

  it('ends with 2 for wrong usage, and says what is right', async () => {
    await command.installed.write({
      'plain.cjs': "const mongoose = require('mongoose'); mongoose.model('Plain', new mongoose.Schema({}));",
      'broken.cjs': "throw new Error('no such setting');",
      'connected.cjs': `${modelsFile('cjs')}\nmongoose.connect(${JSON.stringify(uri)});`,
    });
    const models = ['--models', 'models.cjs'];
    const inArguments: [string[], RegExp][] = [
      [['clean'], /unknown command "clean"; the commands are: sweep, doctor/],
      [['sweep'], /--models is missing/],
      [['sweep', 'models.cjs'], /given as --models models.cjs/],
      [['sweep', ...models, '--delete'], /Unknown option '--delete'/],
      [['sweep', ...models, '--max-share', '60'], /--max-share is "60"/],
      [['sweep', '--models', 'none.js'], /none.js: there is no such file/],
    ];
    for (const [args, message] of inArguments) {
      let err = '';
      const stderr = { write: (text: string) => (err += text) };
      const code = await main(args, { stdout: stderr, stderr, onInterrupt: () => () => undefined });
      expect(err).to.match(message);
      expect(err).to.include('--help');
      expect(code).to.equal(2);
    }
    const inModels: [string[], RegExp][] = [
      [[...models, '--uri', uri, '--older-than', 'soon'], /"olderThan" is 'soon'.*'24h'/],
      [models, /--uri is missing, and the models file does not connect Album/],
      [[...models, '--uri', uri, '--model', 'Albmu'], /--model Albmu: no such model.*Album/],
      [['--models', 'plain.cjs'], /no model with the plugin; models without it: Plain/],
      [['--models', 'broken.cjs'], /broken.cjs could not be loaded: no such setting/],
      [
        ['--models', 'connected.cjs', '--uri', uri],
        /the models file opens its own connection; leave --uri out/,
      ],
    ];
    for (const [args, message] of inModels) {
      const { code, err } = await run('sweep', ...args);
      expect(err).to.match(message);
      expect(code, err).to.equal(2);
    }
  });

  it('loads models from ESM, from TypeScript by tsx or ts-node, exported or only registered', async () => {
    await s.uploads.put('left.png');
    await command.installed.write({
      'registered.cjs': modelsFile('registered'),
      'models.ts': modelsFile('esm').replace('await Promise.resolve();', 'const n: number = 1; void n;'),
      'tsconfig.json': JSON.stringify({
        compilerOptions: { module: 'commonjs', esModuleInterop: true, target: 'es2022' },
        // loading is shown here; a check of all types of Mongoose takes ten times as long
        'ts-node': { transpileOnly: true },
      }),
      'listed.mjs': `import { Album } from './models.mjs'; export default { all: [Album] };`,
      'self.cjs': `${modelsFile('cjs')}\nmongoose.connect(${JSON.stringify(uri)});`,
    });
    const load = async (file: string, ...args: string[]): Promise<void> => {
      const { code, out, err } = await command.runAlone(
        'sweep',
        '--models',
        file,
        '--older-than',
        '0s',
        ...args,
      );
      expect(out, `${file}: ${err}`).to.include('orphan   left.png');
      expect(code).to.equal(1);
    };
    for (const file of ['models.mjs', 'registered.cjs', 'models.ts', 'listed.mjs'])
      await load(file, '--uri', uri);
    await load('self.cjs');
    const show = await command.installed.hide('tsx');
    await load('models.ts', '--uri', uri);
    await show();
  }).timeout(60_000);

  it('writes one JSON object a line with --json', async () => {
    await s.uploads.put('left.png');
    await Album.create({ image: 'lost.png' });
    const { code, out, err } = await sweep('--json', '--missing');
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ type }) => type)).to.deep.equal(['missing', 'collection', 'file', 'report']);
    expect(told[0]).to.include({ model: 'Album', field: 'image', value: 'lost.png' });
    expect(told[2]).to.include({ name: 'left.png', outcome: 'orphan', size: 8 });
    expect(told[3]).to.deep.include({ status: 'orphans', bytes: { orphans: 8, removed: 0 } });
    expect(err).to.equal('');
    expect(code).to.equal(1);
  });

  it('tells what a document mentions, with the document, and what it did not read', async () => {
    await s.uploads.put('left.png', 'banner.png', 'index.html');
    await command.installed.write({
      'two.cjs': `${modelsFile('cjs')}
        exports.Page = mongoose.model('Page', new mongoose.Schema({ html: String }));`,
    });
    const page = { html: '<img src="https://cdn.example/banner.png?token=abc">' };
    const { insertedId } = await s.connection.db!.collection('pages').insertOne(page);
    await s.connection.db!.collection('logs').insertOne({});
    const two = ['sweep', '--models', 'two.cjs', '--uri', uri, '--older-than', '0s'];
    const { code, out, err } = await run(...two);
    expect(err).to.include(`Read ${s.connection.name}.pages (Page: whole documents): 1 document, searched`);
    const by = `Page ${String(insertedId)} html: <img src="https://cdn.example/banner.png?token=***">`;
    expect(out).to.include(`unclear  banner.png  (${by})\n`);
    expect(out).to.include(`Not read, because no model has these collections: ${s.connection.name}.logs\n`);
    expect(out).to.match(/ {2}- 1 unused file has the extension \.html.*\n {4}\(--exclude '\*\*\/\*\.html'/);
    expect(code).to.equal(3);
    const json = await run(...two, '--json', '--only-tracked', '--allow', 'foreign-kind:.html');
    const told = json.out.trim().split('\n');
    expect(json.code).to.equal(1);
    expect(told.filter((line) => line.includes('"orphan"'))).to.have.length(3);
    const unclear = (await run(...two, '--json')).out
      .split('\n')
      .filter((line) => line.includes('"type":"unclear"'));
    expect(unclear.map((line) => JSON.parse(line) as object)).to.deep.equal([
      {
        type: 'unclear',
        asset: { provider: 'local', key: s.uploads.path('banner.png') },
        name: 'banner.png',
        model: 'Page',
        database: s.connection.name,
        collection: 'pages',
        documentId: String(insertedId),
        field: 'html',
        value: '<img src="https://cdn.example/banner.png?token=***">',
      },
    ]);
  });

  it('names the first twenty folders that it refuses, and the number of the others', async () => {
    await s.uploads.put(...Array.from({ length: 23 }, (_, i) => `f${String(i)}/${String(i)}.x.png`));
    const { code, out } = await sweep('--remove');
    expect(out.match(/--allow unused-folder:f\d+/g)).to.have.length(20);
    expect(out).to.include('unused-folder: 3 more; --json lists all of them');
    expect(code).to.equal(3);
    expect((await sweep('--remove', '--allow', 'unused-folder:f*', '--max-share', '1')).code).to.equal(0);
  });

  it('names a model that was not given with the flag that includes it', async () => {
    await command.installed.write({
      'shared.cjs': `${modelsFile('cjs')}\nexports.Other = mongoose.model('Other', schema);`,
    });
    const one = ['sweep', '--models', 'shared.cjs', '--uri', uri, '--model', 'Album'];
    const { code, out } = await run(...one);
    expect(out).to.match(
      /"Other" keeps its files in the same storage and was not given\n {4}\(--model Other\)/,
    );
    expect(code).to.equal(3);
    expect((await run(...one, '--model', 'Other')).code).to.equal(0);
  });

  it('ends with 1 when only documents point to nothing, and does not call that clean', async () => {
    await Album.create({ image: 'lost.png' });
    const { code, out } = await sweep('--missing');
    expect(out).to.include('No orphans, but 1 value points to a file that is not there');
    expect(out).to.not.include('Clean');
    expect(out).to.match(/missing {2}Album [0-9a-f]{24} image: lost.png/);
    expect(code).to.equal(1);
  });

  it('makes neither indexes nor collections', async () => {
    await command.installed.write({
      'indexed.cjs': modelsFile('cjs').replace(
        '{ image: String }',
        '{ image: { type: String, index: true } }',
      ),
    });
    await run('sweep', '--models', 'indexed.cjs', '--uri', uri);
    await Album.init();
    const indexes = await s.connection.db!.collection('albums').indexes();
    expect(indexes.map(({ name }) => name)).to.deep.equal(['_id_']);
  });

  it('stops between two files on Ctrl-C, says what it did, and goes on the next time', async () => {
    const orphans = Array.from({ length: 350 }, (_, i) => `left${String(i)}.png`);
    await s.uploads.put(...orphans);
    const child = command.start(
      'sweep',
      '--models',
      'models.cjs',
      '--uri',
      uri,
      '--older-than',
      '0s',
      '--remove',
      '--max-share',
      '1',
    );
    child.stdout!.once('data', () => child.kill('SIGINT'));
    const { code, out, err } = await endOf(child);
    expect(code).to.equal(3);
    expect(err).to.include('Stopping after the current files');
    const removed = out.match(/^removed /gm)!.length;
    expect(out).to.include(`Stopped: removed ${String(removed)} files; run it again to continue`);
    expect(await s.uploads.names()).to.have.length(354 - removed);
    expect(removed).to.be.within(1, 349);
    const again = await sweep('--remove', '--max-share', '1', '--quiet');
    expect(again.code).to.equal(0);
    expect(await s.uploads.names()).to.have.length(4);
  });

  it('tells its version and helps', async () => {
    const { version } = (await fse.readJson(path.resolve(__dirname, '../../package.json'))) as {
      version: string;
    };
    expect(await command.runAlone('--version')).to.include({ code: 0, out: `${version}\n` });
    const { code, out } = await run('--help');
    expect(code).to.equal(0);
    expect(out).to.include('Examples').and.to.include('Exit codes');
  });
});
