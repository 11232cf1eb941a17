import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mongo } from 'mongoose';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { Entities } from './entities.js';
import type { ServerFacts } from './requirements.js';
import { unmetRequirement } from './requirements.js';
import { runTest } from './run-test.js';
import { skipReason } from './skips.js';
import type { TestCase, TestFile } from './test-file.js';
import { readTestFiles } from './test-file.js';

const WANTED = 0.98;

/** Nothing compared is no success: whoever asks for a comparison learns that there was none. */
class NoTestData extends Error {
  constructor(directory: string | undefined, only: string | undefined) {
    super(
      directory === undefined
        ? `--only ${only ?? ''} names no test file: nothing was compared. Give a part of a file's name, such as --only bulkWrite.`
        : `There is no test data in ${directory}: nothing was compared. Give a folder with MongoDB's unified tests, with ` +
            '--specs or MONGODB_SPECS; stand-in/README.md says where they come from.',
    );
  }
}

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** `npm run conformance [-- --specs DIR]`: MongoDB's own test data against whatever `startMongoDB` gives. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { specs: { type: 'string' }, only: { type: 'string' } },
  });
  const directory = resolve(values.specs ?? process.env['MONGODB_SPECS'] ?? '../shared/mongodb-specs');
  const all = (await exists(directory)) ? await readTestFiles(directory) : [];
  const files = all.filter(({ name }) => !values.only || name.includes(values.only));
  if (files.length === 0) throw new NoTestData(all.length === 0 ? directory : undefined, values.only);
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const admin = await new mongo.MongoClient(mongodb.uri).connect();
  try {
    const server = await serverFacts(admin);
    const rate = await compare(files, server, mongodb.uri, admin);
    if (rate < WANTED) process.exitCode = 1;
  } finally {
    await admin.close();
    await mongodb.stop();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function serverFacts(admin: mongo.MongoClient): Promise<ServerFacts> {
  const { version } = await admin.db('admin').command({ buildInfo: 1 });
  const { setName, msg } = await admin.db('admin').command({ hello: 1 });
  return {
    version: String(version),
    topology: msg === 'isdbgrid' ? 'sharded' : setName ? 'replicaset' : 'single',
  };
}

async function compare(
  files: TestFile[],
  server: ServerFacts,
  uri: string,
  admin: mongo.MongoClient,
): Promise<number> {
  const tallies = new Map<string, Tally>();
  const skips = new Map<string, number>();
  const failures: string[] = [];
  for (const file of files) {
    const tally = tallies.get(file.folder) ?? { passed: 0, failed: 0, skipped: 0 };
    tallies.set(file.folder, tally);
    for (const test of file.tests) {
      const { skipped, failure } = await judge(file, test, server, uri, admin);
      if (skipped !== undefined) {
        tally.skipped++;
        skips.set(skipped, (skips.get(skipped) ?? 0) + 1);
      } else if (failure !== undefined) {
        tally.failed++;
        failures.push(`${file.folder}/${file.name}: ${test.description}\n    ${failure}`);
      } else {
        tally.passed++;
      }
    }
  }
  return report(tallies, skips, failures);
}

async function judge(
  file: TestFile,
  test: TestCase,
  server: ServerFacts,
  uri: string,
  admin: mongo.MongoClient,
): Promise<{ skipped?: string; failure?: string }> {
  if (test.skipReason !== undefined) return { skipped: `the test file skips it: ${test.skipReason}` };
  const unmet = unmetRequirement(file, test, server);
  if (unmet !== undefined) return { skipped: `the test file ${unmet}` };
  const entities = new Entities(uri);
  try {
    await runTest(file, test, uri, admin, entities);
    return {};
  } catch (error) {
    const skipped = skipReason({ file, test, entities, error });
    if (skipped !== undefined) return { skipped };
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function report(tallies: Map<string, Tally>, skips: Map<string, number>, failures: string[]): number {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const failure of failures) console.log(`failed: ${failure}`);
  for (const [folder, tally] of tallies) {
    console.log(line(folder, tally));
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  console.log(line('all', total));
  for (const [reason, count] of [...skips].sort((a, b) => b[1] - a[1]))
    console.log(`skipped ${count}: ${reason}`);
  return total.passed / (total.passed + total.failed || 1);
}

function line(name: string, { passed, failed, skipped }: Tally): string {
  const percentage = ((100 * passed) / (passed + failed || 1)).toFixed(1);
  return `${name}: ${passed} of ${passed + failed} passed (${percentage} %), ${skipped} skipped`;
}

main().catch((error: unknown) => {
  console.error(error instanceof NoTestData ? error.message : error);
  process.exitCode = 1;
});
