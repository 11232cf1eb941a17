import { mongo } from 'mongoose';
import type { Entities } from './entities.js';
import { readableOptions } from './entities.js';
import { Mismatch } from './expectation.js';
import type { Fields, TestOperation } from './test-file.js';

/** An operation that this driver does not have. */
export class MissingInDriver extends Error {}

interface Call {
  entities: Entities;
  admin: mongo.MongoClient;
  /** The arguments without those that stand for themselves in the driver's call. */
  options(...positional: string[]): Fields;
  argument<T>(name: string): T;
  /** Performs and checks the operations of a callback; what goes wrong in one ends it, expected or not. */
  runAll: RunAll;
}

export type RunAll = (operations: TestOperation[]) => Promise<void>;

type Filter = mongo.Filter<mongo.Document>;

const COLLECTION_OPERATIONS: Record<string, (collection: mongo.Collection, call: Call) => Promise<unknown>> =
  {
    insertOne: (c, call) => c.insertOne({ ...call.argument<Fields>('document') }, call.options('document')),
    insertMany: (c, call) =>
      c.insertMany(
        call.argument<Fields[]>('documents').map((document) => ({ ...document })),
        call.options('documents'),
      ),
    find: (c, call) => c.find(call.argument<Filter>('filter'), call.options('filter')).toArray(),
    findOne: (c, call) => c.findOne(call.argument<Filter>('filter'), call.options('filter')),
    updateOne: (c, call) =>
      c.updateOne(call.argument('filter'), call.argument('update'), call.options('filter', 'update')),
    updateMany: (c, call) =>
      c.updateMany(call.argument('filter'), call.argument('update'), call.options('filter', 'update')),
    replaceOne: (c, call) =>
      c.replaceOne(
        call.argument('filter'),
        call.argument('replacement'),
        call.options('filter', 'replacement'),
      ),
    deleteOne: (c, call) => c.deleteOne(call.argument('filter'), call.options('filter')),
    deleteMany: (c, call) => c.deleteMany(call.argument('filter'), call.options('filter')),
    findOneAndUpdate: (c, call) =>
      c.findOneAndUpdate(call.argument('filter'), call.argument('update'), call.options('filter', 'update')),
    findOneAndReplace: (c, call) =>
      c.findOneAndReplace(
        call.argument('filter'),
        call.argument('replacement'),
        call.options('filter', 'replacement'),
      ),
    findOneAndDelete: (c, call) => c.findOneAndDelete(call.argument('filter'), call.options('filter')),
    countDocuments: (c, call) => c.countDocuments(call.argument('filter'), call.options('filter')),
    estimatedDocumentCount: (c, call) => c.estimatedDocumentCount(call.options()),
    // Deprecated in the driver, but what sends the command `count`.
    count: (c, call) => c.count(call.argument('filter'), call.options('filter')),
    distinct: (c, call) =>
      c.distinct(
        call.argument<string>('fieldName'),
        call.argument('filter'),
        call.options('fieldName', 'filter'),
      ),
    aggregate: (c, call) => c.aggregate(call.argument('pipeline'), call.options('pipeline')).toArray(),
    bulkWrite: (c, call) => c.bulkWrite(call.argument('requests'), call.options('requests')),
    createChangeStream: (c, call) => openStream(c, call),
    createIndex: (c, call) => c.createIndex(call.argument('keys'), call.options('keys')),
  };

const DATABASE_OPERATIONS: Record<string, (database: mongo.Db, call: Call) => Promise<unknown>> = {
  createChangeStream: (db, call) => openStream(db, call),
  aggregate: (db, call) => db.aggregate(call.argument('pipeline'), call.options('pipeline')).toArray(),
  createCollection: (db, call) =>
    db.createCollection(call.argument('collection'), call.options('collection')),
  dropCollection: (db, call) => db.dropCollection(call.argument('collection'), call.options('collection')),
  modifyCollection: (db, call) =>
    db.command({ collMod: call.argument('collection'), ...call.options('collection') }),
  runCommand: (db, call) => db.command(call.argument('command'), call.options('command', 'commandName')),
};

const SESSION_OPERATIONS: Record<string, (session: mongo.ClientSession, call: Call) => unknown> = {
  startTransaction: (session, call) => session.startTransaction(call.options()),
  commitTransaction: (session, call) => session.commitTransaction(call.options()),
  abortTransaction: (session, call) => session.abortTransaction(call.options()),
  endSession: (session) => session.endSession(),
  withTransaction: (session, call) =>
    session.withTransaction(() => call.runAll(call.argument('callback')), call.options('callback')),
};

const STREAM_OPERATIONS: Record<string, (stream: mongo.ChangeStream) => Promise<unknown>> = {
  iterateUntilDocumentOrError: (stream) => stream.next(),
  iterateOnce: (stream) => stream.tryNext(),
  close: (stream) => stream.close(),
};

/** The driver opens a stream at the first look into it; the test means the state of now. */
async function openStream(
  watched: Pick<mongo.Collection, 'watch'> | mongo.Db | mongo.MongoClient,
  call: Call,
): Promise<mongo.ChangeStream> {
  const stream = watched.watch(call.argument<mongo.Document[]>('pipeline'), call.options('pipeline'));
  await opened(stream);
  return stream;
}

async function opened(stream: mongo.ChangeStream): Promise<void> {
  // Opening is the driver's private step; `cursor` is open as soon as it has an id.
  const { cursor } = stream as unknown as { cursor: { cursorInit?(): Promise<unknown> } };
  await cursor.cursorInit?.();
}

const CLIENT_OPERATIONS: Record<string, (client: mongo.MongoClient, call: Call) => Promise<unknown>> = {
  createChangeStream: (client, call) => openStream(client, call),
  clientBulkWrite: (client, call) => {
    const models = call.argument<Record<string, Fields>[]>('models').map((model) => {
      const [name, fields] = Object.entries(model)[0]!;
      return { name, ...fields } as unknown as mongo.AnyClientBulkWriteModel<mongo.Document>;
    });
    return client.bulkWrite(models, call.options('models'));
  },
};

/** What the runner itself is asked to do or to check. */
const RUNNER_OPERATIONS: Record<string, (call: Call) => Promise<unknown>> = {
  createEntities: (call) => call.entities.create(call.argument('entities')),
  failPoint: configureFailPoint,
  targetedFailPoint: configureFailPoint,
  assertSessionTransactionState: async ({ entities, argument }) => {
    // The driver keeps the state to itself; its own test runner reads it like this.
    const { transaction } = entities.session(argument('session')) as unknown as {
      transaction: { state: string };
    };
    const wanted = argument<string>('state').toUpperCase();
    if (!transaction.state.includes(wanted))
      throw new Mismatch(`the transaction's state is ${transaction.state}`);
  },
  assertCollectionExists: (call) => expectCollection(call, true),
  assertCollectionNotExists: (call) => expectCollection(call, false),
  assertIndexExists: (call) => expectIndex(call, true),
  assertIndexNotExists: (call) => expectIndex(call, false),
  // Pinning is about sharded clusters; on a replica set a session is never pinned.
  assertSessionUnpinned: () => Promise.resolve(),
};

async function configureFailPoint({ admin, argument, entities }: Call): Promise<unknown> {
  const failPoint = argument<Fields>('failPoint');
  entities.failPoints.add(String(failPoint['configureFailPoint']));
  return admin.db('admin').command(failPoint);
}

async function expectCollection({ admin, argument }: Call, wanted: boolean): Promise<void> {
  const name = argument<string>('collectionName');
  const found = await admin.db(argument('databaseName')).listCollections({ name }).toArray();
  if (found.length > 0 !== wanted)
    throw new Mismatch(`collection ${name} ${wanted ? 'is missing' : 'exists'}`);
}

async function expectIndex({ admin, argument }: Call, wanted: boolean): Promise<void> {
  const collection = admin.db(argument('databaseName')).collection(argument('collectionName'));
  const indexes = await collection.indexes().catch(() => []);
  const exists = indexes.some(({ name }) => name === argument('indexName'));
  if (exists !== wanted)
    throw new Mismatch(`index ${argument<string>('indexName')} ${wanted ? 'is missing' : 'exists'}`);
}

export async function perform(
  operation: TestOperation,
  entities: Entities,
  admin: mongo.MongoClient,
  runAll: RunAll,
): Promise<unknown> {
  const { name, object, arguments: given = {} } = operation;
  const call: Call = {
    entities,
    admin,
    runAll,
    argument: (field) => given[field] as never,
    options: (...positional) => optionsOf(given, positional, entities),
  };
  const own = object === 'testRunner' ? RUNNER_OPERATIONS[name] : undefined;
  if (own) return own(call);
  const target = object === 'testRunner' ? undefined : entities.get(object);
  if (target instanceof mongo.Collection && COLLECTION_OPERATIONS[name])
    return COLLECTION_OPERATIONS[name](target, call);
  if (target instanceof mongo.Db && DATABASE_OPERATIONS[name]) return DATABASE_OPERATIONS[name](target, call);
  if (target instanceof mongo.ClientSession && SESSION_OPERATIONS[name])
    return SESSION_OPERATIONS[name](target, call);
  if (target instanceof mongo.MongoClient && CLIENT_OPERATIONS[name])
    return CLIENT_OPERATIONS[name](target, call);
  if (target instanceof mongo.ChangeStream && STREAM_OPERATIONS[name]) return STREAM_OPERATIONS[name](target);
  throw new MissingInDriver(`${name} on ${object}`);
}

function optionsOf(given: Fields, positional: string[], entities: Entities): Fields {
  const entries = Object.entries(given).filter(([name]) => !positional.includes(name));
  const options = readableOptions(Object.fromEntries(entries));
  if (options['session'] !== undefined) options['session'] = entities.session(String(options['session']));
  const after = options['returnDocument'];
  if (typeof after === 'string') options['returnDocument'] = after.toLowerCase();
  return options;
}
