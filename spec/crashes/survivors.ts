import mongoose, { type Connection } from 'mongoose';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { startChild } from '../support/child.js';
import { has } from '../support/mongodb/abilities.js';
import { Uploads } from '../support/uploads.js';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { endTransactions, readTransactions } from './left-transactions.js';
import type { WriterTask } from './writer.js';

/** What outlives the writers: the database, the folder, and a look at both. */
export class Survivors {
  readonly #uploads: Uploads;
  readonly #connection: Connection;
  readonly #uri: string;
  readonly #writers: ChildProcess[] = [];
  #written = '';

  private constructor(uri: string, uploads: Uploads, connection: Connection) {
    this.#uri = uri;
    this.#uploads = uploads;
    this.#connection = connection;
  }

  static async open(uri: string): Promise<Survivors> {
    const uploads = await Uploads.create();
    const connection = await mongoose.createConnection(uri).asPromise();
    await uploads.put('anchor.png');
    const albums = connection.collection('albums');
    await albums.insertOne({ place: -1, image: 'anchor.png' });
    for (let place = 0; place < 6; place++) {
      const [image] = await uploads.put(`first-${String(place)}.png`);
      await albums.insertOne({ place, image });
    }
    return new Survivors(uri, uploads, connection);
  }

  writer(seed: number, writes?: number): ChildProcess {
    const task: WriterTask = {
      uri: this.#uri,
      root: this.#uploads.root,
      seed,
      name: `writer${String(this.#writers.length + 1)}`,
      hasTransactions: has('transactions'),
      ...(writes !== undefined && { writes }),
    };
    const writer = startChild(path.join(__dirname, 'writer.ts'), [JSON.stringify(task)]);
    this.#writers.push(writer);
    writer.stdout!.on('data', (chunk: Buffer) => {
      this.#written += chunk.toString();
    });
    return writer;
  }

  /** Resolves when so many files have come or gone, or when the writer has ended. */
  async changes(count: number, writer: ChildProcess): Promise<void> {
    const watcher = watch(this.#uploads.root);
    const ended = once(writer, 'exit');
    let seen = 0;
    const changed = new Promise<void>((resolve) => {
      watcher.on('change', () => {
        if (++seen >= count) resolve();
      });
    });
    await Promise.race([changed, ended]);
    watcher.close();
  }

  /** Files that documents use and that are gone, and files that no document uses. */
  async look(): Promise<{ lost: string[]; orphans: string[]; used: number }> {
    const documents = await this.#connection.collection('albums').find().toArray();
    const used = new Set(
      documents
        .flatMap(({ image, gallery = [] }) => [image as string, ...(gallery as string[])])
        .filter(Boolean),
    );
    const stored = new Set(await this.#uploads.names());
    return {
      lost: [...used].filter((name) => !stored.has(name)),
      orphans: [...stored].filter((name) => !used.has(name)),
      used: used.size,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map(end));
    await endTransactions(this.#connection, readTransactions(this.#written).sessions);
    await this.#connection.dropDatabase();
    await this.#connection.destroy(true);
    await this.#uploads.destroy();
  }
}

/** Where another one failed, a writer may still be at work. */
async function end(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  const ended = once(writer, 'close');
  writer.kill('SIGKILL');
  await ended;
}
