import { unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Model, Schema } from 'mongoose';
import { timed } from './measure.js';
import type { Picture, Setting } from './setting.js';

/** Milliseconds that `count` replacements of the image of one document take, each by an `updateOne`. */
export async function replaceOneByOne(
  { fill }: Setting,
  model: Model<Picture>,
  count: number,
): Promise<number> {
  const names = fill('one', count + 1);
  const { _id } = await model.create({ image: `/uploads/${names[0]!}` });
  const ms = await timed(async () => {
    for (const name of names.slice(1)) await model.updateOne({ _id }, { image: `/uploads/${name}` });
  });
  await model.collection.deleteOne({ _id: _id as never });
  return ms;
}

/** The hooks that people write: the original is read, and unlinked at once. */
export function addHandWrittenHook(schema: Schema<Picture>, root: string): void {
  schema.pre('updateOne', async function () {
    const original = await this.model.findOne(this.getFilter()).select('image').lean();
    const image = (original as Picture | null)?.image;
    if (image) await unlink(path.join(root, path.basename(image))).catch(() => undefined);
  });
}
