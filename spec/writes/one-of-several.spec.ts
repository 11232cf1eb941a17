import { expect } from 'chai';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { hasHooks, itIf } from '../support/versions.js';

type Take = (Album: AnyDocumentModel, filter: Record<string, unknown>) => Promise<unknown>;

/** Writes of one document, whichever it is, and the method of the driver. */
const TAKING: Record<string, readonly [method: string, take: Take]> = {
  deleteOne: ['deleteOne', async (Album, filter) => Album.deleteOne(filter)],
  updateOne: ['updateOne', async (Album, filter) => Album.updateOne(filter, { image: 'new.png', group: 1 })],
  replaceOne: [
    'replaceOne',
    async (Album, filter) => Album.replaceOne(filter, { image: 'new.png', group: 1 }),
  ],
  findOneAndDelete: ['findOneAndDelete', async (Album, filter) => Album.findOneAndDelete(filter)],
  'findOneAndUpdate that answers with the new document': [
    'findOneAndUpdate',
    async (Album, filter) =>
      Album.findOneAndUpdate(filter, { image: 'new.png', group: 1 }, { returnDocument: 'after' }),
  ],
  bulkWrite: ['bulkWrite', async (Album, filter) => Album.bulkWrite([{ deleteOne: { filter } }])],
};

const COUNT = 40;

describe('a write of one document, whichever it is, while another one takes that document away', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String, group: Number }, { fields: ['image'] });
    const names = Array.from({ length: COUNT }, (_, n) => `${String(n).padStart(2, '0')}.png`);
    await s.uploads.put('new.png', ...names);
    await Album.create({ image: 'new.png', group: 9 });
    await Album.insertMany(names.map((image) => ({ image, group: 0 })));
  });
  afterEach(releaseHeldWrites);
  afterEach(closeTestApps);

  /** Of the files that there were, those of documents that were not written are left, and no other. */
  async function expectOnlyUsed(): Promise<void> {
    await cleanupFor(Album).idle();
    const used = (await Album.find()).map((album: { image: string }) => album.image);
    expect(await s.uploads.names()).to.deep.equal([...new Set(used)].sort());
    expect(s.log.join('\n')).to.not.match(/not there any more/);
  }

  for (const [name, [method, take]] of Object.entries(TAKING)) {
    itIf(hasHooks(name))(`${name}: all at once take one document each, and every file goes`, async () => {
      await Promise.all(Array.from({ length: COUNT }, () => take(Album, { group: 0 })));
      expect(await Album.countDocuments({ group: 0 })).to.equal(0);
      await expectOnlyUsed();
    });

    itIf(hasHooks(name))(
      `${name}: what it looked up is deleted before it is sent, and it takes the next one`,
      async () => {
        const held = holdWrite(method, '"group":0', 'before');
        const slow = take(Album, { group: 0 });
        await held.isReached;
        await Album.findOneAndDelete({ image: '00.png' });
        held.release();
        await slow;
        expect(await Album.countDocuments({ group: 0 })).to.equal(COUNT - 2);
        await expectOnlyUsed();
      },
    );

    itIf(hasHooks(name))(`${name}: many are taken away before it is sent, one after the other`, async () => {
      const held = holdWrite(method, '"group":0', 'before');
      const slow = take(Album, { group: 0 });
      await held.isReached;
      for (let n = 0; n < COUNT - 5; n++) await Album.findOneAndDelete({ group: 0, image: /^[0-9]/ });
      held.release();
      await slow;
      expect(await Album.countDocuments({ group: 0 })).to.equal(4);
      await expectOnlyUsed();
    });
  }
});
