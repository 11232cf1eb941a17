import { expect } from 'chai';
import { memoryProvider } from '../../lib/testing/index.js';
import { closeTestApps, testApp } from '../support/test-app.js';

describe('keep strings of a provider that is configured later', () => {
  afterEach(closeTestApps);

  for (const [title, rule, isTold] of [
    ['that names a file of it is taken', 'memory:logo.png', false],
    ['that names none is told at the first use, once', '/uploads/logo.png', true],
  ] as const) {
    it(`a string ${title}`, async () => {
      const s = await testApp();
      const memory = memoryProvider({ files: { 'a.png': '', 'b.png': '', 'logo.png': '' } });
      const configured: { storage?: string } = {};
      const provider = {
        ...memory,
        get storage() {
          return configured.storage;
        },
      };
      const Album = s.model('Album', { image: String }, { provider, keep: rule });
      configured.storage = 'here';
      await Album.create(['a.png', 'b.png', 'logo.png'].map((name) => ({ image: `memory:${name}` })));
      await Album.deleteOne({ image: 'memory:a.png' });
      await Album.deleteMany({});
      await s.outcomes();
      expect(memory.has('logo.png')).to.equal(!isTold);
      expect(s.log.filter((line) => line.includes('"keep" of "Album"'))).to.have.length(isTold ? 1 : 0);
    });
  }
});
