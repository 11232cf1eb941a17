import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { median } from './measure.js';
import { setUp } from './setting.js';

const BENCHES = ['replace', 'delete', 'delete-many'];

/**
 * `npm run bench:versions -- FOLDER [replace | delete | delete-many …]`, `ROUNDS` times: the processor time of this checkout's library against that of another one, in processes
 * of their own, in turn, over one MongoDB. The other folder needs its own `node_modules` or a link to these.
 */
async function main(): Promise<void> {
  const [other, ...named] = process.argv.slice(2);
  if (other === undefined) throw new Error('name the folder of the other checkout');
  const rounds = Number(process.env['ROUNDS'] ?? 7);
  const setting = await setUp();
  const libraries = {
    before: path.resolve(other, 'lib/index.ts'),
    after: path.resolve(__dirname, '../lib/index.ts'),
  };
  console.log('| what | before | after | ratio (lowest–highest) |');
  console.log('| --- | --- | --- | --- |');
  for (const what of named.length > 0 ? named : BENCHES) {
    const times: Record<keyof typeof libraries, number[]> = { before: [], after: [] };
    for (let round = 0; round < rounds; round++) {
      const order = Object.keys(libraries) as (keyof typeof libraries)[];
      for (const one of round % 2 === 0 ? order : order.reverse()) {
        times[one].push(await costOf(libraries[one], what, setting.uri));
      }
    }
    const ratios = times.after.map((one, round) => one / times.before[round]!).sort((a, b) => a - b);
    const shown = [median(times.before), median(times.after)].map((one) => one.toFixed(3));
    console.log(
      `| ${what}, processor ms | ${shown.join(' | ')} | ${median(ratios).toFixed(2)} (${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}) |`,
    );
  }
  await setting.stop();
}

/** Milliseconds of processor time for one replacement or deletion, or for one `deleteMany`. */
async function costOf(library: string, what: string, uri: string): Promise<number> {
  const child = fork(path.join(__dirname, 'version-worker.ts'), [library, what, uri], {
    execArgv: ['-r', 'ts-node/register'],
  });
  const [cost] = (await once(child, 'message')) as [number];
  return cost;
}

void main();
