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

/** The hooks that people write, which unlink at once: no shared files, no failed writes, no transactions are thought of. */
export function addHandWrittenHooks(schema: Schema<Picture>, root: string): void {
  const removeOf = async (model: Model<Picture>, filter: object): Promise<void> => {
    const original = await model.findOne(filter).select('image').lean();
    const image = original?.image;
    if (image) await unlink(path.join(root, path.basename(image))).catch(() => undefined);
  };
  schema.pre('updateOne', async function () {
    await removeOf(this.model as unknown as Model<Picture>, this.getFilter());
  });
  schema.pre('save', async function () {
    if (this.isNew || !this.isModified('image')) return;
    await removeOf(this.constructor as Model<Picture>, { _id: this._id });
  });
  schema.pre('deleteOne', { document: true, query: false }, async function () {
    await removeOf(this.constructor as Model<Picture>, { _id: this._id });
  });
}
