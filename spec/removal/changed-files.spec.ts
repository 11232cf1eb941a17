import { expect } from 'chai';
import fse from 'fs-extra';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { hasHooks, itIf, itWith, needsOf } from '../support/versions.js';

describe('a file written anew under the same name', () => {
  let s: TestApp;
  let User: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    User = s.model('User', { image: String, gallery: [String] }, { fields: ['image', 'gallery'] });
    await User.createCollection();
    await s.uploads.put('1.png');
  });
  afterEach(closeTestApps);

  itWith('transactions')('is kept when its removal waited for a commit', async () => {
    await User.create({ image: '1.png' });
    await s.connection.transaction(async (session) => {
      await User.deleteOne({}, { session });
      await fse.remove(s.uploads.path('1.png'));
      await fse.outputFile(s.uploads.path('1.png'), 'another picture');
    });
    expect(await s.outcomes()).to.deep.equal(['kept 1.png (changed)']);
    expect(await fse.readFile(s.uploads.path('1.png'), 'utf8')).to.equal('another picture');
  });

  itWith('transactions')('is kept when it came where there was none', async () => {
    await User.create({ image: '2.png' });
    await s.connection.transaction(async (session) => {
      await User.deleteOne({}, { session });
      await s.uploads.put('2.png');
    });
    expect(await s.outcomes()).to.deep.equal(['kept 2.png (changed)']);
  });

  it('leaves with a later write that drops it', async () => {
    await User.create({ image: '1.png' });
    await fse.outputFile(s.uploads.path('1.png'), 'another picture');
    await User.deleteOne({});
    expect(await s.outcomes()).to.deep.equal(['removed 1.png']);
  });

  describe('or under another name of the same file, as on a disk that ignores case (here: a hard link)', () => {
    beforeEach(async () => {
      await User.create({ image: '1.png' });
      await fse.link(s.uploads.path('1.png'), s.uploads.path('other.png'));
    });
    const stored = { image: 'other.png' };

    for (const [name, write] of Object.entries<() => Promise<unknown>>({
      save: async () => {
        const user = await User.findOne();
        await user!.set(stored).save();
      },
      updateOne: () => User.updateOne({}, stored),
      findOneAndUpdate: () => User.findOneAndUpdate({}, stored),
      replaceOne: () => User.replaceOne({}, stored),
      'a pipeline': () => User.updateOne({}, [{ $set: stored }], { updatePipeline: true }),
      'an array': () => User.updateOne({}, { $set: { gallery: ['other.png'] }, $unset: { image: 1 } }),
      bulkWrite: () => User.bulkWrite([{ updateOne: { filter: {}, update: { $set: stored } } }]),
      'an insert in a bulkWrite': () =>
        User.bulkWrite([{ deleteOne: { filter: {} } }, { insertOne: { document: stored } }]),
      'a transaction': () =>
        s.connection.transaction(async (session) => {
          await User.updateOne({}, stored, { session });
        }),
    })) {
      itIf(hasHooks(name), ...needsOf(name))(`is kept by ${name}`, async () => {
        await write();
        expect(await s.outcomes()).to.deep.equal(['kept 1.png (changed)']);
        expect(await s.uploads.names()).to.deep.equal(['1.png', 'other.png']);
      });
    }
  });
});
