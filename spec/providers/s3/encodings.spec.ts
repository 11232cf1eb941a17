import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect } from 'chai';
import fc from 'fast-check';
import { s3Provider } from '../../../lib/providers/s3/index.js';
import { isKey } from '../../../lib/providers/s3/keys.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { provided } from './scene.js';
import { countOf, SEED } from '../../support/counts.js';

/** Keys for each way of addressing; `S3_KEYS=5000` for a long run. */
const KEYS = countOf('S3_KEYS', 150);
const credentials = { accessKeyId: 'LOCALKEYID0123456789', secretAccessKey: 'local/Secret+0123456789' };

const odd = [...` +%&=?#@:;,'"!*()[]{}$^|~\`<>`, '%20', '%2F', '+', 'ü', 'u\u0308', '日本', '😀', '\u00a0'];
const segment = fc
  .array(
    fc.oneof(
      fc.constantFrom(...odd),
      fc.constantFrom(...'aB0._-'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.join('').replaceAll('/', ''));
const anyKey = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'))
  .filter(isKey);

async function holdsFor(runs: number, check: (key: string) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(anyKey, check), { numRuns: runs, seed: SEED });
}

describe('keys as the SDK writes them into addresses', () => {
  for (const forcePathStyle of [false, true]) {
    it(`${forcePathStyle ? 'path-style' : 'virtual-hosted'}: read back, and asked for (${String(KEYS)} keys)`, async function () {
      this.timeout(120_000);
      const client = new S3Client({ region: 'eu-central-1', credentials, forcePathStyle });
      const provider = s3Provider({ client, bucket: 'photos', region: 'eu-central-1' });
      await holdsFor(KEYS, async (Key) => {
        const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'photos', Key }));
        const address = url.slice(0, url.indexOf('?'));
        const asset = { provider: 's3', key: `photos/${Key}` };
        const { equal, addresses } = provider.forms(asset);
        for (const value of [url, address]) expect(provider.identify(value), value).to.deep.equal(asset);
        expect(equal).to.include(address);
        expect(addresses).to.include(address);
      });
    });
  }

  it('every form of a key is read as that key, or as one of several', async function () {
    this.timeout(120_000);
    const client = new S3Client({ region: 'eu-central-1', credentials });
    const provider = s3Provider({
      client,
      bucket: 'photos',
      region: 'eu-central-1',
      hosts: ['cdn.example.com'],
    });
    await holdsFor(Math.min(KEYS, 200), (Key) => {
      const asset = { provider: 's3', key: `photos/${Key}` };
      for (const form of provider.forms(asset).equal as readonly string[]) {
        // what cannot be read at all counts as a use
        const readings = provider.possible(form);
        if (readings.length > 0) expect(readings, form).to.deep.include(asset);
        const certain = provider.identify(form);
        if (certain) expect(certain, form).to.deep.equal(asset);
      }
      return Promise.resolve();
    });
  });
});

/** The least size of a part, and so of an upload in several. */
const LARGE = 5 * 1024 * 1024 + 1;

describe('locations that lib-storage tells', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  after(() => server.stop());

  for (const Key of [
    'a b/ü+(1)#x.png',
    'plain.png',
    'folder/a&b=c;d.png',
    "it's (1)!*.png",
    'a%20b.png',
    '日本/😀.png',
  ]) {
    it(`${Key}: of a small upload and of one in parts, one and the same object`, async function () {
      this.timeout(30_000);
      if (await server.lacks('locations-of-parts')) this.skip();
      const { provider, client, bucket } = await provided(server);
      for (const Body of ['small', Buffer.alloc(LARGE)]) {
        const { Location, ...result } = await new Upload({
          client,
          params: { Bucket: bucket, Key, Body },
        }).done();
        const readings = provider.possible(Location).map(({ key }) => key);
        expect(readings, Location).to.include(`${bucket}/${Key}`);
        expect(provider.identify({ Location, ...result })?.key, Location).to.equal(`${bucket}/${Key}`);
        expect(provider.forms({ provider: 's3', key: `${bucket}/${Key}` }).equal).to.include(Location);
      }
    });
  }
});
