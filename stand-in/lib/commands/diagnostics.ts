import { Long, ObjectId } from 'bson';
import { CommandError } from '../errors.js';
import type { Commands, Operation } from '../operation.js';
import type { Document } from '../values.js';
import { isDocument } from '../values.js';
import { MAX_DOCUMENT } from '../wire.js';

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

export const diagnosticCommands: Commands = {
  hello: { run: hello },
  isMaster: { run: hello },
  ismaster: { run: hello },
  ping: { fields: [], run: () => ({}) },
  buildInfo: { fields: [], run: buildInfo },
  buildinfo: { fields: [], run: buildInfo },
  connectionStatus: { run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }) },
  getParameter: { run: getParameter },
  setParameter: { run: setParameter },
  configureFailPoint: { fields: ['mode', 'data'], run: configureFailPoint },
};
