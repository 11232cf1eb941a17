import { expect } from 'chai';
import { createRequire } from 'node:module';
import mongoose9, { type Connection, type ConnectOptions, type mongo } from 'mongoose';
import { closeAfterSpec, freshDatabase, watchCommands } from '../support/database.js';
import { trackedField } from '../../lib/schema/tracked-field.js';
import { repliesOf } from '../../lib/sweep/documents.js';
import type { SweepRun } from '../../lib/sweep/run.js';
import { itWith } from '../support/versions.js';

// The types of the aliased packages declare a module of another name, so they are taken for those of Mongoose 9.
const load = createRequire(__filename) as (name: string) => typeof mongoose9;
const versions = { 7: load('mongoose-7'), 8: load('mongoose-8'), 9: mongoose9 };

describe('documents that a sweep reads', () => {
  for (const [major, mongoose] of Object.entries(versions)) {
    describe(`with Mongoose ${major}`, () => {
      const connect = async (options: ConnectOptions = {}): Promise<Connection> => {
        const connection = mongoose.createConnection(freshDatabase(), { monitorCommands: true, ...options });
        closeAfterSpec(connection);
        return connection.asPromise();
      };
      const placeOf = (connection: Connection) => {
        const Photo = connection.model('Photo', new mongoose.Schema({ value: {} }, { autoCreate: false }));
        const fields = [{ field: trackedField('value'), readers: [], isAlwaysSearched: false }];
        return { connection, name: 'photos', fields, models: [Photo] };
      };
      const runOf = (missing = true): SweepRun => ({ options: { missing }, isStopped: false }) as SweepRun;
      const read = async (place: ReturnType<typeof placeOf>, run = runOf()): Promise<mongo.Document[]> => {
        const documents: mongo.Document[] = [];
        for await (const reply of repliesOf(run, place)) documents.push(...reply);
        return documents;
      };

      for (const options of [
        {},
        { promoteBuffers: true },
        { promoteLongs: false },
        { promoteValues: false },
        { useBigInt64: true },
        { bsonRegExp: true },
        { enableUtf8Validation: false },
      ]) {
        itWith('code with scope')(`hold what the driver reads, with ${JSON.stringify(options)}`, async () => {
          const connection = await connect(options);
          const place = placeOf(connection);
          const { Binary, Decimal128, Double, Long, ObjectId, Timestamp, Code } = mongoose.mongo;
          const values = [
            'a.png',
            'ä/😀.png',
            null,
            1,
            new Double(1.5),
            Long.fromString('9007199254740993'),
            true,
            new Date(5),
            /a+b/i,
            new ObjectId(),
            new Binary(Buffer.from('abc')),
            Decimal128.fromString('1.5'),
            new Timestamp({ t: 1, i: 2 }),
            new Code('x', { y: 1 }),
            [['a.png'], { b: { __proto__: null, c: ['d.png'] } }],
            { $ref: 'photos', $id: new ObjectId() },
          ];
          await place.connection.db!.collection('photos').insertMany(values.map((value) => ({ value })));
          const expected = await place.connection.db!.collection('photos').find().toArray();
          expect(await read(place)).to.deep.equal(expected);
          expect(expected).to.have.length(values.length);
        });
      }

      it('hold the tracked fields only, and come in many replies', async () => {
        const place = placeOf(await connect());
        const documents = Array.from({ length: 1001 }, (_, value) => ({ value, other: 1 }));
        await place.connection.db!.collection('photos').insertMany(documents);
        expect(await read(place, runOf(false))).to.deep.equal(documents.map(({ value }) => ({ value })));
      });

      it('are read by the driver itself where it decrypts them', async () => {
        const connection = await connect();
        const place = placeOf(connection);
        await place.connection.db!.collection('photos').insertOne({ value: 'a.png' });
        const asked: unknown[] = [];
        const collectionOf = connection.db!.collection.bind(connection.db);
        connection.db!.collection = ((name: string) => {
          const collection = collectionOf(name);
          const find = collection.find.bind(collection);
          collection.find = ((filter: object, how: mongo.FindOptions) => {
            asked.push(how.raw);
            return find(filter, how);
          }) as typeof find;
          return collection;
        }) as never;
        const values = async () => (await read(place)).map(({ value }) => value as unknown);
        expect(await values()).to.deep.equal(['a.png']);
        const { options } = connection.getClient();
        const client = { options: { ...options, autoEncryption: {} } };
        Object.assign(connection, { getClient: () => client });
        expect(await values()).to.deep.equal(['a.png']);
        expect(asked).to.deep.equal([true, true, false, false]);
      });

      it('are left, and the cursor closed, when the sweep stops', async () => {
        const connection = await connect();
        const place = placeOf(connection);
        await place.connection
          .db!.collection('photos')
          .insertMany(Array.from({ length: 1001 }, (_, value) => ({ value })));
        const commands = watchCommands(connection);
        const run = runOf() as { isStopped: boolean } & SweepRun;
        let replies = 0;
        for await (const reply of repliesOf(run, place)) {
          expect([...reply]).to.have.length.greaterThan(0);
          run.isStopped = ++replies === 1;
        }
        expect(replies).to.equal(1);
        expect(commands.names()).to.deep.equal(['find', 'find', 'killCursors']);
      });
    });
  }
});
