import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { MongoDB } from '../../spec/support/mongodb/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { describeIf, mongooseMajor } from '../../spec/support/versions.js';
import { MORE_TO_COME, RawConnection } from './raw-connection.js';

type Fields = mongo.Document;
type Items = mongo.Collection<Item>;

interface Item extends Fields {
  _id: number | mongo.ObjectId;
}

const { BSON, Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } = mongo;
const TYPED = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };

/** What any MongoDB does: nothing here knows of the stand-in. Not over the driver of Mongoose 7, which answers in another shape. */
describeIf(mongooseMajor > 7)('MongoDB', () => {
  let mongodb: MongoDB;
  let client: mongo.MongoClient;
  let db: mongo.Db;
  let collections = 0;

  before(async () => {
    mongodb = await startMongoDB();
    client = await new mongo.MongoClient(mongodb.uri).connect();
    db = client.db();
  });

  after(async () => {
    await client?.close();
    await mongodb?.stop();
  });

  /** A collection that no other spec uses. */
  const items = (): Items => db.collection(`items_${++collections}`);

  async function filled(...documents: Fields[]): Promise<Items> {
    const collection = items();
    await collection.insertMany(documents as Item[]);
    return collection;
  }

  async function rejection(promise: Promise<unknown>): Promise<mongo.MongoServerError & Fields> {
    try {
      await promise;
    } catch (error) {
      return error as mongo.MongoServerError;
    }
    throw new Error('expected a rejection');
  }

  async function refused(promise: Promise<unknown>, code: number): Promise<void> {
    expect(await rejection(promise)).to.include({ code });
  }

  /** All documents, in natural order. */
  const all = (collection: Items): Promise<Fields[]> => collection.find().toArray();

  /** What `update` makes of a document. */
  async function updated(
    document: Fields,
    update: Fields,
    options: mongo.UpdateOptions = {},
  ): Promise<Fields> {
    const collection = await filled({ _id: 1, ...document });
    await collection.updateOne({ _id: 1 }, update, options);
    return (await collection.findOne({ _id: 1 }))!;
  }

  /** An update is refused and leaves the document as it was. */
  async function updateRefused(
    document: Fields,
    update: Fields,
    code: number,
    options: mongo.UpdateOptions = {},
  ): Promise<void> {
    const collection = await filled({ _id: 1, ...document });
    await refused(collection.updateOne({ _id: 1 }, update, options), code);
    expect(await all(collection)).to.deep.equal([{ _id: 1, ...document }]);
  }

  async function withFailPoint(failPoint: Fields, run: () => Promise<void>): Promise<void> {
    const admin = client.db('admin');
    await admin.command(failPoint);
    try {
      await run();
    } finally {
      await admin.command({ configureFailPoint: failPoint['configureFailPoint'], mode: 'off' });
    }
  }

  describe('findAndModify', () => {
    it('changes the first in sort order', async () => {
      const collection = await filled({ _id: 1, n: 1 }, { _id: 2, n: 3 }, { _id: 3, n: 2 });
      const before = await collection.findOneAndUpdate({}, { $set: { hit: true } }, { sort: { n: -1 } });
      expect(before).to.deep.equal({ _id: 2, n: 3 });
      expect(await collection.find({ hit: true }).toArray()).to.deep.equal([{ _id: 2, n: 3, hit: true }]);
    });

    it('returns the document before or after; no match gives null', async () => {
      const collection = await filled({ _id: 1, n: 1 });
      const update = { $inc: { n: 1 } };
      expect(await collection.findOneAndUpdate({}, update, { returnDocument: 'before' })).to.include({
        n: 1,
      });
      expect(await collection.findOneAndUpdate({}, update, { returnDocument: 'after' })).to.include({ n: 3 });
      const reply = await collection.findOneAndUpdate({ _id: 9 }, update, { includeResultMetadata: true });
      expect(reply.value).to.equal(null);
      expect(reply.lastErrorObject).to.deep.equal({ n: 0, updatedExisting: false });
    });

    it('upserts', async () => {
      const collection = items();
      const options = { upsert: true, includeResultMetadata: true } as const;
      const first = await collection.findOneAndUpdate({ _id: 1 }, { $set: { n: 1 } }, options);
      expect(first.value).to.equal(null);
      expect(first.lastErrorObject).to.deep.equal({ n: 1, updatedExisting: false, upserted: 1 });
      const second = await collection.findOneAndUpdate(
        { _id: 2 },
        { $set: { n: 2 } },
        { ...options, returnDocument: 'after' },
      );
      expect(second.value).to.deep.equal({ _id: 2, n: 2 });
    });

    it('projects, with _id, in the order of the document', async () => {
      const collection = await filled({ _id: 1, b: 1, a: 2, c: 3 });
      const projection = { a: 1, b: 1 };
      const found = await collection.findOneAndUpdate({}, { $set: { c: 4 } }, { projection });
      expect(Object.entries(found!)).to.deep.equal([
        ['_id', 1],
        ['b', 1],
        ['a', 2],
      ]);
    });

    it('removes the first in sort order', async () => {
      const collection = await filled({ _id: 1, n: 2 }, { _id: 2, n: 1 });
      const reply = await collection.findOneAndDelete({}, { sort: { n: 1 }, includeResultMetadata: true });
      expect(reply.value).to.deep.equal({ _id: 2, n: 1 });
      expect(reply.lastErrorObject).to.deep.equal({ n: 1 });
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 2 }]);
    });

    it('that breaks a unique index fails as a whole command', async () => {
      const collection = await filled({ _id: 1, k: 1 }, { _id: 2, k: 2 });
      await collection.createIndex({ k: 1 }, { unique: true });
      const error = await rejection(collection.findOneAndUpdate({ _id: 2 }, { $set: { k: 1 } }));
      expect(error).to.include({ code: 11000, codeName: 'DuplicateKey', ok: 0 });
      expect(error).to.deep.include({ keyPattern: { k: 1 }, keyValue: { k: 1 } });
    });
  });

  describe('update of arrays', () => {
    it('arrayFilters change only what they select', async () => {
      const [a, b, c] = [new ObjectId(), new ObjectId(), new ObjectId()];
      const collection = await filled(
        { _id: 1, images: [{ ref: a }, { ref: b }] },
        { _id: 2, images: [{ ref: b }] },
        { _id: 3, images: [{ ref: c }] },
      );
      const update = { $set: { 'images.$[image].gone': true } };
      const result = await collection.updateMany({}, update, { arrayFilters: [{ 'image.ref': b }] });
      expect(result).to.include({ matchedCount: 3, modifiedCount: 2 });
      expect(await all(collection)).to.deep.equal([
        { _id: 1, images: [{ ref: a }, { ref: b, gone: true }] },
        { _id: 2, images: [{ ref: b, gone: true }] },
        { _id: 3, images: [{ ref: c }] },
      ]);
    });

    it('several paths, identifiers and levels of arrayFilters work', async () => {
      const two = await updated(
        { a: [{ k: 1 }, { k: 2 }], b: [1, 2, 3] },
        { $set: { 'a.$[e].x': 1, 'a.$[e].y': 2, 'b.$[n]': 0 } },
        { arrayFilters: [{ $or: [{ 'e.k': 2 }, { 'e.k': 9 }] }, { n: { $gte: 2 } }] },
      );
      expect(two).to.deep.equal({ _id: 1, a: [{ k: 1 }, { k: 2, x: 1, y: 2 }], b: [1, 0, 0] });
      const nested = await updated(
        {
          a: [
            { k: 1, b: [{ n: 1 }, { n: 2 }] },
            { k: 2, b: [{ n: 2 }] },
          ],
        },
        { $set: { 'a.$[x].b.$[y].c': true } },
        { arrayFilters: [{ 'x.k': 1 }, { 'y.n': 2 }] },
      );
      expect(nested['a']).to.deep.equal([
        { k: 1, b: [{ n: 1 }, { n: 2, c: true }] },
        { k: 2, b: [{ n: 2 }] },
      ]);
    });

    it('refuses an unused filter and an unknown identifier', async () => {
      const arrayFilters = [{ e: 1 }];
      await updateRefused({ a: [1] }, { $set: { x: 1 } }, 9, { arrayFilters });
      await updateRefused({ a: [1] }, { $set: { 'a.$[e]': 1 } }, 2);
    });

    it('$ stands for the first element that the filter matched', async () => {
      const collection = await filled({
        _id: 1,
        a: [1, 2, 2],
        s: [{ x: 1 }, { x: 2, y: 2 }],
        o: { a: [1, 2] },
      });
      const set = (filter: Fields, fields: Fields) => collection.updateOne(filter, { $set: fields });
      await set({ a: 2 }, { 'a.$': 'equality' });
      await set({ s: { $elemMatch: { x: 2, y: 2 } } }, { 's.$.hit': 'elemMatch' });
      await set({ $and: [{ _id: 1 }, { 's.x': 1 }] }, { 's.$.hit': 'and' });
      await set({ 'o.a': 2 }, { 'o.a.$': 'nested' });
      expect(await all(collection)).to.deep.equal([
        {
          _id: 1,
          a: [1, 'equality', 2],
          s: [
            { x: 1, hit: 'and' },
            { x: 2, y: 2, hit: 'elemMatch' },
          ],
          o: { a: [1, 'nested'] },
        },
      ]);
      await refused(set({ _id: 1 }, { 'a.$': 0 }), 2);
    });

    it('$[] needs the array', async () => {
      await updateRefused({ b: 1 }, { $set: { 'a.$[]': 1 } }, 2);
      expect(await updated({ a: [] }, { $set: { 'a.$[]': 1 } })).to.deep.equal({ _id: 1, a: [] });
      expect(await updated({ a: [1, 2] }, { $inc: { 'a.$[]': 1 } })).to.deep.equal({ _id: 1, a: [2, 3] });
    });

    it('$pull takes all matching elements out and keeps the order', async () => {
      const id = new ObjectId();
      const images = [{ ref: id, n: 1 }, { ref: new ObjectId() }, { ref: id }, { n: 4 }];
      const collection = await filled({ _id: 1, images, scalar: 1 });
      const pull = (fields: Fields) => collection.updateOne({}, { $pull: fields } as Fields);
      expect(await pull({ images: { ref: id } })).to.include({ modifiedCount: 1 });
      expect((await all(collection))[0]!['images']).to.deep.equal([images[1], images[3]]);
      expect(await pull({ images: { ref: id } })).to.include({ modifiedCount: 0 });
      await refused(pull({ scalar: 1 }), 2);
    });

    it('$pull and $pullAll compare by value', async () => {
      const [a, b, c] = [new ObjectId(), new ObjectId(), new ObjectId()];
      const same = new ObjectId(a.toHexString());
      expect((await updated({ ids: [a, b, a] }, { $pull: { ids: same } }))['ids']).to.deep.equal([b]);
      expect(
        (await updated({ ids: [a, b, c] }, { $pull: { ids: { $in: [same, c] } } }))['ids'],
      ).to.deep.equal([b]);
      expect((await updated({ ids: [a, b, c] }, { $pullAll: { ids: [c, same] } }))['ids']).to.deep.equal([b]);
      const nested = await updated({ a: [{ b: [a, b] }, { b: [a] }] }, { $pull: { 'a.$[].b': same } });
      expect(nested['a']).to.deep.equal([{ b: [b] }, { b: [] }]);
    });

    it('$unset of an element leaves null', async () => {
      expect(await updated({ a: [1, 2, 3] }, { $unset: { 'a.1': '' } })).to.deep.equal({
        _id: 1,
        a: [1, null, 3],
      });
      expect(await updated({ a: 1 }, { $unset: { 'b.c': '' } })).to.deep.equal({ _id: 1, a: 1 });
    });

    it('$push inserts, sorts and cuts in this order; $addToSet heeds the order of fields', async () => {
      const push = { $push: { a: { $each: [9, 4], $slice: 3, $position: 0, $sort: 1 } } };
      expect(await updated({ a: [5, 7] }, push)).to.deep.equal({ _id: 1, a: [4, 5, 7] });
      const placed = await updated(
        { a: [1, 2] },
        { $push: { a: { $each: ['x', 'y'], $position: 1, $slice: -3 } } },
      );
      expect(placed['a']).to.deep.equal(['x', 'y', 2]);
      const set = await updated(
        { a: [{ x: 1, y: 2 }] },
        {
          $addToSet: {
            a: {
              $each: [
                { x: 1, y: 2 },
                { y: 2, x: 1 },
              ],
            },
          },
        },
      );
      expect((set['a'] as Fields[]).map((item) => Object.keys(item).join(''))).to.deep.equal(['xy', 'yx']);
    });
  });

  describe('update of fields', () => {
    it('a replacement keeps _id and place', async () => {
      const collection = await filled({ _id: 1 }, { _id: 2, a: 1 }, { _id: 3 });
      await collection.replaceOne({ _id: 2 }, { b: 2 });
      expect(await all(collection)).to.deep.equal([{ _id: 1 }, { _id: 2, b: 2 }, { _id: 3 }]);
      await refused(collection.replaceOne({ _id: 2 }, { _id: 4 } as never), 66);
      const updates = [{ q: {}, u: { a: 1 }, multi: true }];
      const reply = await db.command({ update: collection.collectionName, updates });
      expect(reply['writeErrors'][0]).to.include({ index: 0, code: 9 });
    });

    it('$rename moves, replaces, and does nothing without a source', async () => {
      expect(await updated({ a: { b: 1 }, c: 2 }, { $rename: { 'a.b': 'c' } })).to.deep.equal({
        _id: 1,
        a: {},
        c: 1,
      });
      expect(await updated({ a: 1 }, { $rename: { a: 'n.b' } })).to.deep.equal({ _id: 1, n: { b: 1 } });
      expect(await updated({ a: 1 }, { $rename: { x: 'y' } })).to.deep.equal({ _id: 1, a: 1 });
      await updateRefused({ a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, 2);
    });

    it('$set does not go through scalars, and fills arrays with null', async () => {
      await updateRefused({ a: 1 }, { $set: { 'a.b': 1 } }, 28);
      await updateRefused({ a: null }, { $set: { 'a.b': 1 } }, 28);
      expect(await updated({ a: [1] }, { $set: { 'a.3': 4 } })).to.deep.equal({
        _id: 1,
        a: [1, null, null, 4],
      });
    });

    it('$inc keeps to the types of numbers', async () => {
      const collection = await filled({
        _id: 1,
        long: Long.fromString('9007199254740993'),
        decimal: Decimal128.fromString('1.10'),
        double: new Double(1),
        int: new Int32(2147483647),
        text: 'x',
      });
      const amounts = { long: 1, decimal: 1, double: 1, int: 1, missing: 1 };
      await collection.updateOne({}, { $inc: amounts });
      const found = (await collection.findOne({}, TYPED))!;
      expect(found['long'].toString()).to.equal('9007199254740994');
      expect(found['decimal'].toString()).to.equal('2.10');
      expect(found['double']).to.be.instanceOf(Double).and.include({ value: 2 });
      expect(found['int']).to.be.instanceOf(Long);
      expect(found['int'].toString()).to.equal('2147483648');
      expect(found['missing'].valueOf()).to.equal(1);
      await refused(collection.updateOne({}, { $inc: { text: 1 } }), 14);
    });

    it('refuses conflicting paths; a failing operator undoes the whole update', async () => {
      await updateRefused({ a: 1 }, { $set: { a: 2 }, $inc: { a: 1 } }, 40);
      await updateRefused({ a: 1 }, { $set: { a: {}, 'a.b': 1 } }, 40);
      await updateRefused({ a: 1, text: 'x' }, { $set: { a: 2 }, $inc: { text: 1 } }, 14);
    });

    it('counts only real changes as modifications', async () => {
      const collection = await filled({ _id: 1, o: { x: 1, y: 2 }, n: new Int32(5) });
      const set = (fields: Fields) => collection.updateOne({}, { $set: fields });
      expect(await set({ o: { x: 1, y: 2 }, n: 5 })).to.include({ matchedCount: 1, modifiedCount: 0 });
      expect(await set({ o: { y: 2, x: 1 } })).to.include({ matchedCount: 1, modifiedCount: 1 });
      expect(await set({ n: new Double(5) })).to.include({ matchedCount: 1, modifiedCount: 1 });
    });

    it('keeps _id, and adds new fields in the order of their paths', async () => {
      expect(await updated({ a: 1 }, { $set: { _id: 1, a: 2 } })).to.deep.equal({ _id: 1, a: 2 });
      await updateRefused({ a: 1 }, { $set: { _id: 2 } }, 66);
      const added = await updated({ m: 1 }, { $set: { z: 1, b: 1 }, $inc: { c: 1 } });
      expect(Object.keys(added)).to.deep.equal(['_id', 'm', 'b', 'c', 'z']);
    });

    it('applies pipelines', async () => {
      const document = { a: 1, list: [1, 2, 3], o: { x: 1, y: 1 }, drop: 1 };
      const collection = await filled({ _id: 1, ...document });
      await collection.updateOne(
        {},
        [
          {
            $set: {
              b: { $add: ['$a', '$$more'] },
              list: { $filter: { input: '$list', cond: { $gt: ['$$this', 1] } } },
            },
          },
          { $set: { 'o.x': 2, 'o.y': '$$REMOVE' } },
          { $unset: 'drop' },
        ],
        { let: { more: 10 } },
      );
      expect(await all(collection)).to.deep.equal([{ _id: 1, a: 1, list: [2, 3], o: { x: 2 }, b: 11 }]);
      await collection.updateOne({}, [{ $replaceWith: { only: '$a' } }]);
      expect(await all(collection)).to.deep.equal([{ _id: 1, only: 1 }]);
      await refused(collection.updateOne({}, [{ $set: { only: { $in: [1, 2] } } }]), 40081);
      expect(await all(collection)).to.deep.equal([{ _id: 1, only: 1 }]);
    });

    it('seeds an upsert from the equalities of the filter', async () => {
      const collection = items();
      const filter = { _id: 7, a: 1, 'o.b': 2, $and: [{ c: 3 }], d: { $eq: 4 }, e: { $gt: 5 } };
      const update = { $set: { x: 1 }, $setOnInsert: { born: true } };
      expect(await collection.updateOne(filter, update, { upsert: true })).to.include({ upsertedId: 7 });
      const expected = { _id: 7, a: 1, o: { b: 2 }, c: 3, d: 4, x: 1, born: true };
      expect(await all(collection)).to.deep.equal([expected]);
      await collection.updateOne(
        { _id: 7 },
        { $setOnInsert: { born: 'again' }, $set: { x: 2 } },
        { upsert: true },
      );
      expect(await all(collection)).to.deep.equal([{ ...expected, x: 2 }]);
    });

    it('two upserts of one unique key make one document', async () => {
      const collection = items();
      await collection.createIndex({ k: 1 }, { unique: true });
      const upsert = () => collection.updateOne({ k: 1 }, { $inc: { n: 1 } }, { upsert: true });
      await Promise.all(Array.from({ length: 5 }, upsert));
      expect(await all(collection)).to.have.length(1);
      expect((await all(collection))[0]).to.include({ k: 1, n: 5 });
      let waiting: Promise<mongo.UpdateResult> | undefined;
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await collection.insertOne({ _id: 2, k: 2 }, { session });
          waiting ??= collection.updateOne({ k: 2 }, { $inc: { n: 1 } }, { upsert: true });
        }),
      );
      expect(await waiting).to.include({ matchedCount: 1, upsertedCount: 0 });
    });
  });

  describe('batches and unique indexes', () => {
    it('insertMany says which documents failed', async () => {
      const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }];
      const attempt = async (ordered: boolean) => {
        const collection = items();
        const error = await rejection(collection.insertMany(documents, { ordered }));
        const indexes = [error['writeErrors']].flat().map(({ index }) => index as number);
        return { indexes, left: (await all(collection)).map(({ _id }) => _id as number) };
      };
      expect(await attempt(true)).to.deep.equal({ indexes: [1], left: [1] });
      expect(await attempt(false)).to.deep.equal({ indexes: [1, 3], left: [1, 2, 3] });
    });

    it('bulkWrite counts, and numbers errors and upserts by their place', async () => {
      const attempt = async (ordered: boolean) => {
        const collection = await filled({ _id: 1 }, { _id: 2 });
        const operations: mongo.AnyBulkWriteOperation<Item>[] = [
          { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
          { updateOne: { filter: { _id: 9 }, update: { $set: { a: 1 } }, upsert: true } },
          { deleteOne: { filter: { _id: 2 } } },
          { insertOne: { document: { _id: 1 } } },
          { insertOne: { document: { _id: 4 } } },
        ];
        const error = await rejection(collection.bulkWrite(operations, { ordered }));
        expect([error['writeErrors']].flat().map(({ index }) => index as number)).to.deep.equal([3]);
        return error['result'] as mongo.BulkWriteResult;
      };
      const counts = { matchedCount: 1, modifiedCount: 1, upsertedCount: 1, deletedCount: 1 };
      expect(await attempt(true)).to.include({ ...counts, insertedCount: 0 });
      const unordered = await attempt(false);
      expect(unordered).to.include({ ...counts, insertedCount: 1 });
      expect(unordered.upsertedIds).to.deep.equal({ 1: 9 });
    });

    it('unique indexes heed null, sparse, partial, arrays and several fields', async () => {
      const duplicate = async (keys: Fields, options: Fields, ...documents: Fields[]) => {
        const collection = items();
        await collection.createIndex(keys as mongo.IndexSpecification, { unique: true, ...options });
        const codes: unknown[] = [];
        for (const document of documents) {
          const done = collection.insertOne({ ...document } as never).then(() => 'ok');
          codes.push(await done.catch(({ code }) => code as number));
        }
        return codes;
      };
      expect(await duplicate({ a: 1 }, {}, { a: null }, { b: 1 })).to.deep.equal(['ok', 11000]);
      expect(
        await duplicate({ a: 1 }, { sparse: true }, { b: 1 }, { b: 2 }, { a: null }, { a: null }),
      ).to.deep.equal(['ok', 'ok', 'ok', 11000]);
      const partialFilterExpression = { live: true };
      expect(
        await duplicate(
          { a: 1 },
          { partialFilterExpression },
          { a: 1 },
          { a: 1 },
          { a: 1, live: true },
          { a: 1, live: true },
        ),
      ).to.deep.equal(['ok', 'ok', 'ok', 11000]);
      expect(await duplicate({ a: 1 }, {}, { a: [1, 2] }, { a: [3, 2] }, { a: [4, 4] })).to.deep.equal([
        'ok',
        11000,
        'ok',
      ]);
      expect(
        await duplicate({ a: 1, b: 1 }, {}, { a: 1, b: 1 }, { a: 1, b: 2 }, { a: 1, b: 2 }),
      ).to.deep.equal(['ok', 'ok', 11000]);
    });

    it('createIndexes refuses duplicates and conflicts, and repeats silently', async () => {
      const collection = await filled({ _id: 1, a: 1 }, { _id: 2, a: 1 });
      await refused(collection.createIndex({ a: 1 }, { unique: true }), 11000);
      expect((await collection.indexes()).map(({ name }) => name)).to.deep.equal(['_id_']);
      await collection.createIndex({ b: 1 });
      await collection.createIndex({ b: 1 });
      await refused(collection.createIndex({ b: 1 }, { name: 'other' }), 85);
      await refused(collection.createIndex({ c: 1 }, { name: 'b_1' }), 86);
      expect((await collection.indexes()).map(({ name }) => name)).to.deep.equal(['_id_', 'b_1']);
    });

    it('validators and the size limit refuse documents', async () => {
      const name = items().collectionName;
      const collection = await db.createCollection(name, { validator: { n: { $gte: 1 } } });
      const error = await rejection(collection.insertOne({ n: 0 }));
      expect(error).to.include({ code: 121 });
      expect(error['errInfo']).to.have.property('failingDocumentId');
      await collection.insertOne({ n: 0 }, { bypassDocumentValidation: true });
      const large = 'x'.repeat(16 * 1024 * 1024 + 50_000);
      await refused(items().insertOne({ large } as never), 10334);
    });
  });

  describe('filters', () => {
    const idsOf = async (collection: Items, filter: Fields, options: mongo.FindOptions = {}) =>
      (await collection.find(filter, options).toArray()).map(({ _id }) => _id);

    it('null matches missing fields, also in elements', async () => {
      const collection = await filled(
        { _id: 1, a: null },
        { _id: 2 },
        { _id: 3, a: 1 },
        { _id: 4, s: [{ b: 1 }, {}] },
        { _id: 5, s: [{ b: 1 }] },
      );
      expect(await idsOf(collection, { a: null, s: null })).to.deep.equal([1, 2]);
      expect(await idsOf(collection, { a: { $exists: true } })).to.deep.equal([1, 3]);
      expect(await idsOf(collection, { a: { $exists: true, $eq: null } })).to.deep.equal([1]);
      expect(await idsOf(collection, { s: { $exists: true }, 's.b': null })).to.deep.equal([4]);
    });

    it('subdocuments are equal in order; arrays as a whole or as an element', async () => {
      const collection = await filled(
        { _id: 1, o: { x: 1, y: 1 } },
        { _id: 2, a: [1, 2] },
        { _id: 3, a: [[1, 2], 3] },
      );
      expect(await idsOf(collection, { o: { x: 1, y: 1 } })).to.deep.equal([1]);
      expect(await idsOf(collection, { o: { y: 1, x: 1 } })).to.deep.equal([]);
      expect(await idsOf(collection, { a: [1, 2] })).to.deep.equal([2, 3]);
      expect(await idsOf(collection, { a: [2, 1] })).to.deep.equal([]);
    });

    it('$in of 10,000 ids finds each document once, also in a transaction', async () => {
      const ids = Array.from({ length: 10_000 }, () => new ObjectId());
      const collection = await filled(...ids.map((_id) => ({ _id })));
      const filter = { _id: { $in: [...ids, ...ids.slice(0, 100)] } };
      expect(await collection.find(filter).toArray()).to.have.length(10_000);
      await client.withSession((session) =>
        session.withTransaction(async () => {
          expect(await collection.find(filter, { session }).toArray()).to.have.length(10_000);
        }),
      );
    });

    it('values come back byte for byte', async () => {
      const document = {
        _id: new ObjectId(),
        long: Long.fromString('-9223372036854775808'),
        decimal: Decimal128.fromString('1.500'),
        binary: new Binary(Buffer.from([255, 254, 0]), 128),
        uuid: new UUID(),
        date: new Date(-5),
        regex: new mongo.BSONRegExp('^a.b', 'is'),
        timestamp: new Timestamp({ t: 4, i: 2 }),
        double: new Double(5),
        int: new Int32(5),
        minKey: new mongo.MinKey(),
        maxKey: new mongo.MaxKey(),
        nothing: null,
        nested: [[], {}, [{ z: 1, a: 'é😀' }]],
      };
      const collection = items() as unknown as mongo.Collection<Fields>;
      await collection.insertOne(document);
      const found = await collection.findOne({ _id: document._id }, TYPED);
      expect(Buffer.from(BSON.serialize(found!)).equals(Buffer.from(BSON.serialize(document)))).to.equal(
        true,
      );
    });

    it('a list of expressions is checked at once, however alike they are, and matches each of them', async () => {
      const collection = await filled(
        ...['/a/1.png', '/a/1.png?v=2', '/a/12.png', '/b/2.png'].map((v, _id) => ({ _id, v })),
      );
      const list = (...sources: string[]): Fields => ({
        v: { $in: sources.map((source) => new mongo.BSONRegExp(source)) },
      });
      const goesOn = '([?#][\\s\\S]*)?$';
      expect(await idsOf(collection, list(`^/a/1\\.png${goesOn}`, `^/b/2\\.png${goesOn}`))).to.deep.equal([
        0, 1, 3,
      ]);
      const empty = await filled({ _id: 1 });
      for (const invalid of ['^/a/(', '^/a/[b', '^/a/b{2,1}']) {
        const error = await empty
          .find(list('^/a/b', '^/b', invalid))
          .toArray()
          .catch((reason: unknown) => reason);
        expect(error, invalid).to.include({ code: 51091 });
      }
    });

    it('an index finds by the beginning of an expression what a scan finds, also while documents come and go', async () => {
      const indexed = await filled({ _id: -1 });
      const scanned = await filled({ _id: -1 });
      await indexed.createIndex({ v: 1 });
      const values = (from: number): unknown[] =>
        Array.from(
          { length: 120 },
          (_, n) => [`/a/${String(from + n)}.png`, `/b|${String(n)}`, ['/a/1', n], n][n % 4],
        );
      const filters = [
        { v: /^\/a\/1/ },
        { v: { $in: [/^\/a\/1/, /^\/b/, '/a/20.png', 3] } },
        { $or: [{ v: /^\/a\/12?/ }, { v: { $in: ['/b|5', /^\/b\|9/] } }] },
        { $or: [{ v: /^\/a\/4|^\/b/ }, { v: 7 }] },
        { v: /^/ },
        { $or: [{ v: /^\/a/ }, { other: 1 }] },
        { $or: [{ v: /^\/a\/9/ }, { _id: { $in: [-1, 7, 100_001] }, v: { $exists: true } }] },
      ];
      for (const from of [0, 100, 104, 300]) {
        const documents = values(from).map((v, n) => ({ _id: from * 1000 + n, v }));
        for (const one of [indexed, scanned]) {
          await one.deleteMany({ _id: { $lt: (from - 50) * 1000 } } as Fields);
          await one.insertMany((from === 104 ? documents.slice(0, 8) : documents) as never);
        }
        for (const filter of filters)
          expect((await idsOf(indexed, filter)).sort(), JSON.stringify(filter)).to.deep.equal(
            (await idsOf(scanned, filter)).sort(),
          );
      }
    });

    it('ranges stay within a type; $type knows names and numbers', async () => {
      const values = [1, '5', new Date(5), null, true, Long.fromNumber(7), [8], new ObjectId()];
      const collection = await filled(...values.map((v, _id) => ({ _id, v })));
      expect(await idsOf(collection, { v: { $gt: 0 } })).to.deep.equal([0, 5, 6]);
      expect(await idsOf(collection, { v: { $gte: '' } })).to.deep.equal([1]);
      expect(await idsOf(collection, { v: { $type: 'number' } })).to.deep.equal([0, 5, 6]);
      expect(await idsOf(collection, { v: { $type: ['long', 7] } })).to.deep.equal([5, 7]);
      expect(await idsOf(collection, { v: { $type: 'array' } })).to.deep.equal([6]);
    });

    it('sorts by type, then by value; of arrays the least or the greatest element counts', async () => {
      const values = [
        true,
        new ObjectId(),
        new Binary(Buffer.from('x')),
        { a: 1 },
        'b',
        2,
        null,
        new Date(1),
      ];
      const collection = await filled({ _id: -1 }, ...values.map((v, _id) => ({ _id, v })));
      expect(await idsOf(collection, {}, { sort: { v: 1 } })).to.deep.equal([-1, 6, 5, 4, 3, 2, 1, 0, 7]);
      const arrays = await filled(
        { _id: 1, a: [5, 1] },
        { _id: 2, a: [2, 3] },
        { _id: 3, a: [] },
        { _id: 4, a: 2 },
      );
      expect(await idsOf(arrays, {}, { sort: { a: 1 } })).to.deep.equal([3, 1, 2, 4]);
      expect(await idsOf(arrays, {}, { sort: { a: -1 } })).to.deep.equal([1, 2, 4, 3]);
    });

    it('collations apply to find, update, delete, distinct, sort and unique indexes', async () => {
      const [base, accents] = [1, 2].map((strength) => ({ locale: 'en', strength }));
      const collection = await filled(
        { _id: 1, t: 'Cafe' },
        { _id: 2, t: 'café' },
        { _id: 3, t: 'B' },
        { _id: 4, t: 'cafe' },
      );
      expect(await idsOf(collection, { t: 'cafe' })).to.deep.equal([4]);
      expect(await idsOf(collection, { t: 'cafe' }, { collation: base! })).to.deep.equal([1, 2, 4]);
      expect(await idsOf(collection, { t: { $in: ['CAFE'] } }, { collation: accents! })).to.deep.equal([
        1, 4,
      ]);
      expect(await idsOf(collection, {}, { sort: { t: 1 }, collation: base! })).to.deep.equal([3, 1, 2, 4]);
      expect(await collection.distinct('t', {}, { collation: base! })).to.have.length(2);
      const update = { $set: { hit: 1 } };
      expect(await collection.updateMany({ t: 'CAFÉ' }, update, { collation: accents! })).to.include({
        modifiedCount: 1,
      });
      expect(await collection.deleteMany({ t: 'b' }, { collation: accents! })).to.include({
        deletedCount: 1,
      });
      const own = await db.createCollection(items().collectionName, { collation: accents! });
      await own.createIndex({ t: 1 }, { unique: true });
      await own.insertOne({ t: 'one' });
      expect(await own.findOne({ t: 'ONE' })).to.include({ t: 'one' });
      await refused(own.insertOne({ t: 'One' }), 11000);
    });

    it('deleteOne takes the first, with a sort the first of the sort', async () => {
      const collection = await filled({ _id: 3 }, { _id: 1 }, { _id: 2 });
      await collection.deleteOne({});
      expect(await idsOf(collection, {})).to.deep.equal([1, 2]);
      await collection.findOneAndDelete({}, { sort: { _id: -1 } });
      expect(await idsOf(collection, {})).to.deep.equal([1]);
      expect(await collection.deleteOne({ _id: 9 })).to.include({ deletedCount: 0 });
    });

    it('projections go through arrays', async () => {
      const document = { _id: 1, a: [{ b: 1, c: 1 }, { c: 2 }, 3], n: { x: 1, y: 2 }, l: [1, 2, 3, 4] };
      const collection = await filled(document);
      const shown = (projection: Fields, filter: Fields = {}) => collection.findOne(filter, { projection });
      expect(await shown({ 'a.b': 1 })).to.deep.equal({ _id: 1, a: [{ b: 1 }, {}] });
      expect(await shown({ _id: 0, 'n.x': 0, a: 0 })).to.deep.equal({ n: { y: 2 }, l: document.l });
      expect(await shown({ 'a.$': 1 }, { 'a.c': 2 })).to.deep.equal({ _id: 1, a: [{ c: 2 }] });
      expect(await shown({ l: { $slice: [1, 2] } })).to.deep.equal({ ...document, l: [2, 3] });
      expect(await shown({ a: { $elemMatch: { c: 9 } } })).to.deep.equal({ _id: 1 });
      expect(await shown({ a: { $elemMatch: { c: 2 } }, n: 1 })).to.deep.equal({
        _id: 1,
        n: document.n,
        a: [{ c: 2 }],
      });
    });

    it('a document that was read can be changed without harm', async () => {
      const collection = await filled({ _id: 1, list: [1], o: { x: 1 } });
      const found = (await collection.findOne({}))!;
      (found['list'] as number[]).push(2);
      (found['o'] as Fields)['x'] = 2;
      expect(await all(collection)).to.deep.equal([{ _id: 1, list: [1], o: { x: 1 } }]);
    });
  });

  describe('cursors and counts', () => {
    it('batches: 101 first, the wanted size, none for 0; limit spans batches', async () => {
      const collection = await filled(...Array.from({ length: 250 }, (_, _id) => ({ _id })));
      const find = async (options: Fields) => {
        const { cursor } = await db.command({ find: collection.collectionName, ...options });
        return { length: cursor.firstBatch.length as number, open: !Long.fromValue(cursor.id).isZero() };
      };
      expect(await find({})).to.deep.equal({ length: 101, open: true });
      expect(await find({ batchSize: 20 })).to.deep.equal({ length: 20, open: true });
      expect(await find({ batchSize: 0 })).to.deep.equal({ length: 0, open: true });
      expect(await find({ batchSize: 20, singleBatch: true })).to.deep.equal({ length: 20, open: false });
      const limited = collection.find({}, { batchSize: 50, limit: 120, sort: { _id: -1 }, skip: 5 });
      const found = await limited.map(({ _id }) => _id as number).toArray();
      expect(found).to.have.length(120);
      expect(found[0]).to.equal(244);
    });

    it('a cursor goes on when documents are deleted meanwhile', async () => {
      const collection = await filled(...Array.from({ length: 200 }, (_, _id) => ({ _id })));
      const cursor = collection.find({}, { batchSize: 50 });
      const seen = new Set<unknown>([(await cursor.next())!._id]);
      await collection.deleteMany({ _id: { $gte: 150 } });
      for await (const { _id } of cursor) seen.add(_id);
      expect(seen.size).to.be.within(150, 200);
    });

    it('a killed cursor is gone, one by one or with its session', async () => {
      const collection = await filled({ _id: 1 }, { _id: 2 }, { _id: 3 });
      const name = collection.collectionName;
      const first = await db.command({ find: name, batchSize: 1 });
      const id = Long.fromValue(first['cursor'].id);
      await db.command({ killCursors: name, cursors: [id] });
      await refused(db.command({ getMore: id, collection: name }), 43);
      const raw = await RawConnection.open(mongodb.uri);
      const lsid = { id: new UUID() };
      const second = await raw.command({ find: name, batchSize: 1, lsid }, db.databaseName);
      await raw.command({ killSessions: [lsid] });
      const getMore = { getMore: Long.fromValue(second['cursor'].id), collection: name, lsid };
      expect(await raw.command(getMore, db.databaseName)).to.include({ ok: 0, code: 43 });
      raw.close();
    });

    it('counts heed skip and limit; distinct looks into arrays', async () => {
      const collection = await filled({ t: [1, 2] }, { t: 2 }, { t: [3] }, {});
      expect(await collection.countDocuments({}, { skip: 1, limit: 2 })).to.equal(2);
      expect(await items().estimatedDocumentCount()).to.equal(0);
      expect(await collection.distinct('t')).to.deep.equal([1, 2, 3]);
    });
  });

  describe('transactions', () => {
    /** A session with an open transaction. */
    async function inTransaction(run: (session: mongo.ClientSession) => Promise<void>): Promise<void> {
      await client.withSession(async (session) => {
        session.startTransaction();
        await run(session);
        if (session.inTransaction()) await session.abortTransaction();
      });
    }

    it('own writes are seen by every kind of read, by others only after the commit', async () => {
      const collection = await filled({ _id: 1, t: 'a' });
      await inTransaction(async (session) => {
        await collection.insertOne({ _id: 2, t: 'b' }, { session });
        expect(await collection.find({ t: 'b' }, { session }).toArray()).to.have.length(1);
        expect(await collection.countDocuments({}, { session })).to.equal(2);
        expect(await collection.distinct('t', {}, { session })).to.deep.equal(['a', 'b']);
        expect(await collection.countDocuments({})).to.equal(1);
        await session.commitTransaction();
      });
      expect(await collection.countDocuments({})).to.equal(2);
    });

    it('it keeps the state of its first command', async () => {
      const collection = await filled({ _id: 1, n: 1 });
      await inTransaction(async (session) => {
        expect(await collection.countDocuments({}, { session })).to.equal(1);
        await collection.insertOne({ _id: 2 });
        await collection.updateOne({ _id: 1 }, { $set: { n: 2 } });
        expect(await collection.find({}, { session }).toArray()).to.deep.equal([{ _id: 1, n: 1 }]);
      });
    });

    it('the second writer of a document gets a conflict', async () => {
      const collection = await filled({ _id: 1, n: 0 });
      await inTransaction((first) =>
        inTransaction(async (second) => {
          await collection.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session: first });
          const error = await rejection(
            collection.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session: second }),
          );
          expect(error).to.include({ code: 112, codeName: 'WriteConflict' });
          expect(error.hasErrorLabel('TransientTransactionError')).to.equal(true);
          await refused(collection.findOne({}, { session: second }), 251);
          await second.abortTransaction();
          await first.commitTransaction();
        }),
      );
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 1 }]);
    });

    it('so does who writes what has changed since the snapshot', async () => {
      const collection = await filled({ _id: 1, n: 0 });
      await inTransaction(async (session) => {
        await collection.findOne({}, { session });
        await collection.updateOne({ _id: 1 }, { $set: { n: 1 } });
        await refused(collection.updateOne({ _id: 1 }, { $set: { m: 1 } }, { session }), 112);
      });
    });

    it('a plain write waits for the transaction that holds its document', async () => {
      const collection = await filled({ _id: 1, n: 0 });
      let waiting: Promise<unknown> = Promise.resolve();
      await inTransaction(async (session) => {
        await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
        const impatient = { update: collection.collectionName, updates: [{ q: {}, u: { $inc: { n: 10 } } }] };
        await refused(db.command({ ...impatient, maxTimeMS: 100 }), 50);
        waiting = collection.updateOne({}, { $mul: { n: 100 } });
        await session.commitTransaction();
      });
      await waiting;
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 100 }]);
    });

    it('a duplicate key ends it', async () => {
      const collection = await filled({ _id: 1, k: 1 });
      await collection.createIndex({ k: 1 }, { unique: true });
      // By _id, by a unique index, and against a document of the same transaction.
      for (const duplicate of [{ _id: 1 }, { _id: 3, k: 1 }, { _id: 3, k: 2 }]) {
        await inTransaction(async (session) => {
          await collection.insertOne({ _id: 2, k: 2 }, { session });
          await refused(collection.insertOne({ ...duplicate }, { session }), 11000);
          await refused(collection.insertOne({ _id: 4, k: 4 }, { session }), 251);
        });
      }
      expect(await all(collection)).to.deep.equal([{ _id: 1, k: 1 }]);
    });

    it('an abort leaves neither documents nor index entries, collections or events', async () => {
      const collection = items();
      await collection.createIndex({ k: 1 }, { unique: true });
      const fresh = items();
      const stream = collection.watch([], { maxAwaitTimeMS: 50 });
      const events: mongo.ChangeStreamDocument[] = [];
      await stream.tryNext();
      await inTransaction(async (session) => {
        await collection.insertOne({ _id: 1, k: 1 }, { session });
        await fresh.insertOne({ _id: 1 }, { session });
        await session.abortTransaction();
      });
      await collection.insertOne({ _id: 2, k: 1 });
      events.push(await stream.next());
      await stream.close();
      expect(events[0]).to.deep.include({ documentKey: { _id: 2 } });
      expect(await db.listCollections({ name: fresh.collectionName }).toArray()).to.deep.equal([]);
    });

    it('a commit can be repeated, and not undone', async () => {
      const collection = await filled({ _id: 1 });
      const raw = await RawConnection.open(mongodb.uri);
      const numbers = { lsid: { id: new UUID() }, txnNumber: Long.fromNumber(1), autocommit: false };
      const insert = { insert: collection.collectionName, documents: [{ _id: 2 }], startTransaction: true };
      expect(await raw.command({ ...insert, ...numbers }, db.databaseName)).to.include({ ok: 1, n: 1 });
      expect(await raw.command({ commitTransaction: 1, ...numbers })).to.include({ ok: 1 });
      expect(await raw.command({ commitTransaction: 1, ...numbers })).to.include({ ok: 1 });
      expect(await raw.command({ abortTransaction: 1, ...numbers })).to.include({ ok: 0, code: 256 });
      raw.close();
      expect(await all(collection)).to.have.length(2);
    });

    it('withTransaction loses no increment of four writers', async () => {
      const collection = await filled({ _id: 1, n: 0 });
      const increment = (session: mongo.ClientSession) =>
        session.withTransaction(async () => {
          const { n } = (await collection.findOne({ _id: 1 }, { session }))! as unknown as { n: number };
          await collection.updateOne({ _id: 1 }, { $set: { n: n + 1 } }, { session });
        });
      const writer = () =>
        client.withSession(async (session) => {
          for (let i = 0; i < 5; i++) await increment(session);
        });
      await Promise.all([writer(), writer(), writer(), writer()]);
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 20 }]);
    });
  });

  it('aborts a transaction that is too old', async () => {
    const collection = await filled({ _id: 1, n: 0 });
    const lifetime = (transactionLifetimeLimitSeconds: number) =>
      client.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds });
    const { was } = await lifetime(1);
    await client.withSession(async (session) => {
      session.startTransaction();
      await collection.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session });
      // This one waits for the transaction, whose commit never comes.
      await collection.updateOne({ _id: 1 }, { $inc: { n: 10 } });
      await refused(session.commitTransaction(), 251);
    });
    await lifetime(Number(was));
    expect(await all(collection)).to.deep.equal([{ _id: 1, n: 10 }]);
  });

  describe('retries', () => {
    it('a write whose answer was lost is not done twice', async () => {
      const collection = await filled({ _id: 1, n: 0 });
      const failPoint = { configureFailPoint: 'onPrimaryTransactionalWrite', mode: { times: 1 }, data: {} };
      await withFailPoint(failPoint, async () => {
        expect(await collection.updateOne({}, { $inc: { n: 1 } })).to.include({ modifiedCount: 1 });
      });
      const raw = await RawConnection.open(mongodb.uri);
      const update = { update: collection.collectionName, updates: [{ q: {}, u: { $inc: { n: 1 } } }] };
      const numbers = { lsid: { id: new UUID() }, txnNumber: Long.fromNumber(1) };
      for (let i = 0; i < 2; i++) {
        expect(await raw.command({ ...update, ...numbers }, db.databaseName)).to.include({
          n: 1,
          nModified: 1,
        });
      }
      raw.close();
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 2 }]);
    });

    it('a failing commit is retried, with one effect', async () => {
      const failures = [{ closeConnection: true }, { errorCode: 91 }, { errorCode: 251 }];
      for (const failure of failures) {
        const collection = await filled({ _id: 1, n: 0 });
        const data = { failCommands: ['commitTransaction'], ...failure };
        await withFailPoint({ configureFailPoint: 'failCommand', mode: { times: 1 }, data }, () =>
          client.withSession(async (session) => {
            await session.withTransaction(() => collection.updateOne({}, { $inc: { n: 1 } }, { session }));
          }),
        );
        expect(await all(collection), JSON.stringify(failure)).to.deep.equal([{ _id: 1, n: 1 }]);
      }
    });
  });

  describe('change streams', () => {
    /** An open stream: what happens from now on is in it. */
    async function watching(
      collection: Items,
      options: mongo.ChangeStreamOptions = {},
    ): Promise<mongo.ChangeStream<Fields, Fields>> {
      const stream = collection.watch<Fields, Fields>([], { maxAwaitTimeMS: 50, ...options });
      await stream.tryNext();
      return stream;
    }

    async function take(stream: mongo.ChangeStream<Fields, Fields>, count: number): Promise<Fields[]> {
      const events: Fields[] = [];
      while (events.length < count) events.push(await stream.next());
      return events;
    }

    it('tells what happened in the order of commits', async () => {
      const collection = await filled({ _id: 0 });
      const stream = await watching(collection);
      await collection.insertOne({ _id: 1, a: 1, l: [1, 2] });
      await collection.updateOne({ _id: 1 }, { $set: { a: 2 }, $unset: { l: 1 } });
      await collection.updateOne({ _id: 1 }, { $set: { a: 2 } });
      await collection.replaceOne({ _id: 1 }, { b: 1 });
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await collection.insertOne({ _id: 2 }, { session });
          await collection.deleteOne({ _id: 1 }, { session });
        }),
      );
      await collection.drop();
      const events = await take(stream, 7);
      await stream.close();
      const types = ['insert', 'update', 'replace', 'insert', 'delete', 'drop', 'invalidate'];
      expect(events.map(({ operationType }) => operationType as string)).to.deep.equal(types);
      expect(events[0]).to.deep.include({
        fullDocument: { _id: 1, a: 1, l: [1, 2] },
        documentKey: { _id: 1 },
      });
      const updateDescription = { updatedFields: { a: 2 }, removedFields: ['l'], truncatedArrays: [] };
      expect(events[1]).to.deep.include({ updateDescription });
      expect(events[2]).to.deep.include({ fullDocument: { _id: 1, b: 1 } });
      expect(events[3]!['clusterTime'].equals(events[4]!['clusterTime'])).to.equal(true);
      expect(String(events[3]!['txnNumber'])).to.equal(String(events[4]!['txnNumber']));
    });

    it('has pre-images where the collection keeps them', async () => {
      const name = items().collectionName;
      await db.createCollection(name, { changeStreamPreAndPostImages: { enabled: true } });
      const collection: Items = db.collection(name);
      await collection.insertMany([1, 2, 3].map((_id) => ({ _id, n: _id })));
      const stream = await watching(collection, { fullDocumentBeforeChange: 'required' });
      await collection.updateOne({ _id: 1 }, { $set: { n: 9 } });
      await collection.replaceOne({ _id: 2 }, { n: 9 });
      await client.withSession((session) =>
        session.withTransaction(() => collection.deleteOne({ _id: 3 }, { session })),
      );
      const events = await take(stream, 3);
      await stream.close();
      expect(events.map(({ fullDocumentBeforeChange: { n } }) => n as number)).to.deep.equal([1, 2, 3]);
      const without = await filled({ _id: 1 });
      const looking = await watching(without, {
        fullDocument: 'updateLookup',
        fullDocumentBeforeChange: 'whenAvailable',
      });
      const strict = await watching(without, { fullDocumentBeforeChange: 'required' });
      await without.updateOne({ _id: 1 }, { $set: { n: 1 } });
      await refused(strict.next(), 47);
      await strict.close();
      const [event] = await take(looking, 1);
      await looking.close();
      expect(event).to.deep.include({ fullDocument: { _id: 1, n: 1 }, fullDocumentBeforeChange: null });
    });

    it('resumes after an event; an idle stream gives nothing, and can be closed at once', async () => {
      const collection = await filled({ _id: 0 });
      const stream = await watching(collection);
      for (const _id of [1, 2, 3]) await collection.insertOne({ _id });
      const events = await take(stream, 3);
      await stream.close();
      const resumed = collection.watch<Fields, Fields>([], {
        resumeAfter: events[0]!['_id'],
        maxAwaitTimeMS: 50,
      });
      expect((await take(resumed, 2)).map(({ documentKey }) => documentKey._id as number)).to.deep.equal([
        2, 3,
      ]);
      expect(await resumed.tryNext()).to.equal(null);
      expect(resumed.resumeToken).to.have.property('_data');
      const timed = collection.watch<Fields, Fields>([], { startAtOperationTime: events[1]!['clusterTime'] });
      expect((await take(timed, 2)).map(({ documentKey }) => documentKey._id as number)).to.deep.equal([
        2, 3,
      ]);
      await timed.close();
      const pending = rejection(resumed.next());
      await resumed.close();
      await pending;
      const bad = collection.watch([], { resumeAfter: { _data: 'nonsense' } });
      expect(await rejection(bad.next())).to.be.instanceOf(mongo.MongoServerError);
      await bad.close();
    });
  });

  it('a write with w: 0 gets no reply, and the next reply is to the next request', async () => {
    const collection = items();
    const raw = await RawConnection.open(mongodb.uri);
    const insert = { insert: collection.collectionName, documents: [{ _id: 1 }], writeConcern: { w: 0 } };
    raw.send(insert, db.databaseName, MORE_TO_COME);
    expect(await raw.command({ ping: 1 })).to.include({ ok: 1 });
    raw.close();
    expect(await all(collection)).to.deep.equal([{ _id: 1 }]);
  });
});
