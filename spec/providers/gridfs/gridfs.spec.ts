import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { gridfsProvider } from '../../../lib/providers/gridfs/index.js';
import { connect, startSession } from '../../support/database.js';
import { Photos, type ObjectId } from './photos.js';
import { itWith } from '../../support/versions.js';

const signal = new AbortController().signal;
const { ObjectId: Id, Mixed } = Schema.Types;

describe('gridfsProvider', () => {
  let photos: Photos;
  beforeEach(async () => {
    photos = new Photos(await connect());
  });

  it('an ObjectId field is dropped: file and chunks are gone, those of others stay', async () => {
    const { Model, events } = photos.model({ photo: Id });
    const [id, other] = [await photos.put('a.png'), await photos.put('b.png')];
    await Model.create([{ photo: id }, { photo: other }]);
    await Model.deleteOne({ photo: id });
    expect(events.map(({ outcome }) => outcome)).to.deep.equal(['removed']);
    expect([await photos.files({ _id: id }), await photos.chunks({ files_id: id })]).to.deep.equal([0, 0]);
    expect(await photos.chunks({ files_id: other })).to.equal(2);
  });

  const holders: [what: string, definition: object, held: (id: ObjectId) => object][] = [
    ['an ObjectId', { other: Id }, (id) => ({ other: id })],
    ['the hex digits', { other: String }, (id) => ({ other: String(id) })],
    ['an array', { other: [Id] }, (id) => ({ other: [id] })],
    ['a Map', { other: { type: Map, of: Id } }, (id) => ({ other: { front: id } })],
    ['any value', { other: Mixed }, (id) => ({ other: id })],
    ['a file object', { other: Mixed }, (id) => ({ other: { id, filename: 'a.png', bucketName: 'photos' } })],
    ['a file object in an array', { other: [Mixed] }, (id) => ({ other: [{ id: String(id) }] })],
  ];
  for (const mentionsUpTo of [0, 10_000]) {
    for (const [what, definition, held] of holders) {
      it(`the same asset in another field as ${what} keeps it (mentionsUpTo ${String(mentionsUpTo)})`, async () => {
        const { Model, events } = photos.model({ photo: Id, ...definition }, {}, { mentionsUpTo });
        const id = await photos.put('a.png');
        await Model.create([{ photo: id }, held(id)]);
        await Model.deleteOne({ photo: id });
        expect(events.map(({ outcome, reason }) => [outcome, reason])).to.deep.equal([
          ['kept', 'still used'],
        ]);
        await Model.deleteMany({});
        expect(await photos.files()).to.equal(0);
      });
    }
  }

  it('an ObjectId that names nothing is missing', async () => {
    const { Model, events } = photos.model({ photo: Id });
    await Model.create({ photo: new mongoose.Types.ObjectId() });
    await Model.deleteMany({});
    expect(events.map(({ outcome }) => outcome)).to.deep.equal(['missing']);
  });

  itWith('transactions')('an abort keeps the file; a commit removes it', async () => {
    const { Model } = photos.model({ photo: Id });
    const id = await photos.put('a.png');
    await Model.create({ photo: id });
    const session = await startSession(photos.connection);
    session.startTransaction();
    await Model.deleteMany({}, { session });
    await session.abortTransaction();
    expect(await photos.files()).to.equal(1);
    await session.withTransaction(() => Model.deleteMany({}, { session }));
    expect([await photos.files(), await photos.chunks()]).to.deep.equal([0, 0]);
  });

  it('by filename all revisions go', async () => {
    const { Model } = photos.model({ photo: String }, { by: 'filename' });
    await photos.put('a.png', 'one');
    await photos.put('a.png', 'two');
    await photos.put('a.png.bak');
    await Model.create({ photo: 'a.png' });
    await Model.deleteMany({});
    expect([await photos.files(), await photos.chunks()]).to.deep.equal([1, 2]);
  });

  it('by filename, a revision that came after the write keeps the name', async () => {
    const provider = photos.provider({ by: 'filename' });
    await photos.put('a.png', 'one');
    const asset = provider.identify('a.png')!;
    const expected = await provider.fingerprint!(asset);
    await photos.put('a.png', 'two');
    expect(await provider.remove([{ ...asset, expected }], { signal })).to.deep.equal([
      { outcome: 'kept', reason: 'changed' },
    ]);
    expect(await photos.files()).to.equal(2);
  });

  it('killed between the deletes: the replay clears the chunks of a file that was whole', async () => {
    const provider = photos.provider();
    const asset = provider.identify(await photos.put('a.png'))!;
    const expected = await provider.fingerprint!(asset);
    await photos.dropFileOnly(new mongoose.mongo.ObjectId(asset.key));
    expect(await provider.remove([{ ...asset, expected }], { signal })).to.deep.equal([
      { outcome: 'removed' },
    ]);
    expect(await photos.chunks()).to.equal(0);
  });

  it('the list has files and old chunks without one; young chunks stay', async () => {
    const [file, old, young] = [await photos.put('a'), await photos.put('b'), await photos.put('c')];
    await photos.dropFileOnly(old);
    await photos.dropFileOnly(young);
    for (const id of [file, old]) await photos.ageChunks(id);
    expect(await photos.listed()).to.deep.equal([String(file), String(old)]);
    const provider = photos.provider();
    const assets = [old, young].map((id) => provider.identify(id)!);
    expect(await provider.remove(assets, { signal })).to.deep.equal([
      { outcome: 'removed' },
      { outcome: 'missing' },
    ]);
    expect([await photos.chunks({ files_id: old }), await photos.chunks({ files_id: young })]).to.deep.equal([
      0, 2,
    ]);
  });

  it('wrong options are TypeErrors', () => {
    const { connection } = photos;
    expect(() => gridfsProvider({} as never)).to.throw(
      TypeError,
      'the option "connection" is undefined; allowed: a connection of Mongoose',
    );
    expect(() => gridfsProvider({ connection, by: 'name' as never })).to.throw(
      TypeError,
      `the option "by" is 'name'; allowed: 'id', 'filename'`,
    );
    expect(() => gridfsProvider({ connection, bucket: 'x' } as never)).to.throw(
      TypeError,
      'unknown option "bucket"; known: connection, bucketName, by',
    );
  });
});
