import { expect } from 'chai';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp } from '../support/test-app.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { hasBulkWriteHooks, itIf } from '../support/versions.js';

describe('a bulk write that fails half-way while another write runs', () => {
  afterEach(() => {
    releaseHeldWrites();
  });
  afterEach(closeTestApps);

  for (const ordered of [true, false]) {
    itIf(hasBulkWriteHooks)(`hands in what it stored (ordered: ${String(ordered)})`, async () => {
      const s = await testApp();
      await s.uploads.put('old.png', 'x.png', 'y.png');
      const Album = s.model('Album', { image: String });
      const { _id } = await Album.create({ image: 'old.png' });
      // looked up before the bulk write, sent after it: it replaces x.png unseen
      const held = holdWrite('updateOne', 'y.png', 'before');
      const slow = (async () => Album.updateOne({ _id }, { image: 'y.png' }))();
      await held.isReached;
      const error: unknown = await Album.bulkWrite(
        [
          { updateOne: { filter: { _id }, update: { image: 'x.png' } } },
          { insertOne: { document: { _id } } },
        ] as never,
        { ordered },
      ).catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 11000);
      held.release();
      await slow;
      await cleanupFor(Album).idle();
      expect(await s.uploads.names()).to.deep.equal(['y.png']);
    });
  }
});
