import { parseArgs } from 'node:util';
import { writeTogether } from '../spec/crashes/together.js';
import { startMongoDB } from '../spec/support/mongodb/index.js';
import { otherDatabase } from '../spec/support/mongodb/uri.js';

/** `npm run two-processes -- --rounds 20 --writes 500`: two processes write to the same documents at the same time. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      writes: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
    },
  });
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const [rounds, writes] = [Number(values.rounds), Number(values.writes)];
  let lost = 0;
  let orphans = 0;
  for (let round = 0; round < rounds; round++) {
    const seed = Number(values.seed) + 2 * round;
    const report = await writeTogether(otherDatabase(mongodb.uri, seed), seed, writes);
    if (report.lost.length > 0) console.log(`seed ${String(seed)} lost: ${report.lost.join(', ')}`);
    lost += report.lost.length;
    orphans += report.orphans;
  }
  console.log(
    `${String(rounds)} rounds of two processes with ${String(writes)} writes each: ` +
      `${String(lost)} files in use lost, ${String(orphans)} orphans`,
  );
  await mongodb.stop();
  process.exitCode = lost > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
