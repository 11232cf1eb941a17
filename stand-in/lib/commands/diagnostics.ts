import { Long, ObjectId } from 'bson';
import type { Collection } from '../collection.js';
import { CommandError } from '../errors.js';
import type { Commands, Operation } from '../operation.js';
import { findCollection } from '../operation.js';
import type { Document } from '../values.js';
import { isDocument } from '../values.js';
import { MAX_DOCUMENT, documentSize } from '../wire.js';

/** What the stand-in announces to be; the wire version and the version must fit together. */
export const VERSION = '8.0.0';
const MAX_WIRE_VERSION = 25;
export const SET_NAME = 'rs0';

const electionId = new ObjectId();

function hello({ command, connection, name, services }: Operation): Document {
  const { address, store } = services;
  const client = command['client'];
  if (isDocument(client) && isDocument(client['application'])) {
    connection.applicationName = String(client['application']['name']);
  }
  return {
    helloOk: true,
    [name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    // No topologyVersion: drivers then poll, and no monitor holds a connection open.
    hosts: [address],
    setName: SET_NAME,
    setVersion: 1,
    secondary: false,
    primary: address,
    me: address,
    electionId,
    lastWrite: { opTime: { ts: store.now, t: Long.ONE }, lastWriteDate: new Date() },
    maxBsonObjectSize: MAX_DOCUMENT,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: connection.id,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
  };
}

function buildInfo(): Document {
  const versionArray = [...VERSION.split('.').map(Number), 0];
  return {
    version: VERSION,
    versionArray,
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT,
    modules: [],
  };
}

function serverStatus({ services }: Operation): Document {
  return {
    host: services.address,
    version: VERSION,
    process: 'mongod',
    pid: process.pid,
    uptime: process.uptime(),
    storageEngine: { name: 'wiredTiger', supportsCommittedReads: true },
    repl: { setName: SET_NAME },
  };
}

const PARAMETERS: Document = {
  enableTestCommands: true,
  featureCompatibilityVersion: { version: VERSION.slice(0, 3) },
  transactionLifetimeLimitSeconds: 60,
};

function getParameter({ command }: Operation): Document {
  const isAll = command['getParameter'] === '*';
  const wanted = Object.keys(PARAMETERS).filter((name) => isAll || name in command);
  if (wanted.length === 0) throw new CommandError(72, 'no option found to get');
  return Object.fromEntries(wanted.map((name) => [name, PARAMETERS[name]]));
}

function setParameter({ command, services }: Operation): Document {
  const [name = ''] = Object.keys(command).filter((key) => key in PARAMETERS);
  if (name !== 'transactionLifetimeLimitSeconds') {
    throw new CommandError(72, `attempted to set unrecognized parameter [${Object.keys(command)[1] ?? ''}]`);
  }
  const was = services.sessions.transactionLifetimeMS / 1000;
  services.sessions.transactionLifetimeMS = Number(command[name]) * 1000;
  return { was };
}

function configureFailPoint({ command, services }: Operation): Document {
  return services.failPoints.configure(command['configureFailPoint'], command['mode'], command['data']);
}

export function indexStatistics({ services }: Operation, collection: Collection | undefined): Document[] {
  const accesses = { ops: Long.ZERO, since: new Date() };
  const indexes = collection?.indexes ?? [];
  return indexes.map(({ name, keyPattern, spec }) => ({
    name,
    key: keyPattern,
    host: services.address,
    accesses,
    spec,
  }));
}

export function collectionStatistics(
  { database, services }: Operation,
  name: string,
  collection: Collection | undefined,
): Document {
  const documents = [...(collection?.records.values() ?? [])];
  const size = documents.reduce((sum, document) => sum + documentSize(document), 0);
  const { capped = false, max, size: maxSize } = collection?.options ?? {};
  const storageStats: Document = {
    size,
    count: documents.length,
    nindexes: collection?.indexes.length ?? 0,
    capped,
  };
  if (capped === true) Object.assign(storageStats, { max, maxSize });
  const count = documents.length;
  return { ns: `${database}.${name}`, host: services.address, localTime: new Date(), storageStats, count };
}

/** One document for the session that asks, all that a pipeline over sessions or operations needs to run. */
export function sessionDocuments({ session }: Operation): Document[] {
  return [{ _id: session?.lsid ?? null, lastUse: new Date() }];
}

function collStats(operation: Operation): Document {
  const name = String(operation.command['collStats']);
  const { storageStats, ns } = collectionStatistics(operation, name, findCollection(operation));
  return { ns, ...(storageStats as Document) };
}

function dbStats({ database, services }: Operation): Document {
  const collections = services.store.collections(database);
  const objects = collections.reduce((sum, { records }) => sum + records.size, 0);
  return { db: database, collections: collections.length, objects };
}

/** Enough for a driver that asks for a plan; the stand-in has no planner to explain. */
function explain(operation: Operation): Document {
  const explained = operation.command['explain'];
  if (!isDocument(explained))
    throw new CommandError(14, "BSON field 'explain' is the wrong type, expected type 'object'");
  return planOf(operation, explained);
}

export function planOf({ database, services }: Operation, explained: Document): Document {
  const winningPlan = { stage: 'COLLSCAN', direction: 'forward' };
  const namespace = `${database}.${String(Object.values(explained)[0])}`;
  return {
    explainVersion: '1',
    queryPlanner: { namespace, parsedQuery: explained['filter'] ?? {}, winningPlan, rejectedPlans: [] },
    command: explained,
    serverInfo: { host: services.address, version: VERSION },
  };
}

export const diagnosticCommands: Commands = {
  hello: { run: hello },
  isMaster: { run: hello },
  ismaster: { run: hello },
  ping: { fields: [], run: () => ({}) },
  buildInfo: { fields: [], run: buildInfo },
  buildinfo: { fields: [], run: buildInfo },
  serverStatus: { run: serverStatus },
  connectionStatus: { run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }) },
  getParameter: { run: getParameter },
  setParameter: { run: setParameter },
  configureFailPoint: { fields: ['mode', 'data'], run: configureFailPoint },
  collStats: { fields: ['scale'], run: collStats },
  dbStats: { fields: ['scale', 'freeStorage'], run: dbStats },
  explain: { fields: ['verbosity'], run: explain },
};
