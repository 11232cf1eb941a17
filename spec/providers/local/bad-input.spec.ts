import { expect } from 'chai';
import { localProvider, type StorageProvider } from '../../../lib/index.js';
import { memoryProvider } from '../../../lib/testing/index.js';
import { cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import { Uploads } from '../../support/uploads.js';
import { describeIf } from '../../support/versions.js';

/** Whatever is done with it throws. */
const refuse = (): never => {
  throw new Error('nobody may look');
};

// other systems have no such names, or take two of them for one
describeIf(process.platform === 'linux')('names that are hard', () => {
  let uploads: Uploads;
  let provider: StorageProvider;
  const { signal } = new AbortController();
  beforeEach(async () => {
    uploads = await Uploads.create();
    provider = localProvider({ root: uploads.root, hosts: ['img.example'] });
  });
  afterEach(async () => {
    await uploads.destroy();
  });

  const neighbours = ['a.png', 'caf\u00e9.png', 'cafe\u0301.png', 'A.png'];
  for (const name of [
    ...[
      '!@#$%^&()+=-~`,;',
      '%%%',
      '...',
      '{}[]',
      "'",
      '"',
      '$(x)',
      '.*',
      '%20',
      '#',
      '?',
      '&amp;',
      '<b>',
      '^[a-z]+$',
    ],
    ...[
      'x'.repeat(255),
      'é'.repeat(127),
      `${'a/'.repeat(100)}b.png`,
      '😀.png',
      '👩‍👩‍👧.png',
      'caf\u00e9.png',
      'cafe\u0301.png',
    ],
    ...[
      '日本語.png',
      '\u202egnp.a',
      '-rf',
      '~',
      'a b.png',
      '100%.png',
      'con.png',
      '.htaccess',
      'a\u00a0b.png',
    ],
  ]) {
    it(`${JSON.stringify(name.slice(0, 40))}: each form means it, and just it is removed`, async () => {
      await uploads.put(...neighbours.filter((one) => one !== name), name);
      const asset = provider.identify(`./${name}`)!;
      expect(asset.key).to.equal(uploads.path(name));
      const { equal, addresses = [] } = provider.forms(asset);
      for (const value of [...equal, ...addresses.map((address) => `${address}?v=1`)]) {
        const keys = provider.possible!(value).map(({ key }) => key);
        expect(keys, value).to.include(asset.key);
      }
      const before = await uploads.names();
      expect(await provider.remove([asset], { signal })).to.deep.equal([{ outcome: 'removed' }]);
      expect(await uploads.names()).to.deep.equal(before.filter((one) => one !== name));
    });
  }

  it('a name with half of a surrogate pair is none: the system would open another file', async () => {
    await uploads.put('\ufffd.png');
    for (const value of ['\ud800.png', '/uploads/\udc00.png', `${uploads.root}/\ud800.png`]) {
      expect(provider.identify(value), value).to.equal(null);
      expect(provider.refusal!(value), value).to.not.equal(null);
    }
    const key = `${uploads.root}/\ud800.png`;
    expect(provider.forms({ provider: 'local', key })).to.deep.equal({ equal: [] });
    expect(await provider.remove([{ provider: 'local', key }], { signal })).to.deep.equal([
      { outcome: 'kept', reason: 'unsafe' },
    ]);
  });

  it('a name that is too long for every disk is not ours, wherever it stands', async () => {
    for (const value of [
      'x'.repeat(256),
      'é'.repeat(128),
      `a/${'x'.repeat(256)}/b.png`,
      `/uploads/${'x'.repeat(256)}`,
    ]) {
      for (const one of [value, { path: value }, { destination: uploads.root, filename: value }]) {
        expect(provider.identify(one)).to.equal(null);
        expect(provider.possible!(one)).to.deep.equal([]);
      }
      expect(provider.refusal!(value)).to.equal(null);
    }
    const key = uploads.path('x'.repeat(256));
    expect(await provider.fingerprint!({ provider: 'local', key })).to.equal(null);
  });
});

describe('values that nobody expects', () => {
  const hostile: unknown[] = [
    new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
    { toString: refuse, valueOf: refuse, [Symbol.toPrimitive]: refuse, toJSON: refuse },
    ...['path', 'url', 'public_id', 'filename', 'memory', 'type'].map((name) => ({
      path: 'uploads/a.png',
      get [name]() {
        return refuse();
      },
    })),
    {
      path: { toString: refuse },
      url: [refuse],
      key: new Proxy({}, { get: refuse }),
      public_id: { toString: refuse },
    },
    ...[
      Object.create(null),
      new Map([['path', 'a.png']]),
      Buffer.alloc(10_000_000),
      Symbol('a'),
      5n,
      () => 'a.png',
    ],
  ];
  const large = [
    'x',
    '/',
    '\\',
    ' ',
    '\n',
    '%',
    '%41',
    '#',
    '?',
    'a/',
    '../',
    './',
    '\ud800',
    'é',
    'https://img.example/',
  ]
    .map((one) => one.repeat(10_000_000 / one.length))
    .flatMap((text) => [text, `/uploads/${text}`, `https://img.example/uploads/${text}`, `memory:${text}`]);

  const providers: [name: string, provider: StorageProvider][] = [
    ['local', localProvider({ root: '/srv/app/uploads', hosts: ['img.example'] })],
    ['memory', memoryProvider()],
    ['memory with a base', memoryProvider({ baseUrl: '/uploads' })],
    [
      'cloudinary',
      cloudinaryProvider({
        cloudinary: {
          config: () => ({ cloud_name: 'demo' }),
          uploader: { destroy: async () => ({}) },
          api: { resources: async () => ({}), delete_resources: async () => ({}) },
        },
      }),
    ],
  ];
  const ask = (provider: StorageProvider, value: unknown): void => {
    provider.identify(value);
    provider.refusal!(value);
    for (const asset of provider.possible!(value)) provider.forms(asset);
  };

  for (const [name, provider] of providers) {
    it(`${name}: objects whose getters or toString throw`, () => {
      for (const value of hostile) expect(() => ask(provider, value)).to.not.throw();
    });

    // the time limit of the spec is the assertion: a search that goes back would take hours
    it(`${name}: texts of 10 MB, alone and in an object`, () => {
      for (const text of large) {
        ask(provider, text);
        ask(provider, { path: text, url: text, public_id: text, destination: text, filename: text });
      }
    }).timeout(10_000);
  }
});
