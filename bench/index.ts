import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deleteMany } from './delete-many.js';
import { growth } from './growth.js';
import { hydrate } from './hydrate.js';
import { journal, largeJournal } from './journal.js';
import { median, ratioOf } from './measure.js';
import { options } from './options.js';
import { tableOf } from './page.js';
import { replaceAndDelete } from './replace.js';
import type { Report, Result, Row, Series } from './result.js';
import { deleteManyInS3 } from './s3.js';
import { saveUntouched } from './save.js';
import { setUp, type Setting } from './setting.js';
import { sweeps } from './sweep-rounds.js';
import { texts } from './texts.js';
import { unlink } from './unlink.js';

const BENCHES: Record<string, (setting: Setting) => Promise<Result[]>> = {
  save: saveUntouched,
  replace: replaceAndDelete,
  'delete-many': deleteMany,
  hydrate,
  unlink,
  options,
  journal,
  'journal-many': largeJournal,
  s3: deleteManyInS3,
  texts,
  sweep: sweeps,
};
/** What sends many commands is measured once more with 1 ms for each of them, as over a network. */
const ALSO_DELAYED = ['save', 'replace', 'options'];
const RESULTS = path.join(__dirname, 'results.json');

/**
 * `npm run bench [-- name …]`: all benchmarks, or those named. `-- --save`: all of them, kept in `bench/results.json` for
 * `npm run bench:page`, which writes them into docs/performance.md.
 */
async function main(): Promise<void> {
  const { values, positionals: named } = parseArgs({
    options: { save: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const all = [...Object.keys(BENCHES), 'growth'];
  const unknown = named.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`no benchmark "${unknown}"; there are: ${all.join(', ')}`);
  if (values.save && named.length > 0) throw new Error('--save keeps a whole run: name no benchmark');
  const setting = await setUp();
  const machine = `${os.cpus()[0]?.model ?? 'unknown processor'} × ${String(os.cpus().length)}, Node ${process.version}, ${setting.mongodb.replace(/ at \S+/, '').replace(/ \(.*\)/, '')}`;
  console.log(machine);
  const isWanted = (name: string): boolean => named.length === 0 || named.includes(name);
  const tables = await tablesOf(setting, isWanted);
  const series = isWanted('growth') ? await growth(setting) : [];
  for (const one of series) printSeries(one);
  await setting.stop();
  if (!values.save) return;
  const report: Report = { machine, date: new Date().toISOString().slice(0, 10), tables, series };
  await writeFile(RESULTS, `${JSON.stringify(report, null, 2)}\n`);
}

async function tablesOf(
  setting: Setting,
  isWanted: (name: string) => boolean,
): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  for (const ms of [0, 1]) {
    await setting.delay(ms);
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (!isWanted(name) || (ms > 0 && !ALSO_DELAYED.includes(name))) continue;
      const table = ms === 0 ? name : `${name} +1 ms`;
      const rows = (await bench(setting)).map(rowOf);
      tables[table] = rows;
      console.log(`\n${table}, ${String(Math.round(process.uptime()))} s\n\n${tableOf(rows)}`);
    }
  }
  await setting.delay(0);
  return tables;
}

function rowOf({ what, against, pair, goal, note }: Result): Row {
  const { median: middle, lowest, highest } = ratioOf(pair);
  const rounded = (value: number): number => Number(value.toFixed(2));
  return {
    what: what + (note === undefined ? '' : `; ${note}`),
    against,
    ours: Math.round(median(pair.ours)),
    theirs: Math.round(median(pair.theirs)),
    ratio: [rounded(middle), rounded(lowest), rounded(highest)],
    goal,
  };
}

function printSeries({ title, x, unit, lines }: Series): void {
  console.log(`\n${title}\n\n${unit}: ${x.join(', ')}`);
  for (const { name, ms } of lines) console.log(`${name}, ms: ${ms.map((one) => one.toFixed(1)).join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
