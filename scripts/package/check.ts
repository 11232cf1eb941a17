import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeSubpaths } from './build.js';
import { checkWithoutSdk, entryOf } from './entries.js';
import { npm, pack, ROOT } from './pack.js';
import { exportsOfPackage } from './subpaths.js';

const run = promisify(execFile);

/** Growth beyond these is a decision, made here. */
const LIMITS = { packedBytes: 400_000, installedPackages: 5, s3Bytes: 80_000 };

/** Code, types and the pages that npm shows; no sources, specs or pictures. */
const PACKED = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+\.(?:js|d\.ts|json))$/;

const PEERS = ['agenda', 'bullmq', 'cloudinary', 'ioredis'];

/** What must hold for the tarball: both linters clean, both formats load without any optional peer. */
async function main(): Promise<void> {
  if (await writeSubpaths())
    throw new Error('package.json did not name the subpaths; it does now: commit it');
  const folder = await mkdtemp(path.join(tmpdir(), 'image-cleanup-package-'));
  try {
    const { tarball, size, unpackedSize, entryCount, files } = await pack(folder);
    const foreign = files.find((file) => !PACKED.test(file));
    if (foreign !== undefined)
      throw new Error(`the tarball has ${foreign}, which nobody needs to run the package`);
    await lint('publint', 'publint/src/cli.js', [tarball, '--strict']);
    await lint('attw', '@arethetypeswrong/cli/dist/index.js', [tarball, '--no-emoji']);
    await checkInstallation(folder, tarball);
    if (size > LIMITS.packedBytes) throw new Error(`the tarball has grown to ${kB(size)}`);
    console.log(`packed ${kB(size)}, unpacked ${kB(unpackedSize)}, ${String(entryCount)} files`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lint(name: string, file: string, args: string[]): Promise<void> {
  try {
    const cli = path.join(ROOT, 'node_modules', file);
    await run(process.execPath, [cli, ...args], { cwd: ROOT });
    console.log(`${name}: clean`);
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${name} found faults:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

/** Installs the tarball beside mongoose alone, and loads every subpath by `import` and by `require`. */
async function checkInstallation(folder: string, tarball: string): Promise<void> {
  const app = path.join(folder, 'app');
  await writeFile(path.join(folder, 'package.json'), '{}');
  const mongoose = path.join(ROOT, 'node_modules/mongoose/package.json');
  const { version } = JSON.parse(await readFile(mongoose, 'utf8')) as { version: string };
  await npm(['install', '--prefix', app, tarball, `mongoose@${version}`], folder);
  const installed = await packagesIn(path.join(app, 'node_modules'));
  const sdk = installed.find((one) => PEERS.includes(one) || /^@(?:aws-sdk|smithy|agendajs)\//.test(one));
  if (sdk !== undefined) throw new Error(`installing the package brought ${sdk} along`);
  const names = Object.keys(exportsOfPackage()).map((subpath) => `mongoose-image-cleanup${subpath.slice(1)}`);
  for (const name of names) {
    await run(process.execPath, ['-e', `require('${name}')`], { cwd: app });
    if (name.endsWith('.json')) continue;
    await run(process.execPath, ['--input-type=module', '-e', `await import('${name}')`], { cwd: app });
  }
  await checkS3(app);
  const without = await packagesOfMongoose(folder, version);
  const added = installed.filter((one) => !without.includes(one));
  if (added.length > LIMITS.installedPackages) throw new Error(`too many packages: ${added.join(', ')}`);
  console.log(`subpaths load by import and require without optional peers: ${names.join(', ')}`);
  console.log(`installed beside mongoose: ${String(added.length)} packages (${added.join(', ')})`);
}

/** The entry point alone: an app that has images elsewhere pays for none of it, and one in S3 for nothing else. */
async function checkS3(app: string): Promise<void> {
  const { bytes, files, packages } = await entryOf(app, 'mongoose-image-cleanup/s3');
  const about = `mongoose-image-cleanup/s3: ${kB(bytes)} in ${String(files)} files`;
  if (packages.length > 0) throw new Error(`${about} load ${packages.join(', ')}`);
  if (bytes > LIMITS.s3Bytes) throw new Error(`${about} have grown beyond ${kB(LIMITS.s3Bytes)}`);
  await checkWithoutSdk(app);
  console.log(`${about}, no package of others; without the SDK it says what to install`);
}

async function packagesOfMongoose(folder: string, version: string): Promise<string[]> {
  const app = path.join(folder, 'mongoose-alone');
  await npm(['install', '--prefix', app, `mongoose@${version}`], folder);
  return packagesIn(path.join(app, 'node_modules'));
}

async function packagesIn(modules: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(modules)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) {
      for (const one of await readdir(path.join(modules, name))) found.push(`${name}/${one}`);
    } else found.push(name);
  }
  return found.sort();
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
