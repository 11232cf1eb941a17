import { expect } from 'chai';
import mongoose, { Schema, type Model } from 'mongoose';
import { cleanupFor } from '../../../lib/index.js';
import type { SweepOptions, SweepReport } from '../../../lib/sweep/index.js';
import type { AnyDocumentModel } from '../../support/test-app.js';
import { connect, startSession, watchCommands } from '../../support/database.js';
import { failCommands, healCommands } from '../../support/fail-points.js';
import { faulty, type Faults } from './faulty.js';
import { Photos, type ObjectId } from './photos.js';
import { describeWith, itWith } from '../../support/versions.js';

const { ObjectId: Id, Mixed } = Schema.Types;

describe('gridfsProvider: the sweep of a bucket', () => {
  let photos: Photos;
  let Album: AnyDocumentModel;
  let used: ObjectId[];
  beforeEach(async () => {
    photos = new Photos(await connect());
    Album = photos.model({ photo: Id, other: Mixed }).Model;
    used = [];
    for (const name of ['1', '2', '3', '4']) used.push(await old(name));
    const [first, second, third, fourth] = used as [ObjectId, ObjectId, ObjectId, ObjectId];
    await Album.create([
      { photo: first },
      { other: String(second).toUpperCase() },
      { other: { id: third, filename: '3', bucketName: 'photos' } },
      { other: [{ anything: { at: ['all', fourth] } }] },
    ]);
  });

  async function old(name: string): Promise<ObjectId> {
    const id = await photos.put(name);
    await photos.age(id);
    return id;
  }
  const sweep = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    cleanupFor(photos.connection).sweep({ remove: true, ...options });
  const rest = async (): Promise<[files: number, chunks: number]> => [
    await photos.files(),
    await photos.chunks(),
  ];

  it('orphan files and the old chunks of none go; young ones, and those of uploads, stay', async () => {
    const [orphan, young] = [await old('orphan'), await photos.put('young')];
    const [left, uploading] = [await photos.put('left'), await photos.put('uploading')];
    for (const id of [left, uploading]) await photos.dropFileOnly(id);
    await photos.ageChunks(left);
    const report = await sweep();
    expect(report.refusals).to.deep.equal([]);
    expect(report.counts).to.include({ listed: 7, young: 1, removed: 2, failed: 0 });
    expect(await rest()).to.deep.equal([5, 12]);
    for (const id of [orphan, left]) expect(await photos.chunks({ files_id: id })).to.equal(0);
    for (const id of [young, uploading, ...used]) expect(await photos.chunks({ files_id: id })).to.equal(2);
  });

  itWith('fail points')('a removal that was interrupted between its deletes is completed', async () => {
    const id = await old('orphan');
    // the files go, then the server refuses
    await failCommands(photos.connection, { commands: ['delete'], after: 1, errorCode: 13 });
    const first = await sweep();
    await healCommands(photos.connection);
    expect(first.counts).to.include({ removed: 0, failed: 1 });
    expect([await photos.files({ _id: id }), await photos.chunks({ files_id: id })]).to.deep.equal([0, 2]);
    expect((await sweep()).counts).to.include({ orphans: 0, removed: 0 });
    await photos.ageChunks(id);
    expect((await sweep()).counts).to.include({ orphans: 1, removed: 1 });
    expect(await rest()).to.deep.equal([4, 8]);
  });

  it('an ObjectId in a model without the plugin, and in a field that is not tracked, keeps a file', async () => {
    const [one, two, three] = [await old('a'), await old('b'), await old('c')];
    const Page = photos.connection.model('Page', new Schema({}, { strict: false })) as Model<object>;
    const { insertedId } = await Page.collection.insertOne({ blocks: [{ images: [one] }] });
    await Album.collection.insertOne({ cover: { of: two } });
    const report = await sweep();
    expect(report.counts).to.include({ unclear: 3, removed: 1 });
    const told = report.unclear.map(({ name, model, field }) => [name, model, field]);
    expect(told).to.have.deep.members([
      [String(used[3]), 'Album', 'other.anything.at'],
      [String(one), 'Page', 'blocks.images'],
      [String(two), 'Album', 'cover.of'],
    ]);
    expect(report.unclear.find(({ model }) => model === 'Page')?.documentId).to.deep.equal(insertedId);
    expect([await photos.files({ _id: three }), await photos.files()]).to.deep.equal([0, 6]);
  });

  it('with onlyTracked it does not', async () => {
    const id = await old('a');
    await Album.collection.insertOne({ _id: id as never, cover: id });
    expect((await sweep()).counts).to.include({ removed: 0, unclear: 2 });
    expect((await sweep({ onlyTracked: true })).counts).to.include({ removed: 1, unclear: 1 });
    expect([await photos.files({ _id: id }), await photos.files()]).to.deep.equal([0, 4]);
  });

  it('by filename: all revisions of a name that no document uses', async () => {
    photos.connection.deleteModel('Album');
    const { Model } = photos.model({ photo: String }, { by: 'filename' });
    await Model.collection.insertMany(['1', '2', '3', '4'].map((photo) => ({ photo })));
    for (const name of ['1', 'orphan', 'orphan']) await old(name);
    expect((await sweep()).counts).to.include({ listed: 5, removed: 1 });
    expect(await rest()).to.deep.equal([5, 10]);
  });

  for (const collection of ['photos.files', 'photos.chunks']) {
    it(`a listing of ${collection} that fails removes nothing`, async () => {
      await old('orphan');
      photos.connection.deleteModel('Album');
      const faults: Faults = {
        [`${collection} find`]: () => {
          throw new mongoose.mongo.MongoServerError({ message: 'not authorized', code: 13 });
        },
      };
      photos.model({ photo: Id, other: Mixed }, { connection: faulty(photos.connection, faults) });
      const report = await sweep();
      expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
      expect(await rest()).to.deep.equal([5, 10]);
    });
  }
});

describeWith('transactions')('gridfsProvider: removed after commit', () => {
  it('nothing goes before the commit, and what then goes is outside of the session', async () => {
    const photos = new Photos(await connect());
    const { Model, told } = photos.model({ photo: Id });
    const id = await photos.put('a.png');
    await Model.create({ photo: id });
    const commands = watchCommands(photos.connection);
    const session = await startSession(photos.connection);
    session.startTransaction();
    await Model.deleteMany({}, { session });
    expect([await photos.files(), await photos.chunks(), told()]).to.deep.equal([1, 2, []]);
    await session.commitTransaction();
    await cleanupFor(photos.connection).idle();
    expect([await photos.files(), await photos.chunks(), told()]).to.deep.equal([0, 0, ['removed']]);
    const sent = commands
      .of('delete')
      .map((one) => [one['delete'] as string, 'txnNumber' in one && 'autocommit' in one]);
    expect(sent).to.deep.equal([
      ['albums', true],
      ['photos.files', false],
      ['photos.chunks', false],
    ]);
  });
});
