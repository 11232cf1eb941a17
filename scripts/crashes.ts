import { parseArgs } from 'node:util';
import { crash } from '../spec/crashes/crash.js';
import { startMongoDB } from '../spec/support/mongodb/index.js';
import { otherDatabase } from '../spec/support/other-database.js';

/** `npm run crashes -- --count 200 [--seed N] [--journal]`: kills writers at random instants and looks for lost files. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      journal: { type: 'boolean', default: false },
    },
  });
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const [count, first] = [Number(values.count), Number(values.seed)];
  let next = 0;
  let lost = 0;
  let orphans = 0;
  let changes = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const seed = first + next++;
      const report = await crash(otherDatabase(mongodb.uri, seed), seed, values.journal);
      if (values.journal && report.orphans > 0)
        console.log(`seed ${String(seed)}: ${String(report.orphans)} orphans`);
      if (report.lost.length > 0) console.log(`seed ${String(seed)} lost: ${report.lost.join(', ')}`);
      lost += report.lost.length;
      orphans += report.orphans;
      changes += report.changes;
      if (seed % 20 === 0) console.log(`up to seed ${String(seed)}: ${String(lost)} lost`);
    }
  };
  await Promise.all([worker(), worker()]);
  console.log(
    `${String(count)} kills from seed ${String(first)}: ${String(lost)} files in use lost, ${String(orphans)} orphans ` +
      `left for a sweep, after ${String(changes)} files that came or went`,
  );
  await mongodb.stop();
  process.exitCode = lost > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
