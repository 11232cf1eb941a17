import mongoose, { Schema } from 'mongoose';
import { parseArgs } from 'node:util';
import { cleanupFor, imageCleanup } from '../lib/index.js';
import { randomFrom } from '../spec/crashes/random.js';
import { MemoryStorage } from '../spec/support/memory-storage.js';
import { startMongoDB } from '../spec/support/mongodb/index.js';

/**
 * `npm run residual -- --count 2000`: how often the one thing happens that nothing can lock. One write drops a file that no
 * other document uses, and at a random instant meanwhile another write takes the file up.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
  });
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const connection = await mongoose.createConnection(mongodb.uri).asPromise();
  const storage = new MemoryStorage();
  const schema = new Schema({ image: { type: String, index: true } });
  const provider = storage.provider();
  let removedAt = 0;
  schema.plugin(imageCleanup, {
    fields: ['image'],
    provider: {
      ...provider,
      remove(assets, options) {
        removedAt = performance.now();
        return provider.remove(assets, options);
      },
    },
  });
  const Album = connection.model('Album', schema);
  await Album.init();
  const isStored = async (name: string): Promise<boolean> =>
    (await storage.contents()).some((file) => file.startsWith(`${name}#`));
  const random = randomFrom(Number(values.seed));
  const takesMs = await time(20);
  const counts = {
    'taken up in time, kept': 0,
    'gone before the write that takes it up began': 0,
    'left while the write that takes it up was under way': 0,
    'left after the write that took it up was acknowledged': 0,
  };
  for (let round = 0; round < Number(values.count); round++) {
    const name = `round-${String(round)}.png`;
    const { dropper, taker } = await begin(name);
    const dropped = Album.updateOne({ _id: dropper }, { $unset: { image: 1 } }).exec();
    await new Promise((resolve) => setTimeout(resolve, random() * takesMs * 1.2));
    const wasThere = await isStored(name);
    await Album.updateOne({ _id: taker }, { image: name });
    const takenAt = performance.now();
    await dropped;
    await cleanupFor(Album).idle();
    if (await isStored(name)) counts['taken up in time, kept']++;
    else if (!wasThere) counts['gone before the write that takes it up began']++;
    else if (removedAt < takenAt) counts['left while the write that takes it up was under way']++;
    else counts['left after the write that took it up was acknowledged']++;
  }
  console.log(`one write takes ${takesMs.toFixed(1)} ms here; the other begins within 1.2 times that`);
  for (const [what, count] of Object.entries(counts)) {
    console.log(`${what}: ${String(count)} (${((100 * count) / Number(values.count)).toFixed(2)} %)`);
  }
  await connection.destroy(true);
  await mongodb.stop();

  async function begin(name: string): Promise<{ dropper: unknown; taker: unknown }> {
    await storage.put(name);
    const [dropper, taker] = await Album.create([{ image: name }, {}]);
    return { dropper: dropper!._id, taker: taker!._id };
  }

  /** Of a write with its removal, in milliseconds. */
  async function time(rounds: number): Promise<number> {
    let total = 0;
    for (let round = 0; round < rounds; round++) {
      const { dropper } = await begin(`timed-${String(round)}.png`);
      const started = performance.now();
      await Album.updateOne({ _id: dropper }, { $unset: { image: 1 } });
      total += performance.now() - started;
    }
    return total / rounds;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
