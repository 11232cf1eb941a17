import mongoose, { Schema, type Connection, type Model } from 'mongoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from '../lib/index.js';
import type { Picture, Setting } from './setting.js';
import { withDatabase } from '../spec/support/mongodb/uri.js';

/** Models on a connection and in a database of their own, so that no other model is asked about their files. */
export class Connected {
  readonly #connection: Connection;
  readonly #root: string;

  private constructor(connection: Connection, root: string) {
    this.#connection = connection;
    this.#root = root;
  }

  static async open({ uri, database, root }: Setting, name: string): Promise<Connected> {
    const own = withDatabase(uri, `${database}_${name}`);
    return new Connected(await mongoose.createConnection(own).asPromise(), root);
  }

  /** A model with the plugin; `fields` default to `image`. */
  async model(
    options: Partial<ImageCleanupOptions>,
    { name = 'Picture', paths = {} }: { name?: string; paths?: Record<string, unknown> } = {},
  ): Promise<Model<Picture>> {
    const provider = localProvider({ root: this.#root });
    return this.bare(name, paths, (schema) => {
      schema.plugin(imageCleanup, { fields: ['image'], provider, timeoutMs: 600_000, ...options });
    });
  }

  /** A model that `prepare` makes ready. */
  async bare(
    name: string,
    paths: Record<string, unknown>,
    prepare: (schema: Schema<Picture>) => void,
  ): Promise<Model<Picture>> {
    const schema = new Schema<Picture>({ title: String, image: { type: String, index: true } });
    schema.add(paths as never);
    prepare(schema);
    const made = this.#connection.model(name, schema) as unknown as Model<Picture>;
    await made.init();
    return made;
  }

  async close(): Promise<void> {
    await this.#connection.dropDatabase();
    await this.#connection.close();
  }
}
