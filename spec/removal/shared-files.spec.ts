import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { itWith } from '../support/versions.js';

/** Beside those in references.spec.ts and transactions.spec.ts. */
describe('shared files', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: { type: String, index: true }, title: String });
    await Album.init();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(async () => {
    await healCommands(s.connection);
    await closeTestApps();
  });

  it('a name assigned and never saved is not taken for the one in the database', async () => {
    await Album.create({ image: 'b.png' });
    const album = await Album.create({ image: 'a.png' });
    album.image = 'b.png';
    await album.deleteOne();
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });

  it('a stale document that saves something else leaves the new picture alone', async () => {
    const { _id } = await Album.create({ image: 'a.png' });
    const [one, other] = [await Album.findById(_id), await Album.findById(_id)];
    await one!.set({ image: 'b.png' }).save();
    await other!.set({ title: 'other' }).save();
    expect(await Album.findById(_id).lean()).to.include({ image: 'b.png', title: 'other' });
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });

  it('a stale document that replaces all names the file that is gone; the one it displaces leaves', async () => {
    const { _id } = await Album.create({ image: 'a.png' });
    const stale = await Album.findById(_id).lean();
    await Album.updateOne({ _id }, { image: 'b.png' });
    await Album.replaceOne({ _id }, stale as object);
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  it('the last of those who share a file takes it along', async () => {
    await Album.create([{ image: 'a.png' }, { image: '/uploads/a.png' }, { image: 'a.png' }]);
    for (let left = 3; left > 1; left--) {
      await Album.deleteOne({});
      expect(await s.uploads.has('a.png')).to.equal(true);
    }
    await Album.deleteOne({});
    expect(await s.uploads.has('a.png')).to.equal(false);
  });

  for (const [name, errorCode] of Object.entries({
    'is not allowed': 13,
    'takes too long': 50,
    'meets a server that cannot be reached': 6,
  })) {
    itWith('fail points')(`a question that ${name} keeps the file`, async () => {
      const { _id } = await Album.create({ image: 'a.png' });
      // the originals are found, the question is not answered
      await failCommands(s.connection, { commands: ['find'], after: 1, errorCode });
      await Album.deleteOne({ _id });
      await healCommands(s.connection);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (unanswered)']);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  }

  it('an update of many that fails half-way removes what it did drop', async () => {
    const User = s.model('User', { image: String, place: Number, name: { type: String, unique: true } });
    await User.init();
    await User.create([
      { image: 'a.png', place: 1, name: 'one' },
      { image: 'b.png', place: 2, name: 'two' },
    ]);
    const update = User.updateMany({}, { $set: { name: 'same' }, $unset: { image: 1 } });
    const error: unknown = await update.exec().catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 11000);
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });

  itWith('fail points')(
    'an update of many that is refused as a whole removes nothing and says nothing',
    async () => {
      await Album.create({ image: 'a.png' });
      await failCommands(s.connection, { commands: ['update'], errorCode: 13 });
      const update = Album.updateMany({}, { image: 'b.png' });
      const error: unknown = await update.exec().catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 13);
      expect(await s.outcomes()).to.deep.equal([]);
    },
  );
});
