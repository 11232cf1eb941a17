import fse from 'fs-extra';
import mongoose from 'mongoose';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { InstalledPackage } from '../../spec/support/installed.js';
import { terminalPicture } from './terminal.js';
import { withDatabase } from '../../spec/support/mongodb/uri.js';

const COMMAND = 'npx mongoose-image-cleanup sweep --models models.js';

/** The folder that the picture names in place of a temporary one. */
const SHOWN = '/srv/shop';

/** Files of the sample by name and size. Albums use the first four, an article mentions the fifth, and nothing uses the others. */
const FILES = {
  'colosseum.jpg': 231_480,
  'dunes.jpg': 184_210,
  'forum.png': 203_775,
  'harbour.jpg': 97_320,
  'old-logo.png': 18_944,
  'dunes-copy.jpg': 184_210,
  'upload-1f3a.png': 402_118,
  'test.png': 1_204,
};
const USED = 4;

const modelsFile = (uri: string): string => `
  const mongoose = require('mongoose');
  const { imageCleanup, localProvider } = require('mongoose-image-cleanup');
  const albums = new mongoose.Schema({ image: { type: String, index: true } });
  albums.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root: 'uploads' }) });
  exports.Album = mongoose.model('Album', albums);
  exports.Article = mongoose.model('Article', new mongoose.Schema({ _id: Number, body: String }));
  mongoose.connect(${JSON.stringify(withDatabase(uri, 'shop'))});
`;

/** Files younger than a day are left alone, and these are new: the command believes that it runs two days later. */
const LATER = `
  const Now = Date;
  const now = () => Now.now() + 172_800_000;
  globalThis.Date = class Date extends Now {
    constructor(...args) { super(...(args.length === 0 ? [now()] : args)); }
    static now() { return now(); }
  };
`;

/** The picture `docs/images/sweep.svg`, made anew. */
export async function sweepPicture(uri: string): Promise<string> {
  const title =
    'A dry run of the sweep in a terminal: eight files, of which four are used, one is mentioned and three are orphans';
  return terminalPicture({ command: COMMAND, output: await sampleSweep(uri), title });
}

/** What the command writes in a dry run over a sample folder and the sample database `shop`, which goes again. */
async function sampleSweep(uri: string): Promise<string> {
  const installed = await InstalledPackage.create();
  const connection = mongoose.createConnection(withDatabase(uri, 'shop'));
  try {
    for (const [name, size] of Object.entries(FILES)) {
      await fse.outputFile(path.join(installed.app, 'uploads', name), Buffer.alloc(size));
    }
    await connection.dropDatabase();
    const used = Object.keys(FILES).slice(0, USED);
    await connection.collection('albums').insertMany(used.map((name) => ({ image: `/uploads/${name}` })));
    await connection
      .collection<{ _id: number; body: string }>('articles')
      .insertOne({ _id: 7, body: 'See old-logo.png.' });
    await installed.write({ 'models.js': modelsFile(uri), 'later.cjs': LATER });
    const text = await run(installed);
    return text.replaceAll(installed.app, SHOWN);
  } finally {
    await connection.dropDatabase();
    await connection.destroy();
    await installed.destroy();
  }
}

async function run({ app, command }: InstalledPackage): Promise<string> {
  const args = ['-r', './later.cjs', command, 'sweep', '--models', 'models.js'];
  const child = spawn(process.execPath, args, { cwd: app, env: { ...process.env, NODE_OPTIONS: '' } });
  // what is read is told on one stream and what is found on the other
  let [err, out] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (more) => (err += more));
  child.stdout.setEncoding('utf8').on('data', (more) => (out += more));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 1)
    throw new Error(`the sample's dry run ended with ${String(code)}, not with 1 for orphans:\n${err}${out}`);
  return err + out;
}
