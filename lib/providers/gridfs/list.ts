import type { mongo } from 'mongoose';
import type { ListOptions, StoredAsset } from '../provider.js';
import { objectIdOf } from '../stored-value.js';
import { newestChunk, timeOf, UPLOAD_MS, type Bucket, type FileDocument } from './bucket.js';
import { filenameKey, type Naming } from './values.js';

const PAGE = 1000;

/**
 * Lists the files and, by id, also the ids that have chunks but no file any more; ids of other types than ObjectId are
 * left out. By filename, an entry stands for all revisions of the name: the sum of their sizes, and the newest time.
 */
export async function* listOf(bucket: Bucket, options: ListOptions, naming: Naming) {
  const { prefix = '' } = options;
  let open: StoredAsset | undefined;
  for await (const file of filesOf(bucket, naming)) {
    options.signal?.throwIfAborted();
    const key = naming.by === 'id' ? objectIdOf(file._id) : filenameKey(file.filename);
    if (key === null || !key.startsWith(prefix)) continue;
    const size = Number(file.length ?? 0);
    const time = timeOf(file);
    if (open?.asset.key === key) {
      const modifiedAt = new Date(Math.max(time, open.modifiedAt.getTime()));
      open = { ...open, size: open.size + size, modifiedAt };
      continue;
    }
    if (open) yield open;
    open = { asset: { provider: naming.name, key }, size, modifiedAt: new Date(time) };
  }
  if (open) yield open;
  if (naming.by === 'id') yield* leftChunks(bucket, options, naming);
}

function filesOf({ files }: Bucket, { by }: Naming): mongo.FindCursor<mongo.WithId<mongo.Document>> {
  return files.find(
    {},
    {
      projection: { filename: 1, uploadDate: 1, length: 1 },
      sort: by === 'id' ? { _id: 1 } : { filename: 1, uploadDate: 1 },
      batchSize: PAGE,
      readPreference: 'primary',
    },
  );
}

async function* leftChunks(bucket: Bucket, { prefix = '', signal }: ListOptions, { name }: Naming) {
  for await (const ids of idsInChunks(bucket)) {
    signal?.throwIfAborted();
    const whole = await bucket.files
      .find({ _id: { $in: ids } } as mongo.Filter<mongo.Document>, {
        projection: { _id: 1 },
        readPreference: 'primary',
      })
      .toArray();
    const known = new Set(whole.map((file) => objectIdOf(file._id)));
    for (const id of ids) {
      const key = objectIdOf(id);
      if (key === null || known.has(key) || !key.startsWith(prefix)) continue;
      const time = await newestChunk(bucket, id);
      if (time === null || time > Date.now() - UPLOAD_MS) continue;
      yield { asset: { provider: name, key }, size: 0, modifiedAt: new Date(time) };
    }
  }
}

/** The ids of files that have chunks, read from the index of the bucket. */
async function* idsInChunks({ chunks }: Bucket): AsyncGenerator<unknown[]> {
  const cursor = chunks.find(
    {},
    { projection: { _id: 0, files_id: 1 }, sort: { files_id: 1, n: 1 }, readPreference: 'primary' },
  );
  let page: unknown[] = [];
  let latest: string | null = null;
  for await (const chunk of cursor) {
    const id = (chunk as Pick<FileDocument, never> & { files_id?: unknown }).files_id;
    const key = objectIdOf(id);
    if (key === latest) continue;
    latest = key;
    page.push(id);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
