import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { cleanupFor } from '../lib/index.js';
import type { Model } from 'mongoose';
import type { Result } from './result.js';
import { inTurn, peakMemory, timed } from './measure.js';
import type { Picture, Setting } from './setting.js';

const POOL = 16;

/** `deleteMany` with files, against a script tuned by hand: a cursor, one `deleteMany`, unlinks in a pool. */
export async function deleteMany(setting: Setting): Promise<Result[]> {
  const results: Result[] = [];
  for (const [count, rounds] of [
    [10_000, 3],
    [100_000, 1],
  ] as const) {
    let ourMemory = 0;
    let theirMemory = 0;
    const pair = await inTurn(
      rounds,
      async () => {
        await prepare(setting, setting.plugged, count);
        return timed(async () => {
          const memory = await peakMemory(async () => {
            await setting.plugged.deleteMany({});
            await cleanupFor(setting.plugged).idle();
          });
          ourMemory = Math.max(ourMemory, memory);
        });
      },
      async () => {
        await prepare(setting, setting.plain, count);
        return timed(async () => {
          theirMemory = Math.max(theirMemory, await peakMemory(() => deleteByHand(setting)));
        });
      },
    );
    const note = `peak memory ${megabytes(ourMemory)} against ${megabytes(theirMemory)}`;
    const what = `deleteMany over ${count.toLocaleString('en')} documents with files`;
    results.push({ what, against: 'a script tuned by hand', pair, goal: '≤ 1.3', note });
  }
  return results;
}

async function prepare(setting: Setting, model: Model<Picture>, count: number): Promise<void> {
  const names = await setting.fill('d', count);
  for (let start = 0; start < count; start += 10_000) {
    const documents = names.slice(start, start + 10_000).map((name) => ({ image: `/uploads/${name}` }));
    await model.collection.insertMany(documents);
  }
}

async function deleteByHand({ plain, root }: Setting): Promise<void> {
  const images: string[] = [];
  for await (const { image } of plain.find({}).select('image').lean().cursor({ batchSize: 1000 })) {
    if (image) images.push(image);
  }
  await plain.deleteMany({});
  let next = 0;
  const work = async (): Promise<void> => {
    for (let image = images[next++]; image !== undefined; image = images[next++]) {
      await unlink(path.join(root, path.basename(image)));
    }
  };
  await Promise.all(Array.from({ length: POOL }, work));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
