import mongoose from 'mongoose';
import { parseArgs } from 'node:util';
import { startMongoDB } from '../spec/support/mongodb/index.js';
import { checkHistories, describeVerdict } from '../spec/histories/check.js';
import { otherDatabase } from '../spec/support/mongodb/uri.js';
import { Worlds } from '../spec/histories/world.js';

/** `npm run histories -- --count 100000 [--seed N] [--journal] [--no-shrink]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      seed: { type: 'string' },
      journal: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: true },
      quiet: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const mongodb = await startMongoDB();
  if (!values.quiet) console.log(mongodb.description);
  await shortenTransactions(mongodb.uri);
  let databases = 0;
  const worlds = new Worlds(() => otherDatabase(mongodb.uri, ++databases));
  const started = performance.now();
  let played = 0;
  const verdict = await checkHistories(worlds, {
    count: Number(values.count),
    seed: values.seed === undefined ? undefined : Number(values.seed),
    shrink: values.shrink,
    hasJournal: values.journal,
    onPlayed: () => {
      if (++played % 1000 !== 0 || values.quiet) return;
      const seconds = Math.round((performance.now() - started) / 1000);
      console.log(`${String(played)} histories in ${String(seconds)} s`);
    },
  });
  console.log(describeVerdict(verdict));
  await worlds.close();
  await mongodb.stop();
  process.exitCode = verdict.failure ? 1 : 0;
}

/** A write that waits for a transaction nobody ends waits a minute by default, which thousands of histories cannot afford. */
async function shortenTransactions(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    await connection.db!.admin().command({ setParameter: 1, transactionLifetimeLimitSeconds: 3 });
  } catch {
    // a server of somebody else: it keeps its own time
  }
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  // an open MongoDB would keep it alive
  process.exit(1);
});
