import { spawn } from 'node:child_process';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { exportsOfPackage, typesVersionsOfPackage } from './subpaths.js';

const ROOT = path.resolve(__dirname, '../..');

const FORMATS = [
  { name: 'cjs', type: 'commonjs', config: 'tsconfig.build.json' },
  { name: 'esm', type: 'module', config: 'tsconfig.build.esm.json' },
];

/** The one file that the two formats cannot share. */
const THIS_FILE = 'providers/this-file.js';

/**
 * Two passes of tsc over one source for each format, since only the types need comments: editors show them, and in both they
 * would add 60 kB to a package of 350. The package.json in each folder says which format its files and types have.
 * `isChecked: false` is for specs, whose types have been checked elsewhere.
 */
export async function build(dist = path.join(ROOT, 'dist'), { isChecked = true } = {}): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await Promise.all(
    FORMATS.map(async ({ name, type, config }) => {
      const into = ['--outDir', path.join(dist, name)];
      await Promise.all([
        compile(config, [...into, '--emitDeclarationOnly', ...(isChecked ? [] : ['--noCheck'])]),
        compile(config, [...into, '--declaration', 'false', '--removeComments', '--noCheck']),
      ]);
      if (type === 'module') await replaceThisFile(path.join(dist, name, THIS_FILE));
      const manifest = { type, sideEffects: false };
      await writeFile(path.join(dist, name, 'package.json'), `${JSON.stringify(manifest)}\n`);
    }),
  );
}

/** Brings the subpaths into package.json. Resolves with whether anything had to be changed. */
export async function writeSubpaths(): Promise<boolean> {
  const file = path.join(ROOT, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const wanted = { exports: exportsOfPackage(), typesVersions: typesVersionsOfPackage() };
  const { exports, typesVersions } = manifest;
  if (isDeepStrictEqual({ exports, typesVersions }, wanted)) return false;
  await writeFile(file, `${JSON.stringify({ ...manifest, ...wanted }, null, 2)}\n`);
  return true;
}

/** Rejects if there is no such file, since nothing would import the new one. */
async function replaceThisFile(file: string): Promise<void> {
  await access(file);
  await writeFile(file, 'export const here = import.meta.url;\n');
}

async function compile(config: string, options: string[]): Promise<void> {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [tsc, '-p', path.join(ROOT, config), ...options], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`tsc -p ${config} failed`);
}

async function main(): Promise<void> {
  if (await writeSubpaths()) console.log('package.json: exports and typesVersions written anew');
  await build();
}

if (require.main === module) void main();
