import mongoose, { Schema, type Connection } from 'mongoose';
import { finished } from 'node:stream/promises';
import { imageCleanup, type CleanupEvent } from '../../../lib/index.js';
import type { AnyDocumentModel } from '../../support/album.js';
import { gridfsProvider, type GridfsOptions } from '../../../lib/providers/gridfs/index.js';

export type ObjectId = mongoose.mongo.ObjectId;

/** A bucket of the driver, as an app fills it. */
export class Photos {
  readonly connection: Connection;
  readonly bucket: mongoose.mongo.GridFSBucket;

  constructor(connection: Connection, bucketName = 'photos') {
    this.connection = connection;
    this.bucket = new mongoose.mongo.GridFSBucket(connection.db!, { bucketName, chunkSizeBytes: 4 });
  }

  async put(filename: string, content = 'content', asId = new mongoose.mongo.ObjectId()): Promise<ObjectId> {
    const upload = this.bucket.openUploadStreamWithId(asId, filename);
    upload.end(content);
    await finished(upload);
    return upload.id as ObjectId;
  }

  files(filter: object = {}): Promise<number> {
    return this.connection.db!.collection('photos.files').countDocuments(filter);
  }

  chunks(filter: object = {}): Promise<number> {
    return this.connection.db!.collection('photos.chunks').countDocuments(filter);
  }

  /** What is left when a removal is interrupted between its two deletes. */
  async dropFileOnly(id: ObjectId): Promise<void> {
    await this.connection.db!.collection('photos.files').deleteOne({ _id: id });
  }

  /** Gives the chunks of a file ids of long ago. */
  async ageChunks(id: ObjectId): Promise<void> {
    const chunks = this.connection.db!.collection('photos.chunks');
    const all = await chunks.find({ files_id: id }).toArray();
    await chunks.deleteMany({ files_id: id });
    const old = all.map((one, n) => ({
      ...one,
      _id: new mongoose.mongo.ObjectId(`5000000000000000000000${String(10 + n)}`),
    }));
    await chunks.insertMany(old);
  }

  provider(options: Partial<GridfsOptions> = {}) {
    return gridfsProvider({ connection: this.connection, bucketName: 'photos', ...options });
  }

  model(definition: Record<string, unknown>, options: Partial<GridfsOptions> = {}, mentionsUpTo = 0) {
    const events: CleanupEvent[] = [];
    const schema: Schema = new Schema(definition as Record<string, StringConstructor>);
    schema.plugin(imageCleanup, {
      fields: Object.keys(definition),
      mentionsUpTo,
      provider: this.provider(options),
      logger: { warn: () => undefined, error: () => undefined },
      onEvent: (event: CleanupEvent) => void events.push(event),
    });
    return { Model: this.connection.model('Album', schema) as unknown as AnyDocumentModel, events };
  }
}
