import type { mongo } from 'mongoose';
import type { DroppedAsset, RemovalOutcome } from '../provider.js';
import { fingerprintOf, newestChunk, timeOf, UPLOAD_MS, type Bucket, type FileDocument } from './bucket.js';
import { filenameKey, idKey, type Naming } from './values.js';

type Filter = mongo.Filter<mongo.Document>;

/**
 * By id, removes files first, then their chunks. An interruption leaves chunks without a file; a later call for the
 * same id removes them if the file was known to be complete, or if they are too old to belong to an upload. By
 * filename, removes chunks first, since chunks have no name: a later call, and a sweep, find the file again.
 */
export async function removeFrom(
  bucket: Bucket,
  { assets, signal }: { assets: readonly DroppedAsset[]; signal: AbortSignal },
  naming: Naming,
): Promise<RemovalOutcome[]> {
  const stored = await storedFiles(bucket, assets, naming);
  signal.throwIfAborted();
  const going: unknown[] = [];
  const outcomes = assets.map((asset): RemovalOutcome | null => {
    if (!isOwn(asset, naming)) return { outcome: 'kept', reason: 'not ours' };
    const files = stored.get(asset.key);
    if (!files) return null;
    if (asset.expected !== undefined && asset.expected !== fingerprintOf(files[0]!))
      return { outcome: 'kept', reason: 'changed' };
    for (const file of files) going.push(file._id);
    return { outcome: 'removed' };
  });
  if (going.length > 0) await deleteBoth(bucket, going, naming);
  const answers: RemovalOutcome[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    answers.push(outcome ?? (await clearChunks(bucket, assets[index]!, naming)));
  }
  return answers;
}

async function deleteBoth({ files, chunks }: Bucket, ids: readonly unknown[], { by }: Naming): Promise<void> {
  const deletions = [
    () => files.deleteMany({ _id: { $in: ids } } as Filter),
    () => chunks.deleteMany({ files_id: { $in: ids } }),
  ];
  if (by === 'filename') deletions.reverse();
  for (const deletion of deletions) await deletion();
}

/** The files by key, the newest revision first. */
export async function storedFiles(
  { files }: Bucket,
  assets: readonly { readonly provider: string; readonly key: string }[],
  naming: Naming,
): Promise<Map<string, FileDocument[]>> {
  const keys = assets.filter((asset) => isOwn(asset, naming)).map(({ key }) => key);
  const stored = new Map<string, FileDocument[]>();
  if (keys.length === 0) return stored;
  const filter =
    naming.by === 'id' ? { _id: { $in: keys.map(naming.objectId) } } : { filename: { $in: keys } };
  const found = await files
    .find(filter as Filter, {
      projection: { filename: 1, uploadDate: 1, length: 1 },
      readPreference: 'primary',
    })
    .toArray();
  for (const file of found.sort((one, other) => timeOf(other) - timeOf(one) || newer(one, other))) {
    const key = naming.by === 'id' ? idKey(file._id) : filenameKey(file['filename']);
    if (key !== null) stored.set(key, [...(stored.get(key) ?? []), file]);
  }
  return stored;
}

function newer(one: FileDocument, other: FileDocument): number {
  return String(one._id) < String(other._id) ? 1 : -1;
}

function isOwn({ provider, key }: { provider: string; key: string }, { name, by }: Naming): boolean {
  return provider === name && (by === 'id' ? idKey : filenameKey)(key) === key;
}

/** The file is gone; removes the chunks that an interrupted removal left. */
async function clearChunks(
  bucket: Bucket,
  { key, expected }: DroppedAsset,
  { by, objectId }: Naming,
): Promise<RemovalOutcome> {
  if (by === 'filename') return { outcome: 'missing' };
  const fileId = objectId(key);
  const newest = await newestChunk(bucket, fileId);
  if (newest === null) return { outcome: 'missing' };
  const wasWhole = typeof expected === 'string' && expected.startsWith(`${key} `);
  if (!wasWhole && newest > Date.now() - UPLOAD_MS) return { outcome: 'missing' };
  await bucket.chunks.deleteMany({ files_id: fileId } as Filter);
  return { outcome: 'removed' };
}
