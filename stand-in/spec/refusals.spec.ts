import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { MongoDB } from '../../spec/support/mongodb/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { RawConnection } from './raw-connection.js';

type Fields = mongo.Document;

/** Nothing unknown is passed over: the answer is MongoDB's error, and it names what is unknown. */
describe('MongoDB refuses', () => {
  let mongodb: MongoDB;
  let client: mongo.MongoClient;
  let db: mongo.Db;
  const name = 'refusals';

  before(async () => {
    mongodb = await startMongoDB();
    client = await new mongo.MongoClient(mongodb.uri).connect();
    db = client.db();
    await db.collection<{ _id: number; a: number }>(name).insertOne({ _id: 1, a: 1 });
  });

  after(async () => {
    await client?.close();
    await mongodb?.stop();
  });

  async function refuses(command: Fields, code: number, named: string): Promise<void> {
    const reply = (await db.command(command).catch((error: unknown) => error)) as Fields;
    const error = (reply['writeErrors'] as Fields[] | undefined)?.[0] ?? reply;
    expect(error['code'], JSON.stringify(error['errmsg'] ?? error)).to.equal(code);
    expect(String(error['errmsg'] ?? error['message'])).to.contain(named);
    expect(await db.collection(name).find().toArray()).to.deep.equal([{ _id: 1, a: 1 }]);
  }

  const update = (u: unknown, further: Fields = {}): Fields => ({
    update: name,
    updates: [{ q: {}, u, ...further }],
  });
  const find = (filter: Fields, further: Fields = {}): Fields => ({ find: name, filter, ...further });
  const aggregate = (...pipeline: Fields[]): Fields => ({ aggregate: name, pipeline, cursor: {} });

  it('an unknown command', () => refuses({ frobnicate: 1 }, 59, 'frobnicate'));
  it('an unknown option of find', () => refuses(find({}, { frobnicate: 1 }), 40415, 'find.frobnicate'));
  it('an unknown option of an update', () => refuses(update({ $set: { a: 2 } }, { frob: 1 }), 40415, 'frob'));
  it('an unknown option of insert', () =>
    refuses({ insert: name, documents: [{}], frob: 1 }, 40415, 'insert.frob'));
  it('an unknown option of create', () => refuses({ create: 'x', frob: 1 }, 40415, 'create.frob'));
  it('an unknown option of an index', () =>
    refuses({ createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a', frob: 1 }] }, 197, 'frob'));
  it('an unknown filter operator', () => refuses(find({ a: { $frob: 1 } }), 2, '$frob'));
  it('an unknown top-level operator', () => refuses(find({ $frob: 1 }), 2, '$frob'));
  it('an unknown filter operator of a delete', () =>
    refuses({ delete: name, deletes: [{ q: { a: { $frob: 1 } }, limit: 0 }] }, 2, '$frob'));
  it('an unknown update operator', () => refuses(update({ $frob: { a: 1 } }), 9, '$frob'));
  it('an unknown stage', () => refuses(aggregate({ $frob: {} }), 40324, '$frob'));
  it('an unknown option of a stage', () =>
    refuses(aggregate({ $sample: { size: 1, frob: 1 } }), 28748, 'frob'));
  it('an unknown accumulator', () =>
    refuses(aggregate({ $group: { _id: null, x: { $frob: 1 } } }), 15952, '$frob'));
  it('an expression with too many arguments', () =>
    refuses(aggregate({ $project: { x: { $type: ['$a', 1] } } }), 16020, '$type'));
  it('an unknown read concern', () => refuses(find({}, { readConcern: { level: 'frob' } }), 2, 'frob'));
  it('an unknown stage of an update', () => refuses(update([{ $frob: {} }]), 40324, '$frob'));
  it('an unknown expression, also over no documents', () =>
    refuses(aggregate({ $match: { a: 9 } }, { $project: { x: { $frob: '$a' } } }), 168, '$frob'));
  it('an unknown expression in a filter', () => refuses(find({ $expr: { $frob: 1 } }), 168, '$frob'));
  it('an unknown variable', () => refuses(aggregate({ $project: { x: '$$frob' } }), 17276, 'frob'));
  it('a hint of no index', () => refuses(find({}, { hint: 'frob_1' }), 2, 'hint'));
  it('a command that no transaction may run', async () => {
    await client.withSession(async (session) => {
      session.startTransaction();
      const error = (await db.command({ listIndexes: name }, { session }).catch((e: unknown) => e)) as Fields;
      expect(error['code']).to.equal(263);
      await session.abortTransaction();
    });
  });

  it('what the stand-in leaves out, by name', async function () {
    if (mongodb.kind !== 'stand-in') this.skip();
    const stages = [
      '$lookup',
      '$facet',
      '$setWindowFields',
      '$out',
      '$merge',
      '$collStats',
      '$unwind',
      '$count',
    ];
    for (const stage of stages) await refuses(aggregate({ [stage]: {} }), 238, stage);
    await refuses(aggregate({ $project: { x: { $toString: '$a' } } }), 238, '$toString');
    await refuses(find({ $jsonSchema: {} }), 238, '$jsonSchema');
    await refuses(find({ a: { $mod: [2, 0] } }), 238, '$mod');
    await refuses(find({}, { collation: { locale: 'en', caseLevel: true } }), 238, 'collation.caseLevel');
    await refuses(update({ $bit: { a: { or: 1 } } }), 238, '$bit');
    await refuses({ explain: find({}), verbosity: 'queryPlanner' }, 238, 'explain');
    await refuses({ collStats: name }, 238, 'collStats');
  });
  it('a malformed message, on that connection only', async () => {
    const document = Buffer.from(mongo.BSON.serialize({ ping: 1, $db: 'admin' }));
    const message = (opCode: number, body: Buffer): Buffer => {
      const header = Buffer.alloc(21);
      header.writeInt32LE(21 + body.length, 0);
      header.writeInt32LE(opCode, 12);
      return Buffer.concat([header, body]);
    };
    const overlong = Buffer.from(document);
    overlong.writeInt32LE(1_000_000, 0);
    const negative = Buffer.alloc(16);
    negative.writeInt32LE(-1, 0);
    const good = await RawConnection.open(mongodb.uri);
    for (const bytes of [message(4711, document), message(2013, overlong), negative]) {
      const bad = await RawConnection.open(mongodb.uri);
      bad.write(bytes);
      await bad.closed();
      expect(await good.command({ ping: 1 })).to.include({ ok: 1 });
    }
    good.close();
  });
});
