import fse from 'fs-extra';
import mongoose, { Schema } from 'mongoose';
import path from 'node:path';
import { cleanupFor, imageCleanup, localProvider } from '../../lib/index.js';
import { tellTransactions } from './left-transactions.js';
import { randomFrom } from './random.js';

/** What a writer is told on its command line, as JSON. */
export interface WriterTask {
  readonly uri: string;
  readonly root: string;
  readonly seed: number;
  /** For the names of its uploads. */
  readonly name: string;
  /** How many writes; without it the writer goes on until it is killed. */
  readonly writes?: number;
  readonly hasTransactions: boolean;
}

/**
 * A process that replaces and deletes pictures without end. Each document gets freshly uploaded files, or files that
 * another document uses all the time; so nothing it does may ever lose a file in use.
 */
async function write({
  uri,
  root,
  seed,
  name,
  hasTransactions,
  writes = Infinity,
}: WriterTask): Promise<void> {
  const random = randomFrom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const connection = await mongoose.createConnection(uri, { monitorCommands: true }).asPromise();
  tellTransactions(connection);
  const schema = new Schema({ image: String, gallery: [String] }, { collection: 'albums' });
  schema.plugin(imageCleanup, {
    fields: ['image', 'gallery'],
    provider: localProvider({ root }),
    removal: seed % 2 === 0 ? 'wait' : 'background',
    logger: { warn: () => undefined, error: () => undefined },
  });
  const Album = connection.model('Album', schema);
  let uploads = 0;
  const upload = async (): Promise<string> => {
    const file = `${name}-${String(++uploads)}.png`;
    await fse.outputFile(path.join(root, file), file);
    return file;
  };
  const anyPlace = { place: pick(3) };
  for (let done = 0; done < writes; done++) {
    const filter = { place: pick(6) };
    const image = pick(4) === 0 ? 'anchor.png' : await upload();
    const act = pick(hasTransactions ? 7 : 6);
    if (act === 0) await Album.updateOne(filter, { image });
    else if (act === 1) await Album.findOneAndReplace(filter, { ...filter, image });
    else if (act === 2) await Album.deleteOne(filter);
    else if (act === 3)
      await Album.collection.insertOne({ ...filter, image, gallery: [await upload()] } as never);
    else if (act === 4) {
      const album = await Album.findOne(filter);
      await album?.set({ image }).save().catch(ignoreGone);
    } else if (act === 5) {
      await Album.bulkWrite([
        { updateOne: { filter: anyPlace, update: { $push: { gallery: { $each: [image], $slice: -2 } } } } },
        { deleteOne: { filter } },
      ]);
    } else {
      await connection
        .transaction(async (session) => {
          await Album.updateOne(filter, { image }, { session });
          await Album.deleteOne(anyPlace, { session });
        })
        .catch(ignoreConflict);
    }
  }
  await cleanupFor(connection).idle();
  await connection.destroy(true);
}

/** Another process has deleted or changed the document meanwhile. */
function ignoreGone(error: unknown): void {
  if (!['DocumentNotFoundError', 'VersionError'].includes((error as Error).name)) throw error;
}

function ignoreConflict(error: unknown): void {
  if ((error as { code?: number }).code !== 112) throw error;
}

write(JSON.parse(process.argv[2]!) as WriterTask).catch((error: unknown) => {
  console.error(error);
  // the open connection would keep it alive
  process.exit(1);
});
