import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Binary, Long } from 'bson';
import { collectionCommands } from './commands/collections.js';
import { SET_NAME, diagnosticCommands } from './commands/diagnostics.js';
import { indexCommands } from './commands/indexes.js';
import { readCommands } from './commands/read.js';
import { sessionCommands } from './commands/sessions.js';
import { writeCommands } from './commands/write.js';
import { Cursors } from './cursors.js';
import { CommandError, codeName } from './errors.js';
import { leftOut } from './match.js';
import { FailPoints, failCommandError, failCommandLabels } from './fail-points.js';
import type { CommandDefinition, Commands, Connection, Operation, Services } from './operation.js';
import { checkFields } from './operation.js';
import { Sessions } from './sessions.js';
import { Store } from './store.js';
import type { Session, Transaction } from './transactions.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, optionalNumber, toNumber } from './values.js';
import type { Request } from './wire.js';
import { Framer, encodeReply, parseRequest } from './wire.js';

const COMMANDS: Commands = {
  ...readCommands,
  ...writeCommands,
  ...collectionCommands,
  ...indexCommands,
  ...sessionCommands,
  ...diagnosticCommands,
};
const RETRYABLE_WRITES = ['insert', 'update', 'delete', 'findAndModify', 'findandmodify'];
const WRITES = [
  ...RETRYABLE_WRITES,
  'create',
  'createIndexes',
  'drop',
  'dropIndexes',
  'dropDatabase',
  'collMod',
];

/** What MongoDB knows, and nobody here needs. */
const LEFT_OUT = [
  'bulkWrite',
  'collStats',
  'dbStats',
  'explain',
  'mapReduce',
  'renameCollection',
  'serverStatus',
  'validate',
];

/** Ends the connection without an answer. */
class ConnectionLost extends Error {}

/** A one-member replica set in this process: it listens on the loopback interface and keeps everything in memory. */
export class StandIn implements Services {
  readonly store = new Store();
  readonly cursors = new Cursors();
  readonly sessions = new Sessions(this.store, this.cursors);
  readonly failPoints = new FailPoints();
  address = '';
  private readonly server: Server = createServer((socket) => this.accept(socket));
  private readonly sockets = new Set<Socket>();
  private lastConnectionId = 0;

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.address = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  uri(database: string): string {
    return `mongodb://${this.address}/${database}?replicaSet=${SET_NAME}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.sessions.endAll();
    this.cursors.killAll();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        this.sockets.delete(socket);
        resolve();
      });
    });
    const connection: Connection = {
      id: ++this.lastConnectionId,
      applicationName: undefined,
      closed,
      get isClosed() {
        return socket.destroyed;
      },
    };
    const framer = new Framer();
    // The requests of one connection are answered one after the other.
    let previous = Promise.resolve();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const message of framer.push(chunk)) {
          const request = parseRequest(message);
          previous = previous.then(() => this.answer(socket, connection, request));
        }
      } catch {
        // What can't be parsed has no known end either, so nothing after it can be understood.
        socket.destroy();
      }
    });
  }

  private async answer(socket: Socket, connection: Connection, request: Request): Promise<void> {
    try {
      const reply = await this.execute(request.command, connection);
      if (!request.replyWanted || socket.destroyed) return;
      for (const bytes of encodeReply(request, reply)) socket.write(bytes);
    } catch {
      socket.destroy();
    }
  }

  private async execute(command: Document, connection: Connection): Promise<Document> {
    const name = Object.keys(command)[0] ?? '';
    let failure: Document | undefined;
    let reply: Document;
    let transaction: Transaction | undefined;
    try {
      failure = this.failPoints.forCommand(name, connection.applicationName);
      if (failure) await obey(failure, name, command);
      const definition = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
      if (LEFT_OUT.includes(name)) throw leftOut(name);
      if (!definition) throw new CommandError(59, `no such command: '${name}'`);
      if (definition.fields) checkFields(name, command, definition.fields);
      checkReadConcern(command);
      const session = command['lsid'] === undefined ? undefined : this.sessions.get(command['lsid']);
      transaction = session && this.transactionOf(session, name, command, definition);
      reply = await this.run(definition, {
        services: this,
        connection,
        name,
        database: String(command['$db'] ?? 'admin'),
        command,
        session,
        transaction,
      });
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      const known = error instanceof CommandError ? error : internalError(error);
      if (isDocument(failure) && known.message.startsWith('Failing command')) {
        transaction = this.transactionOfFailure(command, known);
      }
      transaction?.abort();
      reply = known.reply();
    }
    if (failure && isDocument(failure['writeConcernError']) && reply['ok'] === 1) {
      reply['writeConcernError'] = failure['writeConcernError'];
      const labels = failCommandLabels(failure, name, command);
      if (labels.length) reply['errorLabels'] = labels;
    }
    return { ...reply, ...this.clusterTime() };
  }

  private async run(definition: CommandDefinition, operation: Operation): Promise<Document> {
    const { command, name, session } = operation;
    const isRetryable = command['txnNumber'] !== undefined && command['autocommit'] === undefined;
    if (!session || !isRetryable)
      return withWriteConcern(name, command, { ...(await definition.run(operation)), ok: 1 });
    const number = optionalNumber(command['txnNumber'])!;
    let reply = session.repliedTo(number);
    if (!reply) {
      const failure = RETRYABLE_WRITES.includes(name) ? this.failPoints.forRetryableWrite() : undefined;
      if (failure?.['failBeforeCommitExceptionCode'] !== undefined) throw new ConnectionLost();
      reply = { ...(await definition.run(operation)), ok: 1 };
      session.remember(number, reply);
      if (failure) throw new ConnectionLost();
    }
    return withWriteConcern(name, command, reply);
  }

  private transactionOf(
    session: Session,
    name: string,
    command: Document,
    definition: CommandDefinition,
  ): Transaction | undefined {
    if (command['autocommit'] === undefined) return undefined;
    const number = isNumeric(command['txnNumber']) ? toNumber(command['txnNumber']) : -1;
    if (!definition.inTransaction) {
      throw new CommandError(263, `Cannot run '${name}' in a multi-document transaction.`);
    }
    if (command['startTransaction'] === true) {
      return session.startTransaction(number, this.sessions.transactionLifetimeMS);
    }
    const ending =
      name === 'commitTransaction' ? 'commit' : name === 'abortTransaction' ? 'abort' : undefined;
    return session.continueTransaction(number, ending);
  }

  /** A fail point that gives a transient error aborts the transaction, as the error itself would have done. */
  private transactionOfFailure(command: Document, error: CommandError): Transaction | undefined {
    if (command['autocommit'] === undefined || !error.labels.includes('TransientTransactionError'))
      return undefined;
    return this.sessions.get(command['lsid']).transaction;
  }

  private clusterTime(): Document {
    const signature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO };
    return { operationTime: this.store.now, $clusterTime: { clusterTime: this.store.now, signature } };
  }
}

async function obey(failure: Document, name: string, command: Document): Promise<void> {
  const { blockConnection, blockTimeMS, closeConnection } = failure;
  if (blockConnection === true) await delay(optionalNumber(blockTimeMS) ?? 0);
  if (closeConnection === true) throw new ConnectionLost();
  const error = failCommandError(failure, name, command);
  if (error) throw error;
}

function internalError(error: unknown): CommandError {
  return new CommandError(1, `The stand-in failed: ${error instanceof Error ? error.stack : String(error)}`);
}

const READ_CONCERNS = ['local', 'available', 'majority', 'linearizable', 'snapshot'];

/** All levels but one read the same here: there are no other members to wait for. */
function checkReadConcern({ readConcern, autocommit }: Document): void {
  const level = isDocument(readConcern) ? readConcern['level'] : undefined;
  if (level === undefined) return;
  if (!READ_CONCERNS.includes(String(level))) {
    throw new CommandError(
      2,
      `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`,
    );
  }
  if (level === 'snapshot' && autocommit === undefined)
    throw leftOut('read concern snapshot outside a transaction');
}

/** The write is done; only the concern can't be met by one member. */
function withWriteConcern(name: string, command: Document, reply: Document): Document {
  const concern = command['writeConcern'];
  const isWrite = WRITES.includes(name) || name === 'commitTransaction';
  const w = isWrite && isDocument(concern) ? concern['w'] : undefined;
  if (typeof w === 'string' && w !== 'majority') {
    const errmsg = `No write concern mode named '${w}' found in replica set configuration`;
    return { ...reply, writeConcernError: { code: 79, codeName: codeName(79), errmsg } };
  }
  if ((optionalNumber(w) ?? 0) <= 1) return reply;
  const errmsg = 'Not enough data-bearing nodes';
  return { ...reply, writeConcernError: { code: 100, codeName: codeName(100), errmsg } };
}
