import mongoose, { type Connection } from 'mongoose';
import { cleanupFor } from '../../../lib/index.js';
import { intentsOf, letTimePass } from '../../support/journal.js';
import { Uploads } from '../../support/uploads.js';
import { endTransactions } from '../left-transactions.js';
import { appOn, OPEN_COLLECTIONS, thumbOf, type App } from './app.js';

const HOURS = 4 * 3_600_000;
const PLACES = 6;

/** What outlives the processes of an episode: the database, the folder, and a look at both. */
export class Remains {
  readonly uri: string;
  readonly #uploads: Uploads;
  readonly #connection: Connection;
  readonly #app: App;
  readonly #sessionsOfTheDead: string[] = [];

  private constructor(uri: string, uploads: Uploads, connection: Connection) {
    this.uri = uri;
    this.#uploads = uploads;
    this.#connection = connection;
    this.#app = appOn(connection, uploads.root);
  }

  static async open(uri: string): Promise<Remains> {
    const uploads = await Uploads.create();
    const connection = await mongoose.createConnection(uri).asPromise();
    const remains = new Remains(uri, uploads, connection);
    await uploads.put(...withThumbs(['anchor.png', 'shared.png']));
    await remains.#app.Album.collection.insertOne({ owner: 'nobody', place: 0, image: 'anchor.png' });
    return remains;
  }

  get root(): string {
    return this.#uploads.root;
  }

  /** Documents with files of their own and a file that all of them share, and a stock of files. */
  async equip(owner: string, stock: number): Promise<void> {
    const named = (what: string, count: number): string[] =>
      Array.from({ length: count }, (_, n) => `${owner}-${what}-${String(n)}.png`);
    const [first, second, stored] = [named('a', PLACES), named('b', PLACES), named('s', stock)];
    await this.#uploads.put(...withThumbs([...first, ...second, ...stored]));
    const albums = (images: readonly string[]) =>
      images.map((image, place) => ({ owner, place, image, gallery: ['shared.png'] }));
    await this.#app.Album.collection.insertMany(albums(first));
    await this.#app.Archive.collection.insertMany(albums(second));
    await this.#app.Stock.collection.insertMany(stored.map((image) => ({ owner, image })) as never);
  }

  /** Everything in the journal is due, as if hours had gone by. */
  async letTimePass(): Promise<void> {
    await letTimePass(this.#connection, HOURS);
  }

  async openIntents(): Promise<number> {
    return (await intentsOf(this.#connection)).length;
  }

  /** Delivers everything, whoever had it before. */
  async drain(): Promise<void> {
    for (let rounds = 0; (await this.openIntents()) > 0; rounds++) {
      if (rounds > 50) throw new Error(`intents stay: ${JSON.stringify(await intentsOf(this.#connection))}`);
      await this.letTimePass();
      await cleanupFor(this.#connection).runDue();
    }
  }

  /** Files that documents use and that are gone, and files that no document uses. */
  async look(): Promise<{ lost: string[]; orphans: string[] }> {
    const used = new Set<string>();
    for (const name of OPEN_COLLECTIONS) {
      for (const { image, gallery } of await this.#connection.collection(name).find().toArray())
        for (const file of [image as string, ...((gallery ?? []) as string[])])
          if (file) for (const one of withThumbs([file])) used.add(one);
    }
    const stored = new Set(await this.#uploads.names());
    return {
      lost: [...used].filter((name) => !stored.has(name)),
      orphans: [...stored].filter((name) => !used.has(name)),
    };
  }

  noteDead(sessions: readonly string[]): void {
    this.#sessionsOfTheDead.push(...sessions);
  }

  async close(): Promise<void> {
    await endTransactions(this.#connection, this.#sessionsOfTheDead);
    await this.#connection.dropDatabase();
    await this.#connection.destroy(true);
    await this.#uploads.destroy();
  }
}

function withThumbs(files: readonly string[]): string[] {
  return files.flatMap((file) => [file, thumbOf(file)]);
}
