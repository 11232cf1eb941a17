import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { lackingAbilities } from '../spec/support/mongodb/abilities.js';
import { hostsOf } from '../spec/support/mongodb/uri.js';

const ROOMS = 'writes,usage,removal,schema,sweep,journal,derived,texts,doctor,attack,told,histories.spec.ts';
const USAGE = `MONGODB_URI=mongodb://… npm run engines [-- --rooms ${ROOMS}] [--skipped]

Runs the specs of these rooms on the engine of MONGODB_URI, one room after the other, and prints what it cannot do, what failed
and how many specs passed, failed and were skipped; with --skipped also which.`;

/** The part of the report of Mocha that is used. */
interface Report {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
  readonly pending: readonly { readonly fullTitle: string }[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rooms: { type: 'string', default: ROOMS },
      skipped: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const uri = process.env['MONGODB_URI'];
  if (values.help || !uri) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  console.log(`${hostsOf(uri)} lacks: ${lackingAbilities().join(', ') || 'nothing'}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'engines-'));
  try {
    for (const room of values.rooms.split(',')) {
      const report = await run(room, path.join(folder, 'report.json'));
      print(room, report, values.skipped);
      if (report.stats.failures > 0) process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(room: string, file: string): Promise<Report> {
  const specs = room.endsWith('.ts') ? `spec/${room}` : `spec/${room}/**/*.spec.ts`;
  const args = ['mocha', '--reporter', 'json', '--reporter-option', `output=${file}`, specs];
  const child = spawn('npx', args, { cwd: path.resolve(__dirname, '..'), stdio: 'ignore' });
  await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const report = await readFile(file, 'utf8').catch(() => undefined);
  if (report === undefined) throw new Error(`Mocha ended without a report: npx ${args.join(' ')}`);
  await rm(file);
  return JSON.parse(report) as Report;
}

function print(room: string, { stats, failures, pending }: Report, isEachSkipped: boolean): void {
  const { passes, failures: failed, pending: skipped } = stats;
  console.log(`${room}: ${String(passes)} passed, ${String(failed)} failed, ${String(skipped)} skipped`);
  for (const { fullTitle, err } of failures)
    console.log(`  failed   ${fullTitle}: ${(err.message ?? '').split('\n', 1)[0]!}`);
  if (isEachSkipped) for (const { fullTitle } of pending) console.log(`  skipped  ${fullTitle}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
