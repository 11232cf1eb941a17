import fse from 'fs-extra';
import type { Connection, Model } from 'mongoose';
import path from 'node:path';
import { cleanupFor } from '../../../lib/index.js';
import { randomFrom } from '../random.js';
import { thumbOf, type Album, type App } from './app.js';
import type { Task } from './task.js';

/** An upload and what follows once a document has it. */
interface Upload {
  readonly file: string;
  saved(): Promise<unknown>;
}

const PLACES = 6;

/**
 * Replaces and deletes without end, in its own documents. A document gets an upload that was announced, a file out of the stock,
 * or one that another document has all the time: so whenever this process is killed, every file in use must stay, and
 * everything else is known to the journal.
 */
export class Writer {
  readonly #app: App;
  readonly #connection: Connection;
  readonly #task: Task;
  readonly #random: () => number;
  #uploads = 0;

  constructor(connection: Connection, app: App, task: Task) {
    this.#connection = connection;
    this.#app = app;
    this.#task = task;
    this.#random = randomFrom(task.seed);
  }

  async run(): Promise<void> {
    for (;;) await this.#act();
  }

  async #act(): Promise<void> {
    const { Album, Archive } = this.#app;
    const model = this.#pick(3) === 0 ? Archive : Album;
    const filter = { owner: this.#task.name, place: this.#pick(PLACES) };
    const { file, saved } = await this.#upload();
    await this.#write(model, filter, file);
    await saved();
  }

  async #write(model: Model<Album>, filter: { owner: string; place: number }, image: string): Promise<void> {
    const options = this.#options();
    const acts: (() => Promise<unknown>)[] = [
      () => model.updateOne(filter, { image }, options),
      () => model.updateMany(filter, { $push: { gallery: { $each: [image], $slice: -2 } } }, options),
      () => model.replaceOne(filter, { ...filter, image }, options),
      () => model.findOneAndUpdate(filter, { image }, options),
      () => model.findOneAndReplace(filter, { ...filter, image }, { ...options, returnDocument: 'after' }),
      () => model.findOneAndDelete(filter, options),
      () => model.deleteMany(filter, options),
      () => this.#save(model, filter, image),
      () => this.#bulk(model, filter, image),
      () => this.#transaction(filter, image),
      () => model.create({ ...filter, image }),
      () => model.create({ ...filter, image }),
    ];
    // whoever is to die at a commit does nothing else, or the episode ends before
    if (this.#task.death.step?.what === 'commitTransaction') await this.#transaction(filter, image);
    else await acts[this.#pick(acts.length)]!();
  }

  async #save(model: Model<Album>, filter: object, image: string): Promise<void> {
    const album = await model.findOne(filter);
    await album?.set({ image }).save();
  }

  async #bulk(model: Model<Album>, filter: { place: number }, image: string): Promise<void> {
    const other = { ...filter, place: (filter.place + 1) % PLACES };
    await model.bulkWrite([
      { updateOne: { filter, update: { $set: { image } } } },
      { updateMany: { filter: other, update: { $unset: { gallery: 1 } } } },
      { deleteOne: { filter: other } },
    ]);
  }

  async #transaction(filter: { place: number }, image: string): Promise<void> {
    const { Album, Archive } = this.#app;
    const isAborted = this.#pick(4) === 0;
    const session = await this.#connection.startSession();
    try {
      session.startTransaction();
      await Album.updateOne(filter, { image }, { session });
      await Archive.deleteOne(filter, { session });
      await Album.create([{ ...filter, image }], { session });
      if (isAborted) await session.abortTransaction();
      else await session.commitTransaction();
    } finally {
      // ends the transaction, too, where a write of it failed
      await session.endSession();
    }
  }

  /** Now and then another grace period than the model's. */
  #options(): object {
    const gracePeriod = [undefined, undefined, 0, '30m'][this.#pick(4)];
    return gracePeriod === undefined ? {} : { imageCleanup: { gracePeriod } };
  }

  async #upload(): Promise<Upload> {
    const kind = this.#pick(6);
    if (kind === 0) return { file: 'anchor.png', saved: () => Promise.resolve() };
    if (kind <= 3) {
      const { Stock } = this.#app;
      const own = await Stock.findOne({ owner: this.#task.name });
      if (own) return { file: own.image, saved: () => Stock.deleteOne({ _id: own._id }) };
    }
    const file = `${this.#task.name}-${String(++this.#uploads)}.png`;
    await cleanupFor(this.#app.Album).removeUnused([file], { after: '1h' });
    for (const one of [file, thumbOf(file)]) await fse.outputFile(path.join(this.#task.root, one), one);
    return { file, saved: () => Promise.resolve() };
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }
}
