import type { Connection, mongo } from 'mongoose';

/** The fields of a document in `files` that are read. */
export interface FileDocument {
  readonly _id: unknown;
  readonly filename?: unknown;
  readonly uploadDate?: unknown;
  readonly length?: unknown;
}

/** The two collections of a bucket, outside of all sessions. */
export interface Bucket {
  readonly files: mongo.Collection;
  readonly chunks: mongo.Collection;
}

/** Chunks of an upload in progress have no file yet, so chunks without a file are left alone until they are this old. */
export const UPLOAD_MS = 24 * 60 * 60 * 1000;

/** @throws Error if the connection is not open, since a command would wait for it. */
export function bucketOf(connection: Connection, bucketName: string): Bucket {
  const { db } = connection;
  if (!db || Number(connection.readyState) !== 1) {
    throw new Error(
      `gridfsProvider: the connection is not open (readyState ${String(connection.readyState)}); open it before files are removed or listed`,
    );
  }
  return { files: db.collection(`${bucketName}.files`), chunks: db.collection(`${bucketName}.chunks`) };
}

export function timeOf({ uploadDate }: FileDocument): number {
  return uploadDate instanceof Date ? uploadDate.getTime() : 0;
}

export function fingerprintOf(file: FileDocument): string {
  return `${String(file._id)} ${String(timeOf(file))}`;
}

/** When the newest chunk was written; `null` if there is none, `Infinity` if its id does not say. */
export async function newestChunk({ chunks }: Bucket, fileId: unknown): Promise<number | null> {
  const [newest] = await chunks
    .find({ files_id: fileId } as mongo.Filter<mongo.Document>, {
      projection: { _id: 1 },
      sort: { _id: -1 },
      limit: 1,
      readPreference: 'primary',
    })
    .toArray();
  if (!newest) return null;
  const id: unknown = newest._id;
  const isDated = typeof id === 'object' && id !== null && 'getTimestamp' in id;
  return isDated ? (id as mongo.ObjectId).getTimestamp().getTime() : Infinity;
}
