import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installedVersion, installInto } from '../package/install.js';
import { ROOT } from '../package/pack.js';

const run = promisify(execFile);

/** A folder in which the specs run over the installed tarball. */
export interface App {
  readonly folder: string;
  /** Inside it: what a user would have, the package and Mongoose alone. */
  readonly installation: string;
  /** The Mongoose that was installed. */
  readonly mongoose: string;
}

/** What specs must get from the installation; everything else they get from this repository. */
const INSTALLED = ['mongoose', 'mongodb', 'mongoose-image-cleanup', 'cloudinary', 'fs-extra'];

/**
 * The files of this repository, except that `lib` is the CommonJS half of the installed package: specs that import
 * `../lib/…` load what users load. Tools come from this repository by links.
 */
export async function makeApp(folder: string, tarball: string, mongoose: string): Promise<App> {
  const installation = path.join(folder, 'installation');
  const manifest = await readFile(path.join(ROOT, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(manifest) as { devDependencies?: Record<string, string> };
  const sdks = ['cloudinary', '@aws-sdk/client-s3'].flatMap((name) => {
    const version = devDependencies?.[name];
    return version ? [`${name}@${version}`] : [];
  });
  await installInto(installation, [tarball, `mongoose@${mongoose}`, ...sdks]);
  // for the documentation; an own driver of theirs would stand in the way of an older Mongoose's
  for (const name of ['agenda', '@agendajs'])
    await link(path.join(ROOT, 'node_modules', name), path.join(installation, 'node_modules', name));
  await copySources(folder);
  const modules = path.join(folder, 'node_modules');
  const installed = path.join(installation, 'node_modules');
  await mkdir(modules);
  for (const name of await readdir(path.join(ROOT, 'node_modules'))) {
    if (!INSTALLED.includes(name))
      await link(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  const present = await readdir(installed);
  for (const name of INSTALLED.filter((one) => present.includes(one))) {
    await link(path.join(installed, name), path.join(modules, name));
  }
  await link(path.join(installed, 'mongoose-image-cleanup/dist/cjs'), path.join(folder, 'lib'));
  return { folder, installation, mongoose: await installedVersion(installation, 'mongoose') };
}

async function copySources(folder: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of stdout.split('\0')) {
    if (file === '' || file.startsWith('lib/')) continue;
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await copyFile(path.join(ROOT, file), path.join(folder, file));
  }
}

const link = (from: string, to: string): Promise<void> => symlink(from, to, 'junction');
