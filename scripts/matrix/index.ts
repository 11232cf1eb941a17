import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findNode } from '../package/install.js';
import { npm, pack, ROOT } from '../package/pack.js';
import { makeApp, type App } from './app.js';

const USAGE = `npm run matrix -- [--mongoose 8,9.0.0] [--node 22,24] [--spec 'spec/writes/*.spec.ts'] [--keep]

Runs the specs over the packed tarball with the lowest and the highest version of each Mongoose major, on each Node.
A major stands for both its ends, \`typegoose\` for the Mongoose that the newest Typegoose asks for. HISTORIES scales the random specs (default 25 here). Failures: matrix.log.`;

/** The ends of what the package supports of each major. */
const MONGOOSES: Readonly<Record<string, readonly string[]>> = {
  7: ['7.8.0', '7'],
  8: ['8.2.0', '8'],
  9: ['9.0.0', '9'],
};
const NODES = ['20', '22', '24', '26'];
/** Typegoose accepts one minor of Mongoose only, which the registry tells. */
const TYPEGOOSE = 'typegoose';
const LOG = path.join(ROOT, 'matrix.log');

const { values: picked } = parseArgs({
  options: {
    mongoose: { type: 'string', default: `${Object.keys(MONGOOSES).join(',')},${TYPEGOOSE}` },
    node: { type: 'string', default: NODES.join(',') },
    spec: { type: 'string', default: '{spec,stand-in}/**/*.spec.ts' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function main(): Promise<void> {
  if (picked.help) {
    console.log(USAGE);
    return;
  }
  const home = await mkdtemp(path.join(tmpdir(), 'image-cleanup-matrix-'));
  await writeFile(LOG, '');
  let failed = 0;
  try {
    const { tarball } = await pack(home);
    const nodes = await Promise.all(picked.node.split(',').map((version) => findNode(version, home)));
    const mongooses = await Promise.all(picked.mongoose.split(',').map(rangesOf));
    for (const mongoose of new Set(mongooses.flat())) {
      const app = await makeApp(path.join(home, `mongoose-${mongoose}`), tarball, mongoose);
      for (const node of nodes) if (!(await runSpecs(app, node))) failed++;
    }
  } finally {
    if (picked.keep) console.log(`kept: ${home}`);
    else await rm(home, { recursive: true, force: true });
  }
  if (failed > 0) console.log(`${String(failed)} combinations failed, see matrix.log`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** What is to be installed for a name of `--mongoose`. */
async function rangesOf(name: string): Promise<readonly string[]> {
  if (name !== TYPEGOOSE) return MONGOOSES[name] ?? [name];
  const told = await npm(['view', '@typegoose/typegoose', 'peerDependencies.mongoose'], ROOT);
  if (told.trim() === '') throw new Error('The registry does not tell which Mongoose Typegoose asks for.');
  return [told.trim()];
}

async function runSpecs({ folder, installation, mongoose }: App, node: string): Promise<boolean> {
  const { output: version } = await start(node, ['--version'], folder);
  const name = `mongoose ${mongoose.padEnd(9)}node ${version.trim().padEnd(10)}`;
  const started = Date.now();
  const { code, output } = await start(node, ['node_modules/mocha/bin/mocha.js', picked.spec], folder, {
    IMAGE_CLEANUP_INSTALLATION: installation,
  });
  const count = (what: string): string => new RegExp(`^ *(\\d+) ${what}`, 'm').exec(output)?.[1] ?? '0';
  const isClean = code === 0 && count('passing') !== '0';
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${isClean ? 'ok    ' : 'FAILED'}  ${name} ${count('passing')} passing, ${count('failing')} failing, ` +
      `${count('pending')} skipped, ${String(seconds)} s`,
  );
  if (!isClean) await appendFile(LOG, `===== ${name}\n${output}\n`);
  return isClean;
}

function start(node: string, args: string[], cwd: string, more: Record<string, string> = {}): Promise<Run> {
  const env = {
    HISTORIES: '25',
    ...process.env,
    ...more,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}`,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
