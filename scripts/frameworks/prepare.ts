import { execFile } from 'node:child_process';
import { copyFile, cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installedVersion, installInto } from '../package/install.js';
import { ROOT } from '../package/pack.js';
import type { FrameworkApp } from './apps.js';

const run = promisify(execFile);
const EXAMPLES = path.join(ROOT, 'examples/frameworks');
const COMPILER = path.join(ROOT, 'node_modules/typescript/bin/tsc');

interface Manifest {
  readonly type?: string;
  readonly dependencies: Record<string, string>;
}

/** The app in a folder of its own: its files, its packages with the tarball among them, compiled. Resolves with the versions it got. */
export async function prepare(app: FrameworkApp, home: string, tarball: string): Promise<string> {
  const folder = path.join(home, app.name);
  await cp(path.join(EXAMPLES, app.source), folder, { recursive: true });
  await copyFile(path.join(EXAMPLES, 'tsconfig.base.json'), path.join(home, 'tsconfig.base.json'));
  for (const file of app.borrows ?? [])
    await copyFile(path.join(EXAMPLES, file), path.join(folder, path.basename(file)));
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  await installInto(folder, [tarball], {
    ...manifest,
    type: app.type ?? manifest.type,
    dependencies: { ...manifest.dependencies, ...app.versions },
  });
  await build(folder, app.build ?? [COMPILER, '-p', folder]);
  const told = ['mongoose', ...app.shown].map(
    async (name) => `${name} ${await installedVersion(folder, name)}`,
  );
  return (await Promise.all(told)).join(', ');
}

/** Checks the types as well. */
async function build(folder: string, command: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, command, {
      cwd: folder,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`The app does not compile:\n${stdout}${stderr}`, { cause: error });
  }
}
