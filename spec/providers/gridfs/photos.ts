import mongoose, { Schema, type Connection } from 'mongoose';
import { finished } from 'node:stream/promises';
import { imageCleanup, type CleanupEvent, type ImageCleanupOptions } from '../../../lib/index.js';
import type { AnyDocumentModel } from '../../support/test-app.js';
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

  async put(
    filename: string,
    content = 'content',
    asId: unknown = new mongoose.mongo.ObjectId(),
  ): Promise<ObjectId> {
    const upload = this.bucket.openUploadStreamWithId(asId as ObjectId, filename);
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
    const old = all.map((one) => ({
      ...one,
      _id: new mongoose.mongo.ObjectId(`50000000${String(one._id).slice(8)}`),
    }));
    await chunks.insertMany(old);
  }

  /** As uploaded two days ago: a sweep leaves younger files alone. */
  async age(id: unknown): Promise<void> {
    const uploadDate = new Date(Date.now() - 48 * 60 * 60 * 1000);
    await this.connection.db!.collection('photos.files').updateOne({ _id: id } as object, {
      $set: { uploadDate },
    });
  }

  provider(options: Partial<GridfsOptions> = {}) {
    return gridfsProvider({ connection: this.connection, bucketName: 'photos', ...options });
  }

  /** A model with the plugin; `fields` are all of the definition. `events` has what it told. */
  model(
    definition: Record<string, unknown>,
    options: Partial<GridfsOptions> = {},
    plugin: Partial<ImageCleanupOptions> = {},
  ) {
    const events: CleanupEvent[] = [];
    const schema: Schema = new Schema(definition as Record<string, StringConstructor>);
    schema.plugin(imageCleanup, {
      fields: Object.keys(definition),
      mentionsUpTo: 0,
      provider: this.provider(options),
      logger: { warn: () => undefined, error: () => undefined },
      onEvent: (event: CleanupEvent) => void events.push(event),
      ...plugin,
    });
    const Model = this.connection.model('Album', schema) as unknown as AnyDocumentModel;
    const told = () => events.map(({ outcome, reason }) => (reason ? `${outcome}: ${reason}` : outcome));
    return { Model, events, told };
  }

  /** A second model of the same bucket, with one field `cover`. */
  dropper(name: string, type: unknown) {
    const events: CleanupEvent[] = [];
    const schema: Schema = new Schema({ cover: type } as Record<string, StringConstructor>);
    schema.plugin(imageCleanup, {
      fields: ['cover'],
      mentionsUpTo: 0,
      provider: this.provider(),
      logger: { warn: () => undefined, error: () => undefined },
      onEvent: (event: CleanupEvent) => void events.push(event),
    });
    const Model = this.connection.model(name, schema) as unknown as AnyDocumentModel;
    return {
      Model,
      told: () => events.map(({ outcome, reason }) => (reason ? `${outcome}: ${reason}` : outcome)),
    };
  }

  /** The keys that a sweep would see. */
  async listed(options: Partial<GridfsOptions> = {}): Promise<string[]> {
    const keys: string[] = [];
    for await (const { asset } of this.provider(options).list!({})) keys.push(asset.key);
    return keys;
  }
}
