import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtOnce } from './built-once.js';

const ROOT = path.resolve(__dirname, '../..');

/** `import()` that stays one: TypeScript makes `require` of it in CommonJS. */
const importModule = new Function('url', 'return import(url)') as (url: string) => Promise<unknown>;

/** A folder with the package in its `node_modules`, as users have it. */
export interface App {
  readonly folder: string;
  require<T>(name: string): T;
  import<T>(name: string): Promise<T>;
}

/** What apps have beside it. */
const LINKED = [
  'mongoose',
  'mongodb',
  'fs-extra',
  'cloudinary',
  'htmlparser2',
  'marked',
  '@aws-sdk/client-s3',
  'agenda',
  '@agendajs/mongo-backend',
];

let installing: Promise<App> | undefined;

/** The package built in both formats, once for the whole run. `npm run matrix` has installed the tarball here. */
export function appWithPackage(): Promise<App> {
  const installation = process.env['IMAGE_CLEANUP_INSTALLATION'];
  installing ??= installation ? appIn(installation) : install();
  return installing;
}

async function install(): Promise<App> {
  const folder = await mkdtemp(path.join(tmpdir(), 'image-cleanup-app-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const modules = path.join(folder, 'node_modules');
  const home = path.join(modules, 'mongoose-image-cleanup');
  await mkdir(home, { recursive: true });
  await cp(path.join(ROOT, 'package.json'), path.join(home, 'package.json'));
  await cp(await builtOnce(), path.join(home, 'dist'), { recursive: true });
  for (const name of LINKED) {
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name), 'junction');
  }
  return appIn(folder);
}

/** `import` looks for names from the file it stands in, so a file of the app does it. */
async function appIn(folder: string): Promise<App> {
  const loader = path.join(folder, 'load.mjs');
  await writeFile(loader, 'export const load = (name) => import(name);\n');
  const { load } = (await importModule(pathToFileURL(loader).href)) as { load: App['import'] };
  return { folder, require: createRequire(loader) as App['require'], import: load };
}
