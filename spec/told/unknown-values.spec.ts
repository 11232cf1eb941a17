import { expect } from 'chai';
import { cleanupFor, localProvider, type StorageProvider } from '../../lib/index.js';
import { cloudinaryProvider, type CloudinarySdk } from '../../lib/providers/cloudinary/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

/** The SDK before `cloudinary.config()` was called. */
const unconfigured = {
  config: () => ({}),
  uploader: { destroy: () => Promise.resolve({}) },
  api: { resources: () => Promise.resolve({}), delete_resources: () => Promise.resolve({}) },
} satisfies CloudinarySdk;

describe('values that no provider knows', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  const about = (): string[] => s.log.filter((line) => line.includes('no provider knows'));

  async function albumWith(provider?: StorageProvider, path = 'image'): Promise<AnyDocumentModel> {
    const definition = { [path]: { type: String, index: true } };
    const Album = s.model('Album', definition, { fields: [path], ...(provider && { provider }) });
    await Album.init();
    return Album;
  }

  async function drop(Album: AnyDocumentModel, ...values: string[]): Promise<void> {
    for (const image of values) {
      await insertRaw(Album, { image });
      await Album.deleteOne({ image });
    }
    await cleanupFor(Album).idle();
  }

  it('one line at the first and one at the 100th, with the field and an example; status() has the count', async () => {
    const Album = await albumWith();
    await drop(Album, '/static/1.png');
    expect(about()).to.have.length(1);
    expect(about()[0]).to.include('"Album.image" holds a value').and.include('/static/1.png');
    expect(about()[0]).to.include('nothing is removed');
    await insertRaw(Album, ...Array.from({ length: 98 }, (_, n) => ({ image: `/static/x${String(n)}.png` })));
    await Album.deleteMany({});
    await cleanupFor(Album).idle();
    expect(about()).to.have.length(1);
    await drop(Album, '/static/100.png');
    expect(about()).to.have.length(2);
    expect(about()[1]).to.include('"Album.image" has held 100 values').and.include('/static/1.png');
    await drop(Album, '/static/101.png');
    expect(about()).to.have.length(2);
    expect(cleanupFor(Album).status()).to.deep.equal([
      { model: 'Album', waiting: 0, unknown: [{ field: 'image', count: 101, example: '/static/1.png' }] },
    ]);
  });

  it('a value that is known, or points outside, is not one of them', async () => {
    const Album = await albumWith();
    await s.uploads.put('a.png');
    await drop(Album, '/uploads/a.png', '../outside.png');
    expect(await s.outcomes()).to.deep.equal(['kept ../outside.png (unsafe)', 'removed /uploads/a.png']);
    expect(about()).to.deep.equal([]);
    expect(cleanupFor(Album).status()[0]!.unknown).to.deep.equal([]);
  });

  for (const [what, value, cause] of [
    [
      'another base',
      '/static/a.png',
      'stored values begin with /static, and the option "baseUrl" is /uploads',
    ],
    [
      'a host without its port in hosts',
      'http://localhost:4000/uploads/a.png',
      'the host localhost:4000 is not in the option "hosts" (localhost), which need the port',
    ],
    [
      'an unlisted host',
      'https://img.example.com/uploads/a.png',
      'img.example.com is not in the option "hosts"',
    ],
    ['another base on a listed host', 'http://localhost/img/a.png', 'its path begins with /img'],
    ['HTML', '<p>Hi <img src="/uploads/a.png"></p>', 'this looks like HTML'],
  ] as const) {
    it(`${what}: the likely cause is told`, async () => {
      const Album = await albumWith(localProvider({ root: s.uploads.root, hosts: ['localhost'] }));
      await drop(Album, value);
      expect(await s.outcomes()).to.deep.equal([`kept ${value} (not ours)`]);
      expect(about()).to.have.length(1);
      expect(about()[0]).to.include(cause);
    });
  }

  for (const html of [
    '<h1>Hi</h1>',
    '<p>50% off</p>',
    '<img src="https://img.example.com/uploads/a.png">',
    'Hello <b>you</b>.\n<a href="../x">there</a>',
    `<p>${'long '.repeat(2000)}</p>`,
  ]) {
    it(`a text is told to be one, and no file is called missing: ${html.slice(0, 60)}`, async () => {
      const Album = await albumWith();
      await drop(Album, html);
      expect((await s.outcomes()).join()).to.match(/^kept .*\((not ours|not canonical)\)$/s);
      expect(s.log).to.have.length(1);
      expect(s.log[0]).to.include('this looks like HTML').and.include('mentions: true');
    });
  }

  it('a file that really has such a name goes as any other', async () => {
    const Album = await albumWith();
    await s.uploads.put('a<b>.png');
    await drop(Album, 'a<b>.png');
    expect(await s.outcomes()).to.deep.equal(['removed a<b>.png']);
  });

  it('a Cloudinary without cloud_name says so, and hides signatures', async () => {
    const Album = await albumWith(cloudinaryProvider({ cloudinary: unconfigured }));
    await drop(Album, 'https://res.cloudinary.com/demo/image/upload/s--abcdefgh--/v1/a.png');
    expect(about()).to.have.length(1);
    expect(about()[0]).to.include('Cloudinary has no cloud_name').and.include('s--***--');
    expect(about()[0]).to.not.include('abcdefgh');
    expect(cleanupFor(Album).status()[0]!.unknown[0]!.example).to.not.include('abcdefgh');
  });

  it('values handed to removeUnused stand for no field', async () => {
    const Album = await albumWith();
    await cleanupFor(Album).removeUnused(['/static/a.png']);
    expect(about()).to.have.length(1);
    expect(about()[0]).to.include('removeUnused of "Album" was given a value');
    expect(cleanupFor(Album).status()[0]!.unknown).to.deep.equal([
      { field: null, count: 1, example: '/static/a.png' },
    ]);
  });
});

describe('status()', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it('counts the removals that wait for another try, for each model of a connection', async () => {
    const busy: StorageProvider = {
      ...localProvider({ root: s.uploads.root }),
      remove: async (assets) =>
        assets.map(() => ({ outcome: 'failed', error: new Error('busy'), retryable: true })),
    };
    const definition = { image: { type: String, index: true } };
    const retry = { attempts: 2, minDelayMs: 60_000, maxDelayMs: 60_000 };
    const Album = s.model('Album', definition, { provider: busy, retry });
    s.model('Post', definition);
    await s.uploads.put('a.png', 'b.png');
    await Album.create({ image: 'a.png' }, { image: 'b.png' });
    await Album.deleteMany({});
    expect(cleanupFor(s.connection).status()).to.deep.equal([
      { model: 'Album', waiting: 2, unknown: [] },
      { model: 'Post', waiting: 0, unknown: [] },
    ]);
    expect(await cleanupFor(s.connection).close({ timeoutMs: 1000 })).to.deep.equal({ givenUp: 0 });
    expect(cleanupFor(Album).status()[0]!.waiting).to.equal(0);
  });
});
