import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { build } from '../../scripts/package/build.js';

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/built-package');
const DAY_MS = 86_400_000;
/** What a build is made of, beside `lib`. */
const SETTINGS = [
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.build.esm.json',
  'scripts/package/build.ts',
];

/**
 * The folder of a build of `lib` as it is now, in both formats, without a check of types. Kept under node_modules/.cache, since
 * every worker of a parallel run and every run of one spec file would else compile the same sources anew.
 */
export async function builtOnce(): Promise<string> {
  const hash = await hashOfSources();
  const kept = path.join(CACHE, hash);
  if (await isThere(kept)) return kept;
  await mkdir(CACHE, { recursive: true });
  await removeOld();
  const fresh = await mkdtemp(path.join(CACHE, 'unfinished-'));
  await build(fresh, { isChecked: false });
  // sources that changed meanwhile may be those of neither hash
  if ((await hashOfSources()) !== hash) return fresh;
  try {
    await rename(fresh, kept);
  } catch (thrown) {
    // another process was quicker
    if (!(await isThere(kept))) throw thrown;
    await rm(fresh, { recursive: true });
  }
  return kept;
}

/** Each change of a source leaves a build behind. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const folder = path.join(CACHE, name);
    // another process may have renamed or removed it
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > DAY_MS) await rm(folder, { recursive: true, force: true });
  }
}

async function hashOfSources(): Promise<string> {
  const lib = await readdir(path.join(ROOT, 'lib'), { recursive: true });
  const files = lib.filter((name) => name.endsWith('.ts')).map((name) => path.join('lib', name));
  const hash = createHash('sha256').update(ts.version);
  for (const file of [...SETTINGS, ...files.sort()])
    hash.update(`\0${file}\0`).update(await readFile(path.join(ROOT, file)));
  return hash.digest('hex');
}

async function isThere(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}
