import type { Stats } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from 'mongoose';
import { cleanupFor } from '../lib/index.js';
import type { Picture } from './setting.js';

const POOL = 16;
const BATCH = 500;

/** All documents and their files, as a user of the plugin deletes them. */
export async function withPlugin(plugged: Model<Picture>): Promise<void> {
  await plugged.deleteMany({});
  await cleanupFor(plugged).idle();
}

/** A cursor, one `deleteMany`, unlinks in a pool: nobody else uses a file, and nobody writes one anew. */
export async function byHand(plain: Model<Picture>, root: string): Promise<void> {
  const images = await readImages(plain);
  await plain.deleteMany({});
  await inPool(images, (image) => unlink(pathOf(image, root)));
}

/** The same, which looks at each file, asks who else uses it (by one spelling), and looks again before it goes. */
export async function carefullyByHand(plain: Model<Picture>, root: string): Promise<void> {
  const images = await readImages(plain);
  await plain.deleteMany({});
  const seen = new Map<string, Stats>();
  await inPool(images, async (image) => seen.set(image, await lstat(pathOf(image, root))));
  for (let start = 0; start < images.length; start += BATCH) {
    const batch = images.slice(start, start + BATCH);
    const found = await plain
      .find({ image: { $in: batch } })
      .select('image')
      .lean();
    const used = new Set(found.map(({ image }) => image));
    const unused = batch.filter((image) => !used.has(image));
    await inPool(unused, async (image) => {
      const { ino, mtimeMs } = await lstat(pathOf(image, root));
      const before = seen.get(image)!;
      if (ino === before.ino && mtimeMs === before.mtimeMs) await unlink(pathOf(image, root));
    });
  }
}

async function readImages(plain: Model<Picture>): Promise<string[]> {
  const images: string[] = [];
  for await (const { image } of plain.find({}).select('image').lean().cursor({ batchSize: 1000 })) {
    if (image) images.push(image);
  }
  return images;
}

function pathOf(image: string, root: string): string {
  return path.join(root, path.basename(image));
}

async function inPool(images: readonly string[], act: (image: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let image = images[next++]; image !== undefined; image = images[next++]) await act(image);
  };
  await Promise.all(Array.from({ length: POOL }, work));
}
