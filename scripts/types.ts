import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installInto, makeFolder } from './package/install.js';
import { pack, ROOT } from './package/pack.js';

const run = promisify(execFile);
const FIXTURES = path.join(ROOT, 'spec/types/fixtures');

/**
 * Type tests: plain tsc over `spec/types/fixtures`, as an app that has installed the tarball, with every TypeScript and
 * Mongoose major. `-- --mongoose 7.8.0,9 --typescript 7 --layout npm` picks some.
 */
const { values: picked } = parseArgs({
  options: {
    mongoose: { type: 'string', default: '7,8,9' },
    typescript: { type: 'string', default: '5,6,7' },
    layout: { type: 'string', default: 'npm,nested,pnpm' },
  },
});
const mongooses = picked.mongoose.split(',');
const typescripts = picked.typescript.split(',');
const layouts = picked.layout.split(',');

/** How apps resolve modules: with `exports`, by a bundler, and as before `exports`. */
const RESOLUTIONS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
  { module: 'commonjs', moduleResolution: 'node10', removedIn: 7 },
];

interface App {
  readonly folder: string;
  readonly mongoose: string;
  readonly layout: string;
}

async function main(): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'image-cleanup-types-'));
  try {
    const tools = await installTools(home);
    const { tarball } = await pack(home);
    let failed = 0;
    let checked = 0;
    for (const mongoose of mongooses) {
      for (const layout of layouts) {
        const app = await install(
          { folder: path.join(home, `${layout}-${mongoose}`), mongoose, layout },
          tarball,
          tools,
        );
        const results = await inPairs(checksOf(app, tools));
        checked += results.length;
        failed += results.filter((isClean) => !isClean).length;
      }
    }
    console.log(`${String(checked - failed)} of ${String(checked)} type checks are clean`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function installTools(home: string): Promise<string> {
  const tools = path.join(home, 'tools');
  const compilers = typescripts.map((version) => `typescript-${version}@npm:typescript@${version}`);
  await installInto(tools, [...compilers, ...(layouts.includes('pnpm') ? ['pnpm@10'] : [])]);
  return path.join(tools, 'node_modules');
}

async function install(app: App, tarball: string, tools: string): Promise<App> {
  const { folder, layout, mongoose } = app;
  const packages = [tarball, `mongoose@${mongoose}`, '@types/node@20'];
  // another driver of the app's own: Mongoose's stands in Mongoose's folder
  if (layout === 'nested') packages.push('mongodb@4');
  if (layout !== 'pnpm') await installInto(folder, packages);
  else {
    await makeFolder(folder);
    await run(process.execPath, [path.join(tools, 'pnpm/bin/pnpm.cjs'), 'add', ...packages], { cwd: folder });
  }
  await cp(FIXTURES, folder, { recursive: true });
  return app;
}

/** Every compiler with every Mongoose; the other ways to resolve are the same for all majors, so with the newest only. */
function checksOf(app: App, tools: string): (() => Promise<boolean>)[] {
  const isNewest = app.mongoose === mongooses.at(-1) && app.layout === 'npm';
  const resolutions = isNewest ? RESOLUTIONS : RESOLUTIONS.slice(0, 1);
  return typescripts.flatMap((typescript) =>
    resolutions
      .filter(({ removedIn = Infinity }) => Number.parseInt(typescript) < removedIn)
      .map((resolution) => () => check(app, typescript, resolution, tools)),
  );
}

async function check(
  { folder, mongoose, layout }: App,
  typescript: string,
  { module, moduleResolution }: (typeof RESOLUTIONS)[number],
  tools: string,
): Promise<boolean> {
  const config = path.join(folder, `tsconfig-${typescript}-${moduleResolution}.json`);
  const isMongoose7 = mongoose.startsWith('7');
  const files = [
    'calls.ts',
    'misspelled.ts',
    'options.ts',
    ...(isMongoose7 ? [] : ['misspelled-since-8.ts']),
  ];
  if (moduleResolution !== 'node10') files.push('module.mts');
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023'],
    module,
    moduleResolution,
    esModuleInterop: true,
    strict: true,
    exactOptionalPropertyTypes: false,
    noEmit: true,
    skipLibCheck: false, // our own declarations are checked too
    types: ['node'],
    ...(moduleResolution === 'node10' && typescript.startsWith('6') && { ignoreDeprecations: '6.0' }),
  };
  await writeFile(config, JSON.stringify({ compilerOptions, files }));
  const { version } = JSON.parse(
    await readFile(path.join(folder, 'node_modules/mongoose/package.json'), 'utf8'),
  ) as { version: string };
  const name = `typescript ${typescript}  mongoose ${version.padEnd(8)}${layout.padEnd(8)}${moduleResolution}`;
  try {
    await run(process.execPath, [path.join(tools, `typescript-${typescript}/bin/tsc`), '-p', config], {
      cwd: folder,
    });
    console.log(`ok      ${name}`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name}\n${(error as { stdout?: string }).stdout ?? String(error)}`);
    return false;
  }
}

/** Two at a time: a compiler takes one core and much memory. */
async function inPairs<T>(tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (let next = 0; next < tasks.length; next += 2) {
    results.push(...(await Promise.all(tasks.slice(next, next + 2).map((task) => task()))));
  }
  return results;
}

void main();
