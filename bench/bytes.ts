import mongoose, { Schema } from 'mongoose';
import { imageCleanup, localProvider, type StorageProvider } from '../lib/index.js';
import { insertPictures, type Picture } from './setting.js';
import { withPlugin } from './ways.js';
import { withDatabase } from '../spec/support/mongodb/uri.js';

/**
 * A process (with `--expose-gc`) for the bytes of heap that a `deleteMany` holds for each file that it drops, which it
 * sends. Measured when the first question is asked and when the first file is removed, since until then all files of
 * the write are there; the larger one counts. The files `b0.png` … of the folder stay.
 */
async function main(): Promise<void> {
  const [uri, dbName, root, count] = process.argv.slice(2) as [string, string, string, string];
  await mongoose.connect(withDatabase(uri, dbName));
  let isMeasuring = false;
  const seen = { forms: 0, remove: 0 };
  const note = (when: keyof typeof seen): void => {
    if (isMeasuring && seen[when] === 0) seen[when] = heap();
  };
  const local = localProvider({ root });
  const provider: StorageProvider = {
    ...local,
    identify: (value) => local.identify(value),
    forms: (asset) => {
      note('forms');
      return local.forms(asset);
    },
    remove: (assets) => {
      note('remove');
      return Promise.resolve(assets.map(() => ({ outcome: 'removed' as const })));
    },
  };
  const schema = new Schema<Picture>({ title: String, image: { type: String, index: true } });
  schema.plugin(imageCleanup, { fields: ['image'], provider, timeoutMs: 600_000 });
  const model = mongoose.model<Picture>('Bytes', schema);
  await model.init();
  const names = (prefix: string, many: number): string[] =>
    Array.from({ length: many }, (_, index) => `${prefix}${String(index)}.png`);
  await insertPictures(model, names('w', 2000));
  await withPlugin(model);
  await insertPictures(model, names('b', Number(count)));
  const atRest = heap();
  isMeasuring = true;
  await withPlugin(model);
  process.send!(Math.round((Math.max(seen.forms, seen.remove) - atRest) / Number(count)));
  await mongoose.connection.dropCollection(model.collection.name);
  await mongoose.disconnect();
  process.disconnect();
}

/** Twice, since the first collection may leave what finalizers hold. */
function heap(): number {
  void gc?.();
  void gc?.();
  return process.memoryUsage().heapUsed;
}

void main();
