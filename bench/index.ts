import os from 'node:os';
import { median, ratioOf } from './measure.js';
import type { Result } from './result.js';
import { setUp, type Setting } from './setting.js';
import { deleteMany } from './delete-many.js';
import { hydrate } from './hydrate.js';
import { journal, largeJournal } from './journal.js';
import { replaceAndDelete } from './replace.js';
import { deleteManyInS3 } from './s3.js';
import { saveUntouched } from './save.js';
import { texts } from './texts.js';
import { unlink } from './unlink.js';

const BENCHES: Record<string, (setting: Setting) => Promise<Result[]>> = {
  save: saveUntouched,
  replace: replaceAndDelete,
  'delete-many': deleteMany,
  hydrate,
  journal,
  'journal-many': largeJournal,
  unlink,
  s3: deleteManyInS3,
  texts,
};

/** `npm run bench [-- name …]`: all benchmarks, or those named, without and with a delay of 1 ms for each database command. */
async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !(name in BENCHES));
  if (unknown !== undefined)
    throw new Error(`no benchmark "${unknown}"; there are: ${Object.keys(BENCHES).join(', ')}`);
  const setting = await setUp();
  console.log(
    `${os.cpus()[0]?.model ?? 'unknown processor'} × ${String(os.cpus().length)}, Node ${process.version}, ${setting.mongodb}`,
  );
  for (const ms of [0, 1]) {
    await setting.delay(ms);
    console.log(`\n${ms === 0 ? 'Without delay' : 'With 1 ms more for each database command'}\n`);
    console.log('| what | against | ours, ms | theirs, ms | ratio (lowest–highest) | goal |');
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (named.length > 0 && !named.includes(name)) continue;
      for (const result of await bench(setting)) console.log(row(result));
    }
  }
  await setting.delay(0);
  await setting.stop();
}

function row({ what, against, pair, goal, note }: Result): string {
  const { median: middle, lowest, highest } = ratioOf(pair);
  const ratio = `**${middle.toFixed(2)}** (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
  const times = [pair.ours, pair.theirs].map((one) => median(one).toFixed(0));
  return `| ${[what + (note === undefined ? '' : `; ${note}`), against, ...times, ratio, goal].join(' | ')} |`;
}

void main();
