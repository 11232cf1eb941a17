import mongoose, { type Connection } from 'mongoose';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { startChild } from '../support/child.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { Uploads } from '../support/uploads.js';
import { workOn } from './worker.js';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { WriterTask } from './writer.js';

/** What outlives the writers: the database, the folder, and a look at both. */
export class Survivors {
  readonly #uploads: Uploads;
  readonly #connection: Connection;
  readonly #uri: string;
  readonly #hasJournal: boolean;
  #writers = 0;

  private constructor(uri: string, uploads: Uploads, connection: Connection, hasJournal: boolean) {
    this.#hasJournal = hasJournal;
    this.#uri = uri;
    this.#uploads = uploads;
    this.#connection = connection;
  }

  static async open(uri: string, hasJournal = false): Promise<Survivors> {
    const uploads = await Uploads.create();
    const connection = await mongoose.createConnection(uri).asPromise();
    await uploads.put('anchor.png');
    const albums = connection.collection('albums');
    await albums.insertOne({ place: -1, image: 'anchor.png' });
    for (let place = 0; place < 6; place++) {
      const [image] = await uploads.put(`first-${String(place)}.png`);
      await albums.insertOne({ place, image });
    }
    return new Survivors(uri, uploads, connection, hasJournal);
  }

  writer(seed: number, writes?: number): ChildProcess {
    const task: WriterTask = {
      uri: this.#uri,
      root: this.#uploads.root,
      seed,
      name: `writer${String(++this.#writers)}`,
      hasJournal: this.#hasJournal,
      ...(writes !== undefined && { writes }),
    };
    return startChild(path.join(__dirname, 'writer.ts'), [JSON.stringify(task)]);
  }

  /** Resolves when so many files have come or gone, or when the writer has ended. */
  async changes(count: number, writer: ChildProcess, atMostMs = Infinity): Promise<void> {
    const watcher = watch(this.#uploads.root);
    const ended = once(writer, 'exit');
    let seen = 0;
    const changed = new Promise<void>((resolve) => {
      watcher.on('change', () => {
        if (++seen >= count) resolve();
      });
    });
    const late = new Promise<void>((resolve) => {
      if (atMostMs < Infinity) setTimeout(resolve, atMostMs).unref();
    });
    await Promise.race([changed, ended, late]);
    watcher.close();
  }

  /** A process that delivers what the writers left behind. */
  worker(): ChildProcess {
    return startChild(path.join(__dirname, 'worker.ts'), [this.#uri, this.#uploads.root]);
  }

  /** Everything in the journal is due, as if hours had gone by. */
  async letTimePass(): Promise<void> {
    await letTimePass(this.#connection, 4 * 3_600_000);
  }

  /** Delivers everything, whoever had it before. */
  async drain(): Promise<void> {
    const worker = workOn(this.#connection, this.#uploads.root);
    while ((await intentsOf(this.#connection)).length > 0) {
      await this.letTimePass();
      await worker.runDue();
    }
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
    await this.#connection.dropDatabase();
    await this.#connection.destroy(true);
    await this.#uploads.destroy();
  }
}
