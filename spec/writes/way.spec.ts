import { expect } from 'chai';
import { dirname } from 'node:path';
import { localProvider, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp } from '../support/test-app.js';

const LIBRARY = dirname(require.resolve('../../lib/index.js'));

/** Our functions on the stack of a call, the innermost first. */
function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => line.includes(`${LIBRARY}/`))
    .map((line) =>
      line
        .trim()
        .replace(/^at (async )?/, '')
        .replace(/\(.*?\/lib\//, '('),
    );
}

describe('the way of one write', () => {
  afterEach(closeTestApps);

  it('is short: from the driver call to the removal', async () => {
    const s = await testApp();
    const local = localProvider({ root: s.uploads.root });
    let frames: string[] = [];
    const provider: StorageProvider = {
      ...local,
      identify: (value) => local.identify(value),
      forms: (asset) => local.forms(asset),
      remove: (assets, how) => {
        const { stackTraceLimit } = Error;
        Error.stackTraceLimit = 100;
        frames = framesOf(new Error().stack ?? '');
        Error.stackTraceLimit = stackTraceLimit;
        return local.remove(assets, how);
      },
    };
    const Album = s.model('Album', { image: String }, { fields: ['image'], provider });
    await Album.create({ image: 'old.png' });
    await s.uploads.put('old.png');
    await Album.updateOne({}, { image: 'new.png' });
    expect(frames, frames.join('\n')).to.have.length.within(8, 15);
  });
});
