import { randomBytes } from 'node:crypto';
import type { StandIn } from '../../../stand-in/lib/server.js';
import { hostsOf, withDatabase } from './uri.js';

export interface MongoDB {
  /** With a database of its own for each run. */
  uri: string;
  kind: 'MONGODB_URI' | 'mongod' | 'stand-in';
  /** One line that says which MongoDB this is. */
  description: string;
  stop(): Promise<void>;
}

export interface StartOptions {
  port?: number;
}

/** Why there is no mongod: found out once in a process, not by every spec file anew. */
let noMongod: string | undefined;

/**
 * Starts or finds a MongoDB for specs, demo and benchmarks: the server of `MONGODB_URI`, a real mongod, or, where no
 * mongod can be had, the stand-in inside this process. `MONGODB=mongod` forbids the stand-in, `MONGODB=stand-in`
 * asks for it.
 */
export async function startMongoDB(options: StartOptions = {}): Promise<MongoDB> {
  const wanted = process.env['MONGODB'];
  if (wanted !== undefined && wanted !== '' && wanted !== 'mongod' && wanted !== 'stand-in') {
    throw new Error(`MONGODB is "${wanted}"; it can be "mongod" or "stand-in"`);
  }
  if (wanted === 'stand-in') return startStandIn(options, 'asked for by MONGODB=stand-in');
  const uri = process.env['MONGODB_URI'];
  if (uri) return useServer(uri);
  if (noMongod !== undefined && wanted !== 'mongod') return startStandIn(options, noMongod);
  // Loaded only where it is needed: it takes longer to load than the stand-in takes to start.
  const { startMongod } = await import('./mongod.js');
  try {
    return await startMongod(options, databaseName());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (wanted === 'mongod')
      throw new Error(`MONGODB=mongod, but there is no mongod: ${reason}`, { cause: error });
    noMongod = `no mongod: ${reason}`;
    return startStandIn(options, noMongod);
  }
}

function databaseName(): string {
  return `mongoose-image-cleanup-${randomBytes(4).toString('hex')}`;
}

function useServer(uri: string): MongoDB {
  const name = databaseName();
  const own = withDatabase(uri, name);
  return {
    uri: own,
    kind: 'MONGODB_URI',
    description: `MongoDB: the server of MONGODB_URI at ${hostsOf(uri)}, database ${name}`,
    stop: () => dropDatabase(own),
  };
}

async function dropDatabase(uri: string): Promise<void> {
  const { mongo } = await import('mongoose');
  const client = new mongo.MongoClient(uri);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

async function startStandIn({ port }: StartOptions, reason: string): Promise<MongoDB> {
  const module = await import('../../../stand-in/lib/server.js');
  const server: StandIn = new module.StandIn();
  await server.listen(port);
  return {
    uri: server.uri(databaseName()),
    kind: 'stand-in',
    description: `MongoDB: the stand-in at ${server.address} (${reason})`,
    stop: () => server.close(),
  };
}
