import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { otherDatabase } from '../../spec/support/mongodb/uri.js';
import { findNode } from '../package/install.js';
import { pack } from '../package/pack.js';
import { APPS, type FrameworkApp } from './apps.js';
import { prepare } from './prepare.js';
import { RunningApp, runScript, type Surroundings } from './running-app.js';
import { Scenario } from './scenario.js';

const NAMES = APPS.map(({ name }) => name).join(',');
const USUAL = APPS.filter(({ isOptional }) => !isOptional);
const USAGE = `npm run frameworks -- [--app ${NAMES}] [--node 22] [--tarball FILE] [--keep]

Installs each app of examples/frameworks with the packed tarball into a folder of its own, compiles it, and sends it uploads over HTTP.
The folder of uploads is checked after each request. An app that cannot be installed fails by name.
--tarball takes a package that was packed before. nextjs-16 runs only where it is named, as Next.js is large.`;

const { values: picked } = parseArgs({
  options: {
    app: { type: 'string', default: USUAL.map(({ name }) => name).join(',') },
    node: { type: 'string' },
    tarball: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (picked.help) {
    console.log(USAGE);
    return;
  }
  const apps = picked.app.split(',').map(appNamed);
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'image-cleanup-frameworks-')));
  try {
    const tarball = picked.tarball ? path.resolve(picked.tarball) : (await pack(home)).tarball;
    const node = picked.node ? await findNode(picked.node, home) : process.execPath;
    const mongodb = await startMongoDB();
    console.log(mongodb.description);
    try {
      const isClean = await inPairs(apps, (app) => check(app, { home, tarball, node, uri: mongodb.uri }));
      process.exitCode = isClean ? 0 : 1;
    } finally {
      await mongodb.stop();
    }
  } finally {
    if (picked.keep) console.log(`kept: ${home}`);
    else await rm(home, { recursive: true, force: true });
  }
}

function appNamed(name: string): FrameworkApp {
  const app = APPS.find((one) => one.name === name);
  if (!app) throw new Error(`There is no app "${name}"; there are ${NAMES}.`);
  return app;
}

interface Means {
  readonly home: string;
  readonly tarball: string;
  readonly node: string;
  readonly uri: string;
}

async function check(app: FrameworkApp, { home, tarball, node, uri }: Means): Promise<boolean> {
  let versions: string;
  try {
    versions = await prepare(app, home, tarball);
  } catch (error) {
    console.log(`FAILED  ${app.name} could not be installed and compiled: ${messageOf(error)}`);
    return false;
  }
  const started = Date.now();
  try {
    const uploads = path.join(home, `${app.name}-uploads`);
    await mkdir(uploads);
    const env = { MONGODB_URI: otherDatabase(uri, app.name), UPLOADS: uploads };
    const endsBySignal = app.endsBySignal ?? false;
    const steps = await runAll(app, { node, folder: path.join(home, app.name), env, endsBySignal });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`ok      ${app.name}: ${String(steps)} looks at the folder, ${seconds} s (${versions})`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${app.name} (${versions}): ${messageOf(error)}`);
    return false;
  }
}

/** Resolves with how often the folder was looked at. */
async function runAll(app: FrameworkApp, surroundings: Surroundings): Promise<number> {
  const { MONGODB_URI, UPLOADS } = surroundings.env;
  let steps = 0;
  try {
    for (const command of app.runs ?? [['dist/main.js']]) {
      const running = await RunningApp.start(surroundings, command);
      const scenario = new Scenario(`${running.url}${app.prefix ?? ''}`, UPLOADS!);
      try {
        await scenario.run({ limitsSize: app.limitsSize ?? true });
      } finally {
        await running.stop();
      }
      steps += scenario.steps;
    }
    if (app.hasChecks) await runScript(surroundings, 'dist/checks.js');
  } finally {
    await dropDatabase(MONGODB_URI!);
  }
  return steps;
}

async function dropDatabase(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

/** Two at a time: while one app installs, another runs. */
async function inPairs<T>(all: readonly T[], act: (one: T) => Promise<boolean>): Promise<boolean> {
  const waiting = [...all];
  let isClean = true;
  const lane = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      if (!(await act(one))) isClean = false;
  };
  await Promise.all([lane(), lane()]);
  return isClean;
}

function messageOf(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  return stderr ? `${message}\n${stderr}` : message;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
