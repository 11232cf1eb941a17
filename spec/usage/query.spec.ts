import { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { cloudinaryProvider } from '../../lib/providers/cloudinary/index.js';
import { gridfsProvider } from '../../lib/providers/gridfs/index.js';
import { s3Provider } from '../../lib/providers/s3/index.js';
import { localProvider, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { conditionsOf, expressionsIn, printed, SHAPES } from './questions/asked.js';
import { WHOLE } from './questions/whole.js';

/** Few forms of each kind, so that whole conditions can be read. */
const short: StorageProvider = {
  name: 'short',
  identify: (value) => {
    const name = /[^/]+\.png/.exec(typeof value === 'string' ? value : '')?.[0];
    return name === undefined ? null : { provider: 'short', key: name };
  },
  forms: ({ key }) => ({
    equal: [key, `/u/${key}`],
    prefixes: [`${key}?`],
    addresses: [`/u/${key}`],
    objects: { name: [key] },
  }),
  remove: () => Promise.resolve([]),
};

const scanning: StorageProvider = {
  ...short,
  forms: (asset) => ({ ...short.forms(asset), scan: ['https://cdn/'], scanObjects: ['url'] }),
};

const sdk = {
  config: () => ({ cloud_name: 'demo' }),
  uploader: { destroy: () => Promise.resolve({}) },
  api: { resources: () => Promise.resolve({}), delete_resources: () => Promise.resolve({}) },
};
const bucket = { client: new S3Client({ region: 'eu-central-1' }), bucket: 'photos', region: 'eu-central-1' };
const id = '64b7f0c2a1b2c3d4e5f60718';

interface Storage {
  readonly value: unknown;
  provider(app: TestApp): StorageProvider;
}

const STORAGES: Record<string, Storage> = {
  'local, no address': {
    value: 'a.png',
    provider: ({ uploads }) => localProvider({ root: uploads.root }),
  },
  'local, baseUrl /files': {
    value: '/files/a.png',
    provider: ({ uploads }) => localProvider({ root: uploads.root, baseUrl: '/files' }),
  },
  cloudinary: {
    value: 'app/holiday',
    provider: () => cloudinaryProvider({ cloudinary: sdk }),
  },
  s3: { value: 's3://photos/app/a.png', provider: () => s3Provider(bucket) },
  gridfs: { value: id, provider: ({ connection }) => gridfsProvider({ connection, bucketName: 'photos' }) },
};

/** What an index can serve: a literal beginning, no option, and no `|`. */
function isServedByIndex({ source, flags }: { source: string; flags: string }): boolean {
  return flags === '' && !source.includes('|') && /^\^(?:[^\\^$.*+?()[\]{}]|\\[^\w])/.test(source);
}

/** How many conditions a question has at most. Objects have one for each of their known sub-paths. */
const MOST: Record<keyof typeof SHAPES, number> = {
  string: 2,
  strings: 2,
  'sub-documents': 2,
  'whole sub-documents': 9,
  Map: 1,
  Mixed: 9,
  'nested arrays': 3,
  html: 2,
  'html beside an array': 4,
};

/** The conditions that read every text, whatever the number of documents. */
function searchedTexts(shape: string, storage: string): string[] {
  const name = storage === 'cloudinary' ? 'holiday' : 'a\\.png';
  const search = `body in /${name}/i /<needless escape>/i`;
  if (shape === 'html') return [search];
  return shape === 'html beside an array' ? [`and images null ${search}`] : [];
}

describe('the conditions of the question', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await testApp();
  });
  afterEach(closeTestApps);

  for (const [name, { small, large, scan }] of Object.entries(WHOLE)) {
    const shape = SHAPES[name as keyof typeof SHAPES];
    for (const [what, provider, isLarge, expected] of [
      ['a small collection', short, false, small],
      ['a large collection', short, true, name === 'Map' ? scan : large],
      ['a large collection of a storage with scans', scanning, true, [...large, ...scan]],
    ] as const) {
      it(`${name} of ${what}: ${expected.join('; ')}`, async () => {
        const asked = { shape, provider, value: '/u/a.png', isLarge };
        expect((await conditionsOf(app, asked)).map(printed)).to.deep.equal(expected);
      });
    }
  }

  for (const [storage, { value, provider }] of Object.entries(STORAGES)) {
    for (const [name, shape] of Object.entries(SHAPES)) {
      // no text names an image by the ObjectId of its file
      if (name.startsWith('html') && storage === 'gridfs') continue;
      it(`${storage}, ${name} of a large collection: an index serves every expression, except in texts`, async () => {
        const asked = { shape, provider: provider(app), value, isLarge: true };
        const conditions = await conditionsOf(app, asked);
        expect(conditions.length).to.be.within(1, MOST[name as keyof typeof MOST]);
        const unserved = conditions.filter((one) => !expressionsIn(one).every(isServedByIndex));
        expect(unserved.map(printed)).to.deep.equal(searchedTexts(name, storage));
      });
      it(`${storage}, ${name} of a small collection: few conditions`, async () => {
        const asked = { shape, provider: provider(app), value, isLarge: false };
        const conditions = await conditionsOf(app, asked);
        expect(conditions.length).to.be.within(1, MOST[name as keyof typeof MOST]);
        // a search for the name; without an index, each further expression is tried on every value
        const expressions = conditions.map((one) => expressionsIn(one).length);
        expect(Math.max(...expressions)).to.be.at.most(storage === 'cloudinary' ? 50 : 2);
      });
    }
  }
});
