import { expect } from 'chai';
import type { StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

describe('attack: large questions', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it('a delete of more files than are searched by name lets the provider read only what may be one of them', async () => {
    let read = 0;
    const inner = s.options.provider as StorageProvider;
    const provider = { ...inner, identify: (value: unknown) => (read++, inner.identify(value)) };
    const Album = s.model('Album', { gallery: [String] }, { fields: ['gallery'], provider });
    const gallery = (album: number): string[] =>
      Array.from({ length: 60 }, (_, index) => `${String(album)}-${String(index)}.png`);
    await insertRaw(Album, ...Array.from({ length: 200 }, (_, index) => ({ gallery: gallery(index) })));
    await Album.deleteOne({ gallery: '7-7.png' });
    expect(await s.outcomes()).to.have.length(60);
    expect(read).to.be.below(1000);
  });

  it('a question over very many values lets others have their turn', async () => {
    let reads = 0;
    let most = 0;
    let isOver = false;
    const inner = s.options.provider as StorageProvider;
    const provider = { ...inner, identify: (value: unknown) => (reads++, inner.identify(value)) };
    const nextTurn = (): void => {
      most = Math.max(most, reads);
      reads = 0;
      if (!isOver) setImmediate(nextTurn);
    };
    const Album = s.model(
      'Album',
      { image: String, gallery: [String] },
      { fields: ['image', 'gallery'], provider },
    );
    const gallery = Array.from({ length: 500 }, (_, index) => `of a.png ${String(index)}`);
    await insertRaw(Album, ...Array.from({ length: 20 }, () => ({ gallery })));
    await Album.create({ image: 'a.png' });
    nextTurn();
    await Album.deleteOne({ image: 'a.png' });
    isOver = true;
    expect(most).to.be.below(12_000);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (mentioned)']);
  });
});
