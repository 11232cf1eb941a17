import { expect } from 'chai';
import { cleanupFor, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { folderProvider, insertRaw, untyped } from '../support/usage.js';

/** Spellings of `default.png` that `identify` accepts, with the host `example.com`. */
const SPELLINGS = [
  'default.png',
  '/uploads/default.png',
  '/uploads//default.png',
  '//example.com/uploads/default.png',
  'https://example.com/uploads/default.png?v=2',
  'uploads/default.png',
];

describe('what is protected, in every spelling', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('default.png', 'a.png');
  });
  afterEach(closeTestApps);

  for (const stored of SPELLINGS) {
    for (const [title, options] of Object.entries<object>({
      'a keep string': { keep: '/uploads/default.png' },
      'a keep string in another spelling': { keep: 'https://example.com/uploads/default.png' },
      'a keep pattern over any stored form': { keep: /^\/uploads\/default/ },
    })) {
      it(`${title} keeps the file of ${stored}`, async () => {
        const provider = folderProvider(s, '', { hosts: ['example.com'] });
        const Album = s.model('Album', { image: String }, untyped({ provider, ...options }));
        await insertRaw(Album, { image: stored });
        await Album.deleteOne({});
        expect(await s.outcomes()).to.deep.equal([`kept ${stored} (protected)`]);
      });
    }
  }

  it('a default of another model, in the way of its own provider', async () => {
    const cdn = folderProvider(s, '', { baseUrl: 'https://cdn.example.com/uploads' });
    const withDefault = { image: { type: String, default: 'https://cdn.example.com/uploads/default.png' } };
    s.model('Post', withDefault, { provider: cdn });
    const User = s.model('User', { image: String });
    await User.create({ image: '/uploads/default.png' });
    await User.deleteOne({});
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/default.png (protected)']);
  });

  it('a default of a model over a sibling folder protects no file of the same name here', async () => {
    await s.uploads.put('admin/default.png', 'category/default.png');
    const withDefault = { image: { type: String, default: 'default.png' } };
    s.model('Category', withDefault, { provider: folderProvider(s, 'category') });
    const Admin = s.model('Admin', { image: String }, { provider: folderProvider(s, 'admin') });
    await Admin.create({ image: 'default.png' });
    await Admin.deleteOne({});
    expect(await s.outcomes()).to.deep.equal(['removed default.png']);
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'category/default.png', 'default.png']);
  });
});

describe('a question that is asked again before a retry', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png');
  });
  afterEach(closeTestApps);

  for (const [stored, reason] of [
    ['http://old.example/a.png', 'mentioned'],
    ['/uploads//a.png', 'still used'],
    ['/files/a.png', 'still used'],
  ] as const) {
    it(`finds ${stored}, which came after the first try`, async () => {
      const Page = s.model(
        'Page',
        { image: String },
        { provider: folderProvider(s, '', { baseUrl: '/files' }) },
      );
      const local = folderProvider(s);
      let tries = 0;
      const failsOnce: StorageProvider = {
        ...local,
        async remove(assets, options) {
          if (++tries > 1) return local.remove(assets, options);
          await insertRaw(Page, { image: stored });
          return assets.map(() => ({ outcome: 'failed', error: new Error('busy'), retryable: true }));
        },
      };
      const retry = { attempts: 3, minDelayMs: 1, maxDelayMs: 1 };
      const Album = s.model('Album', { image: String }, { provider: failsOnce, retry });
      s.model('Other', { image: String });
      await Album.create({ image: 'a.png' });
      await Album.deleteOne({});
      await cleanupFor(Album).idle();
      expect(await s.outcomes()).to.deep.equal([`kept a.png (${reason})`]);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  }

  for (const [stored, reason] of [
    ['http://old.example/a.png', 'mentioned'],
    ['/uploads//a.png', 'still used'],
  ] as const) {
    it(`removeUnused asks it as a write does: ${stored}`, async () => {
      const Album = s.model('Album', { image: String });
      await insertRaw(Album, { image: stored });
      await cleanupFor(Album).removeUnused(['a.png']);
      expect(await s.outcomes()).to.deep.equal([`kept a.png (${reason})`]);
    });

    it(`a sweep finds the same: ${stored}`, async () => {
      const Album = s.model('Album', { image: String });
      await insertRaw(Album, { image: stored });
      await cleanupFor(Album).sweep({ remove: true, olderThan: 0, maxShare: 1 });
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  }
});
