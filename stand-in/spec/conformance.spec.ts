import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Mismatch } from '../conformance/expectation.js';
import { runTest } from '../conformance/run-test.js';
import type { TestFile, TestOperation } from '../conformance/test-file.js';
import type { MongoDB } from '../../spec/support/mongodb/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { describeIf, mongooseMajor } from '../../spec/support/versions.js';

const PLACE = { databaseName: 'conformance', collectionName: 'items' };

describeIf(mongooseMajor > 7)('the conformance runner', () => {
  let mongodb: MongoDB;
  let admin: mongo.MongoClient;

  before(async () => {
    mongodb = await startMongoDB();
    admin = await new mongo.MongoClient(mongodb.uri).connect();
  });

  after(async () => {
    await admin?.close();
    await mongodb?.stop();
  });

  /** Runs one test over an empty collection; `left` is what the test expects there at the end. */
  async function run(operations: TestOperation[], left: Record<string, unknown>[] = []): Promise<void> {
    const test = { description: 'of the runner', operations, outcome: [{ ...PLACE, documents: left }] };
    const file: TestFile = {
      folder: 'own',
      name: 'own',
      createEntities: [
        { client: { id: 'client' } },
        { database: { id: 'database', client: 'client', databaseName: PLACE.databaseName } },
        { collection: { id: 'items', database: 'database', collectionName: PLACE.collectionName } },
        { session: { id: 'session', client: 'client' } },
      ],
      initialData: [{ ...PLACE, documents: [] }],
      tests: [test],
    };
    await runTest(file, test, mongodb.uri, admin);
  }

  const insert = (_id: number, more: Partial<TestOperation> = {}, session?: string): TestOperation => ({
    name: 'insertOne',
    object: 'items',
    arguments: { document: { _id }, ...(session === undefined ? {} : { session }) },
    ...more,
  });

  const inTransaction = (callback: TestOperation[], more: Partial<TestOperation> = {}): TestOperation => ({
    name: 'withTransaction',
    object: 'session',
    arguments: { callback },
    ...more,
  });

  async function mismatchOf(promise: Promise<void>): Promise<unknown> {
    return promise.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  it('runs a callback in a transaction, and sees when its outcome is another', async () => {
    await run([inTransaction([insert(1, {}, 'session')])], [{ _id: 1 }]);
    const wrong = run([inTransaction([insert(1, {}, 'session')])], [{ _id: 2 }]);
    expect(await mismatchOf(wrong)).to.be.instanceOf(Mismatch);
  });

  it('ends a callback with the error that was expected in it', async () => {
    const expectError = { errorCode: 11000 };
    const callback = [insert(1, {}, 'session'), insert(1, { expectError }, 'session')];
    await run([inTransaction(callback, { expectError })]);
    expect(await mismatchOf(run([inTransaction(callback)]))).to.have.property('code', 11000);
  });

  it('opens a change stream at once, and reads it', async () => {
    const open = {
      name: 'createChangeStream',
      object: 'items',
      arguments: { pipeline: [] },
      saveResultAsEntity: 'stream',
    };
    const next = (id: number): TestOperation => ({
      name: 'iterateUntilDocumentOrError',
      object: 'stream',
      expectResult: { operationType: 'insert', documentKey: { _id: id } },
    });
    await run([open, insert(1), next(1)], [{ _id: 1 }]);
    expect(await mismatchOf(run([open, insert(1), next(2)], [{ _id: 1 }]))).to.be.instanceOf(Mismatch);
  });

  it('switches every fail point off after a test', async () => {
    const failPoint = {
      configureFailPoint: 'failGetMoreAfterCursorCheckout',
      mode: 'alwaysOn',
      data: { errorCode: 1 },
    };
    await run([{ name: 'failPoint', object: 'testRunner', arguments: { client: 'client', failPoint } }]);
    const items = admin.db('conformance').collection('after');
    await items.insertMany([{}, {}, {}]);
    expect(await items.find({}, { batchSize: 2 }).toArray()).to.have.length(3);
    await admin.db('conformance').dropDatabase();
  });
});
