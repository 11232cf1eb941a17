import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { MongoDB } from '../../spec/support/mongodb/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { describeIf, mongooseMajor } from '../../spec/support/versions.js';

type Fields = mongo.Document;

/** What MongoDB's and Mongoose's own suites found wrong in the stand-in. A mongod passes as well. */
describeIf(mongooseMajor > 7)('MongoDB, what other suites found', () => {
  let mongodb: MongoDB;
  let client: mongo.MongoClient;
  let db: mongo.Db;
  let collections = 0;

  before(async () => {
    mongodb = await startMongoDB();
    client = await new mongo.MongoClient(mongodb.uri, { monitorCommands: true }).connect();
    db = client.db();
  });

  after(async () => {
    await client?.close();
    await mongodb?.stop();
  });

  const name = (): string => `found_${String(++collections)}`;

  async function filled(...documents: Fields[]): Promise<mongo.Collection> {
    const collection = db.collection(name());
    await collection.insertMany(documents.map((document) => ({ ...document })));
    return collection;
  }

  async function codeOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => 'ok',
      ({ code }: mongo.MongoServerError) => code,
    );
  }

  async function namesOfCommands(run: () => Promise<unknown>): Promise<string[]> {
    const names: string[] = [];
    const note = ({ commandName }: mongo.CommandStartedEvent): void => void names.push(commandName);
    client.on('commandStarted', note);
    await run().finally(() => client.off('commandStarted', note));
    return names;
  }

  describe('a batch that is exactly full leaves the cursor open', () => {
    const six = Array.from({ length: 6 }, (_, _id) => ({ _id: _id as never }));

    it('of find', async () => {
      const collection = await filled(...six);
      const names = await namesOfCommands(() => collection.find({}, { batchSize: 2 }).toArray());
      expect(names).to.deep.equal(['find', 'getMore', 'getMore', 'getMore']);
    });

    it('of aggregate', async () => {
      const collection = await filled(...six);
      const names = await namesOfCommands(() => collection.aggregate([], { batchSize: 6 }).toArray());
      expect(names).to.deep.equal(['aggregate', 'getMore']);
    });

    it('but not at the limit, nor of a list that is known', async () => {
      const collection = await filled(...six);
      const find = { find: collection.collectionName, limit: 2, batchSize: 2 };
      expect((await db.command(find))['cursor'].id.toString()).to.equal('0');
      const listed = await db.command({
        listIndexes: collection.collectionName,
        cursor: { batchSize: 1 },
      });
      expect(listed['cursor'].id.toString()).to.equal('0');
    });
  });

  describe('collections', () => {
    it('are not made unique on the side: collMod obeys or refuses', async () => {
      const collection = await filled({ k: 1 }, { k: 1 });
      await collection.createIndex({ k: 1 });
      const change = (index: Fields) =>
        codeOf(db.command({ collMod: collection.collectionName, index: { name: 'k_1', ...index } }));
      expect(await change({ unique: true })).not.to.equal('ok');
      if (mongodb.kind === 'stand-in') expect(await change({ prepareUnique: true })).to.equal(238);
    });

    it('that are capped need a size, and a number is a yes', async () => {
      expect(await codeOf(db.command({ create: name(), capped: 1024 }))).to.equal(72);
      expect(await codeOf(db.command({ create: name(), capped: 1, size: 4096 }))).to.equal('ok');
      expect(await codeOf(db.command({ create: name(), capped: 'yes' }))).to.equal(14);
    });

    it('with an invalid name end the command, not one statement', async () => {
      for (const invalid of ['.begins_with_a_dot', 'has_a_$', '']) {
        const reply = await db
          .command({ insert: invalid, documents: [{ _id: 1 }] })
          .catch((error: mongo.MongoServerError) => error.errorResponse);
        expect(reply, invalid).to.include({ ok: 0, code: 73 });
      }
    });
  });

  it('$changeStreamSplitLargeEvent is known', async () => {
    const stream = (await filled({})).watch([{ $changeStreamSplitLargeEvent: {} }], { maxAwaitTimeMS: 10 });
    const code = await codeOf(stream.tryNext());
    await stream.close();
    expect(code).to.equal(mongodb.kind === 'stand-in' ? 238 : 'ok');
  });

  describe('an open transaction holds back', () => {
    const held: Record<string, (collection: mongo.Collection, limit: Fields) => Promise<unknown>> = {
      drop: ({ dbName, collectionName }, limit) =>
        client.db(dbName).command({ drop: collectionName, ...limit }),
      dropDatabase: ({ dbName }, limit) => client.db(dbName).command({ dropDatabase: 1, ...limit }),
      createIndexes: ({ dbName, collectionName }, limit) =>
        client
          .db(dbName)
          .command({ createIndexes: collectionName, indexes: [{ key: { k: 1 }, name: 'k_1' }], ...limit }),
    };
    const uses: Record<string, (collection: mongo.Collection, session: mongo.ClientSession) => unknown> = {
      wrote: (collection, session) => collection.insertOne({ k: 2 }, { session }),
      read: (collection, session) => collection.findOne({}, { session }),
    };

    for (const [command, run] of Object.entries(held)) {
      for (const [used, use] of Object.entries(uses)) {
        it(`${command} where it ${used}, until it ends`, async () => {
          const collection = client.db(`${db.databaseName}_${name()}`).collection('held');
          await collection.insertOne({ k: 1 });
          await client.withSession(async (session) => {
            session.startTransaction();
            await use(collection, session);
            expect(await codeOf(run(collection, { maxTimeMS: 50 }))).to.equal(50);
            const waiting = run(collection, {});
            await session.commitTransaction();
            expect(await waiting).to.include({ ok: 1 });
          });
          await client.db(collection.dbName).dropDatabase();
        });
      }
    }

    it('nothing elsewhere, and no index that is there already', async () => {
      const [used, other] = [await filled({ k: 1 }), await filled({ k: 1 })];
      await used.createIndex({ k: 1 });
      await client.withSession(async (session) => {
        session.startTransaction();
        await used.findOne({}, { session });
        await used.createIndex({ k: 1 });
        await other.createIndex({ k: 1 });
        await other.drop();
        await session.abortTransaction();
      });
    });
  });

  describe('updates', () => {
    async function updated(document: Fields, update: Fields, options: mongo.UpdateOptions = {}) {
      const collection = await filled({ _id: 1, ...document });
      const code = await codeOf(collection.updateOne({ _id: 1 } as never, update, options));
      const { _id, ...rest } = (await collection.findOne({}))!;
      return code === 'ok' ? rest : code;
    }

    it('go through $[] and $[e] only where there is an array', async () => {
      const arrayFilters = [{ e: 1 }];
      expect(await updated({ b: 1 }, { $unset: { 'a.$[].x': 1 } })).to.equal(2);
      expect(await updated({ b: 1 }, { $unset: { 'a.b.$[].x': 1 } })).to.equal(2);
      expect(await updated({ b: 1 }, { $unset: { 'b.c.$[].x': 1 } })).to.equal(2);
      expect(await updated({ b: 1 }, { $pull: { 'a.$[].x': 1 } })).to.equal(2);
      expect(await updated({ b: 1 }, { $pull: { 'a.$[e].x': 1 } }, { arrayFilters })).to.equal(2);
      expect(await updated({ b: 1 }, { $unset: { 'a.x': 1 } })).to.deep.equal({ b: 1 });
      expect(await updated({ a: [{}] }, { $unset: { 'a.$[].x': 1 } })).to.deep.equal({ a: [{}] });
    });

    it('by a pipeline make the parents of a missing value', async () => {
      const set = (document: Fields) => updated(document, [{ $set: { 'q.w': '$missing' } }]);
      expect(await set({ a: 1 })).to.deep.equal({ a: 1, q: {} });
      expect(await set({ q: { w: 1, x: 2 } })).to.deep.equal({ q: { x: 2 } });
    });

    it('rename through no number, and an existing field keeps its place', async () => {
      expect(await updated({ a: 1 }, { $rename: { 'a.b': 'c' } })).to.equal(28);
      expect(await updated({ a: 1, n: 1 }, { $rename: { a: 'n.b' } })).to.equal(28);
      expect(await updated({ a: {} }, { $rename: { 'a.b.c': 'd' } })).to.deep.equal({ a: {} });
      const renamed = await updated({ a: 1, b: 2, c: 3 }, { $rename: { c: 'a' } });
      expect(Object.entries(renamed as Fields)).to.deep.equal([
        ['a', 3],
        ['b', 2],
      ]);
    });

    it('that upsert take one value of $all, not two', async () => {
      const upsert = async (filter: Fields) =>
        codeOf(db.collection(name()).updateOne(filter, { $set: { y: 1 } }, { upsert: true }));
      expect(await upsert({ x: { $all: [1, 2] } })).to.equal(54);
      expect(await upsert({ x: { $all: [1] } })).to.equal('ok');
      expect(await upsert({ x: { $in: [1, 2] } })).to.equal('ok');
    });
  });
});
