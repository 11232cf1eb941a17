import { mongo } from 'mongoose';
import type { Fields } from './test-file.js';

const NOT_IMPLEMENTED = 238;

/** A command that the driver has sent, or the server's reply to it. */
export interface Exchange {
  name: string;
  command: Fields;
}

/** The clients, databases, collections and sessions that a test names. */
export class Entities {
  readonly sent: Exchange[] = [];
  readonly replies: Exchange[] = [];
  /** What the server said to what it leaves out on purpose. */
  readonly refusals: string[] = [];
  /** The fail points that the test has switched on. */
  readonly failPoints = new Set<string>();
  private readonly clients = new Map<string, mongo.MongoClient>();
  private readonly databases = new Map<string, mongo.Db>();
  private readonly collections = new Map<string, mongo.Collection>();
  private readonly sessions = new Map<string, mongo.ClientSession>();
  private readonly streams = new Map<string, mongo.ChangeStream>();

  constructor(private readonly uri: string) {}

  async create(definitions: Record<string, Fields>[]): Promise<void> {
    for (const definition of definitions) {
      const [kind, fields] = Object.entries(definition)[0] as [string, Fields];
      const id = String(fields['id']);
      if (kind === 'client') this.clients.set(id, await this.connect((fields['uriOptions'] ?? {}) as Fields));
      else if (kind === 'database') this.databases.set(id, this.createDatabase(fields));
      else if (kind === 'collection') this.collections.set(id, this.createCollection(fields));
      else if (kind === 'session') this.sessions.set(id, this.createSession(fields));
      else throw new Error(`the runner does not know entities of the kind ${kind}`);
    }
  }

  get(id: string): unknown {
    const kinds = [this.clients, this.databases, this.collections, this.sessions, this.streams];
    const entity = kinds.map((kind) => kind.get(id)).find((found) => found !== undefined);
    if (!entity) throw new Error(`the test names an entity ${id} that it did not create`);
    return entity;
  }

  client(id: string): mongo.MongoClient {
    return this.clients.get(id)!;
  }

  session(id: string): mongo.ClientSession {
    return this.sessions.get(id)!;
  }

  /** Keeps what an operation has given under the name that the test has for it. */
  save(id: string, result: unknown): void {
    if (!(result instanceof mongo.ChangeStream))
      throw new Error(`the runner can keep change streams only, not ${id}`);
    this.streams.set(id, result);
  }

  async close(): Promise<void> {
    await Promise.all([...this.streams.values()].map((stream) => stream.close().catch(() => undefined)));
    await Promise.all(
      [...this.sessions.values()].map((session) => session.endSession().catch(() => undefined)),
    );
    await Promise.all([...this.clients.values()].map((client) => client.close().catch(() => undefined)));
  }

  private async connect(uriOptions: Fields): Promise<mongo.MongoClient> {
    const client = new mongo.MongoClient(this.uri, {
      ...uriOptions,
      monitorCommands: true,
      serverSelectionTimeoutMS: 3000,
    });
    client.on('commandStarted', ({ commandName, command }) => {
      this.sent.push({ name: commandName, command: command as Fields });
    });
    client.on('commandSucceeded', ({ commandName, reply }) => {
      this.replies.push({ name: commandName, command: reply as Fields });
    });
    client.on('commandFailed', ({ failure }) => {
      if ((failure as mongo.MongoServerError).code === NOT_IMPLEMENTED) this.refusals.push(failure.message);
    });
    return client.connect();
  }

  private createDatabase({ client, databaseName, databaseOptions }: Fields): mongo.Db {
    return this.client(String(client)).db(String(databaseName), readableOptions(databaseOptions));
  }

  private createCollection({ database, collectionName, collectionOptions }: Fields): mongo.Collection {
    const options = readableOptions(collectionOptions);
    return this.databases.get(String(database))!.collection(String(collectionName), options);
  }

  private createSession({ client, sessionOptions }: Fields): mongo.ClientSession {
    const options = { ...(sessionOptions as Fields | undefined) };
    const { defaultTransactionOptions } = options;
    if (defaultTransactionOptions)
      options['defaultTransactionOptions'] = readableOptions(defaultTransactionOptions);
    return this.client(String(client)).startSession(options);
  }
}

/** The driver wants an object of its own for a read preference. */
export function readableOptions(options: unknown): Fields {
  const result: Fields = { ...(options as Fields | undefined) };
  const preference = result['readPreference'] as { mode?: mongo.ReadPreferenceMode } | undefined;
  if (preference?.mode) result['readPreference'] = new mongo.ReadPreference(preference.mode);
  return result;
}
