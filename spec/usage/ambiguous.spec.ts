import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

/** Values that can be read in two ways, and the file of each reading. */
const READINGS: readonly (readonly [stored: string, first: string, second: string])[] = [
  ['/uploads/a#1.png', 'a', 'a#1.png'],
  ['/uploads/what?.png', 'what', 'what?.png'],
  ['/uploads/50%20off.png', '50 off.png', '50%20off.png'],
  ['50%20off.png', '50%20off.png', '50 off.png'],
  ['/uploads/a.png?v=2', 'a.png', 'a.png?v=2'],
];

describe('a value that could mean two files', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: { type: String, index: true } });
    await Album.init();
  });
  afterEach(closeTestApps);

  async function reasonOfDelete(stored: string): Promise<string[]> {
    await insertRaw(Album, { image: stored });
    await Album.deleteOne({ image: stored });
    return s.events.splice(0).map(({ outcome, reason }) => reason ?? outcome);
  }

  for (const [stored, first, second] of READINGS) {
    for (const file of [first, second]) {
      it(`${stored} removes ${file} where only that is on the disk`, async () => {
        await s.uploads.put(file);
        expect(await reasonOfDelete(stored)).to.deep.equal(['removed']);
        expect(await s.uploads.names()).to.deep.equal([]);
        expect(s.log).to.deep.equal([]);
      });

      it(`${stored} in another document keeps ${file}`, async () => {
        await s.uploads.put(first, second);
        await insertRaw(Album, { image: stored });
        expect(await reasonOfDelete(s.uploads.path(file))).to.have.length(1);
        expect(await s.uploads.has(file)).to.equal(true);
      });
    }

    it(`${stored} removes none where ${first} and ${second} are on the disk`, async () => {
      await s.uploads.put(first, second);
      expect(await reasonOfDelete(stored)).to.deep.equal(['ambiguous']);
      expect(await s.uploads.names()).to.deep.equal([first, second].sort());
    });

    it(`${stored} is kept without a warning where its one file is used by another document`, async () => {
      await s.uploads.put(first);
      await insertRaw(Album, { image: s.uploads.path(first) });
      expect(await reasonOfDelete(stored)).to.deep.equal(['still used']);
      expect(await s.uploads.names()).to.deep.equal([first]);
      expect(s.log).to.deep.equal([]);
    });
  }
});
