import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npm } from './pack.js';

/** A folder of its own outside of this repository, with a manifest. */
export async function makeFolder(folder: string, manifest: object = { private: true }): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
}

/** Installs packages, and what the manifest names, into such a folder. */
export async function installInto(
  folder: string,
  packages: readonly string[],
  manifest?: object,
): Promise<void> {
  await makeFolder(folder, manifest);
  await npm(['install', ...packages], folder);
}

/** Installs what the manifest in a folder names, and shows what npm prints. `what` is for the error. */
export function installManifest(folder: string, what: string, timeout: number): void {
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    timeout,
  });
  if (status !== 0) throw new Error(`npm could not install ${what}; see above.`);
}

/** The version of a package in a folder's `node_modules`. */
export async function installedVersion(folder: string, name: string): Promise<string> {
  const manifest = await readFile(path.join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The running Node where its major is asked for; others by the npm package `node`, which carries the binaries. */
export async function findNode(version: string, home: string): Promise<string> {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const folder = path.join(home, `node-${version}`);
  await installInto(folder, [`node@${version}`]);
  return path.join(folder, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
