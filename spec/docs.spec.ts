import { expect } from 'chai';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose from 'mongoose';
import { compile, type Compiled } from './docs/compile.js';
import { examplesIn, pages, type Example } from './docs/examples.js';
import { freshDatabase } from './support/database.js';
import type { Ability } from './support/mongodb/abilities.js';
import { appWithPackage, type App } from './support/package.js';
import { hasHooks, itIf } from './support/versions.js';

/** What an example needs of MongoDB: the journal stores by pipelines. */
function neededBy({ prelude, code }: Example): Ability[] {
  const hasPipelines = prelude === 'journal' || prelude === 'agenda' || code.includes('updatePipeline');
  return [
    ...(hasPipelines ? ['updates by pipelines' as const] : []),
    ...(code.includes('.transaction(') || code.includes('startSession(') ? ['transactions' as const] : []),
  ];
}

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
    itIf(hasHooks(example.code), ...neededBy(example))(example.title, async function () {
      this.timeout(30_000);
      const { file, faults } = compiled.get(example)!;
      expect(faults, faults.join('\n')).to.deep.equal([]);
      await app.import(file);
    });
  }
});
