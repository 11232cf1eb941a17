import fse from 'fs-extra';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DERIVED_MUTATIONS } from '../spec/histories/derived-mutations.js';
import { JOURNAL_MUTATIONS } from '../spec/histories/journal-mutations.js';
import { MUTATIONS, type Mutation } from '../spec/histories/mutations.js';

/** How many histories a mutation is given. */
const MOST = '20000';

/**
 * `npm run mutations [-- --only NAME] [--seed N]`: switches one protection off after another, each in a copy, and looks whether it
 * is missed: by its spec, or by generated histories. `--histories 500`: by so many histories, also where there is a spec.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      histories: { type: 'string' },
    },
  });
  const { histories, seed } = values;
  const root = path.resolve(__dirname, '..');
  const missed: string[] = [];
  console.log('| protection switched off | histories needed | what the history saw |\n| --- | --- | --- |');
  for (const mutation of [...MUTATIONS, ...JOURNAL_MUTATIONS, ...DERIVED_MUTATIONS].filter(({ name }) =>
    name.includes(values.only),
  )) {
    const copy = await fse.mkdtemp(path.join(os.tmpdir(), 'mutation-'));
    try {
      await mutate(root, copy, mutation);
      const isBySpec = mutation.spec !== undefined && histories === undefined;
      const withJournal = JOURNAL_MUTATIONS.includes(mutation) ? ['--journal'] : [];
      const found = isBySpec
        ? await runSpec(copy, mutation.spec!)
        : await run(copy, ['--count', histories ?? MOST, '--seed', seed, ...withJournal]);
      console.log(`| ${mutation.name} | ${found ? found.join(' | ') : 'NOT FOUND | '} |`);
      if (!found) missed.push(mutation.name);
    } finally {
      await fse.remove(copy);
    }
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
}

async function mutate(root: string, copy: string, { name, patches }: Mutation): Promise<void> {
  for (const part of [
    '.mocharc.json',
    'lib',
    'spec',
    'stand-in',
    'scripts',
    'package.json',
    'tsconfig.json',
  ]) {
    await fse.copy(path.join(root, part), path.join(copy, part));
  }
  await fse.symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  for (const { file, find, replace } of patches) {
    const pieces = (await fse.readFile(path.join(copy, file), 'utf8')).split(find);
    if (pieces.length !== 2) throw new Error(`${name}: "${find}" is not once in ${file}`);
    await fse.writeFile(path.join(copy, file), pieces.join(replace));
  }
}

/** That a spec failed, and which; `undefined` when none did. */
function runSpec(
  folder: string,
  { file, grep }: NonNullable<Mutation['spec']>,
): Promise<[string, string] | undefined> {
  const mocha = path.join(folder, 'node_modules/mocha/bin/mocha.js');
  const args = [mocha, '--reporter', 'json', '--grep', grep, path.join(folder, file)];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const { stats, failures } = JSON.parse(output.slice(output.indexOf('{\n'))) as {
        stats: { tests: number };
        failures: { fullTitle: string }[];
      };
      if (stats.tests === 0) reject(new Error(`${file} has no spec "${grep}"`));
      else resolve(failures[0] && ['spec', failures[0].fullTitle]);
    });
  });
}

/** The number of histories until one failed, and what it said; `undefined` when none did. */
function run(folder: string, options: readonly string[]): Promise<[string, string] | undefined> {
  const script = path.join(folder, 'scripts/histories.ts');
  const args = ['-r', 'ts-node/register', script, ...options, '--no-shrink', '--quiet'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const note = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const failure = /^history (\d+) of seed \d+ fails:\n(.*)$/m.exec(output);
      if (failure) resolve([failure[1]!, failure[2]!.replaceAll('|', '/')]);
      else if (code === 0) resolve(undefined);
      else reject(new Error(`the histories did not run:\n${output}`));
    });
  });
}

main().catch((error: unknown) => {
  console.error(error);
  // an open MongoDB would keep it alive
  process.exit(1);
});
