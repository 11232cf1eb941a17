import { expect } from 'chai';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose from 'mongoose';
import { compile, type Compiled } from './docs/compile.js';
import { examplesIn, pages } from './docs/examples.js';
import { freshDatabase } from './support/database.js';
import { appWithPackage, type App } from './support/package.js';
import { hasHooks, itIf } from './support/versions.js';

/** Every `ts` and `js` block of README and docs is compiled, and run in a folder with `uploads`, connected. */
describe('examples in the documentation', () => {
  const examples = pages().flatMap(examplesIn);
  let app: App;
  let compiled: Compiled;
  let folder: string;
  const home = process.cwd();

  before(async function () {
    this.timeout(180_000);
    app = await appWithPackage();
    (globalThis as { exampleExpect?: unknown }).exampleExpect = expect;
    compiled = compile(examples, app.folder);
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'image-cleanup-example-')));
    process.chdir(folder);
    process.env['EXAMPLE_MONGODB_URI'] = freshDatabase();
    await mongoose.connect(process.env['EXAMPLE_MONGODB_URI']);
  });
  afterEach(async () => {
    process.chdir(home);
    await mongoose.connection.dropDatabase();
    await mongoose.disconnect();
    mongoose.deleteModel(/^/);
    await rm(folder, { recursive: true });
  });

  for (const example of examples) {
    itIf(hasHooks(example.code))(example.title, async function () {
      this.timeout(30_000);
      const { file, faults } = compiled.get(example)!;
      expect(faults, faults.join('\n')).to.deep.equal([]);
      await app.import(file);
    });
  }
});
