import { expect } from 'chai';
import { imageCleanup } from '../../lib/index.js';
import { writeTogether } from '../crashes/together.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, freshDatabase, uriOf } from '../support/database.js';
import { countOf, SEED } from '../support/counts.js';

const WRITES = countOf('WRITES_OF_TWO', 80);

describe('two processes', function () {
  this.timeout(120_000);

  it('that write to the same documents lose no file in use', async () => {
    const { lost } = await writeTogether(freshDatabase(), SEED, WRITES);
    expect(lost, `SPEC_SEED=${String(SEED)}`).to.deep.equal([]);
  });

  describe('as two connections, step by step', () => {
    let s: TestApp;
    let mine: AnyDocumentModel;
    let theirs: AnyDocumentModel;
    beforeEach(async () => {
      s = await testApp();
      mine = s.model('Album', { image: String });
      const connection = await connect({}, uriOf(s.connection));
      const schema = new connection.base.Schema({ image: String });
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
      theirs = connection.model('Album', schema) as AnyDocumentModel;
      await s.uploads.put('old.png', 'mine.png', 'theirs.png');
      await mine.create({ image: 'old.png' });
    });
    afterEach(closeTestApps);

    it('both replace the same picture with stale documents: the old one leaves once, then the first new one', async () => {
      const [one, other] = [await mine.findOne(), await theirs.findOne()];
      await one!.set({ image: 'mine.png' }).save();
      await other!.set({ image: 'theirs.png' }).save();
      expect(await s.uploads.names()).to.deep.equal(['theirs.png']);
      expect(await s.outcomes()).to.deep.equal(['removed mine.png', 'removed old.png']);
    });

    it('at the same time: the winner stays, and what nobody saw in time is an orphan, never a lost file', async () => {
      const [one, other] = [await mine.findOne(), await theirs.findOne()];
      await Promise.all([one!.set({ image: 'mine.png' }).save(), other!.set({ image: 'theirs.png' }).save()]);
      const { image } = (await mine.findOne().lean()) as { image: string };
      expect(await s.uploads.names())
        .to.include(image)
        .and.not.include('old.png');
    });

    it('one deletes what the other replaces: the file of no document is gone', async () => {
      const stale = await theirs.findOne();
      await mine.deleteOne({});
      const error: unknown = await stale!
        .set({ image: 'theirs.png' })
        .save()
        .catch((thrown: unknown) => thrown);
      expect(error).to.have.property('name', 'DocumentNotFoundError');
      expect(await s.outcomes()).to.deep.equal(['removed old.png']);
    });

    it('one drops a file that the other has taken up', async () => {
      await theirs.create({ image: '/uploads/old.png' });
      await mine.updateOne({ image: 'old.png' }, { image: 'mine.png' });
      expect(await s.outcomes()).to.deep.equal(['kept old.png (still used)']);
    });
  });
});
