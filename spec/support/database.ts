import mongoose, { type ClientSession, type Connection, type mongo } from 'mongoose';
import { startMongoDB } from './mongodb/index.js';
import { withDatabase } from './mongodb/uri.js';
import { disableOptOuts } from './async-storages.js';

type Running = Awaited<ReturnType<typeof startMongoDB>>;

let running: Running | undefined;
const open = new Set<Connection>();
const sessions = new Set<ClientSession>();
let databases = 0;

/** A worker of a parallel run, which gets one spec file after the other. */
const isWorker = process.env['MOCHA_WORKER_ID'] !== undefined;

/** Root hooks: one MongoDB for a process, which says once what it is; connections are closed after each spec. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(600_000);
    if (running) return;
    running = await startMongoDB();
    console.log(running.description);
  },
  async afterEach(): Promise<void> {
    // an open transaction holds back the drop of its database for a minute
    for (const session of sessions) await session.endSession().catch(() => undefined);
    sessions.clear();
    for (const connection of open) {
      open.delete(connection);
      // one that was never opened would buffer the command
      if (connection.readyState === 1) await connection.dropDatabase().catch(() => undefined);
      await connection.destroy(true);
    }
  },
  async afterAll(): Promise<void> {
    disableOptOuts();
    // a worker does not know which file is its last one; its MongoDB ends with it
    if (!isWorker) await running?.stop();
  },
};

/** After a failure, the driver looks for a primary again at once, and not after half a second. */
const QUICKLY = { monitorCommands: true, minHeartbeatFrequencyMS: 10 };

/** The URI of a database that no other spec uses. */
export function freshDatabase(): string {
  if (!running) throw new Error('MongoDB has not been started');
  return withDatabase(running.uri, `spec_${String(process.pid)}_${String(++databases)}`);
}

/** The URI of the database of a connection, with the credentials and options of the server's. */
export function uriOf({ name }: Connection): string {
  return withDatabase(running!.uri, name);
}

/** An open connection to a fresh database; closed after the spec. */
export async function connect(
  options: mongoose.ConnectOptions = {},
  uri = freshDatabase(),
): Promise<Connection> {
  const connection = mongoose.createConnection(uri, { ...QUICKLY, ...options });
  open.add(connection);
  await connection.asPromise();
  return connection;
}

/** Closes a connection that the spec itself made after the spec. */
export function closeAfterSpec(connection: Connection): void {
  open.add(connection);
}

/** A session that ends after the spec, and its transaction with it, however the spec ends. */
export async function startSession(connection: Connection): Promise<ClientSession> {
  const session = await connection.startSession();
  sessions.add(session);
  return session;
}

/** Commands that a connection sends, by the driver's own command monitoring. */
export function watchCommands(connection: Connection): {
  names(): string[];
  of(name: string): mongo.Document[];
  forget(): void;
} {
  let seen: { name: string; command: mongo.Document }[] = [];
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    seen.push({ name: commandName, command });
  });
  return {
    names: () => seen.map(({ name }) => name),
    of: (name) => seen.filter((one) => one.name === name).map(({ command }) => command),
    forget: () => {
      seen = [];
    },
  };
}
