import { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { s3Provider, type S3Provider, type S3ProviderOptions } from '../../../lib/providers/s3/index.js';

const credentials = { accessKeyId: 'AKIAABCDEFGHIJKLMNOP', secretAccessKey: 'secret/secret' };
const REGION = 'eu-central-1';

function providerOf(options: Partial<S3ProviderOptions> = {}, config: object = {}): S3Provider {
  const client = new S3Client({ region: REGION, credentials, ...config });
  return s3Provider({ client, bucket: 'photos', region: REGION, ...options });
}

const keyOf = (provider: S3Provider, value: unknown) => provider.identify(value)?.key ?? null;
const possibleOf = (provider: S3Provider, value: unknown) =>
  provider.possible(value).map(({ key }) => key.replace('photos/', ''));

describe('values of s3Provider', () => {
  const provider = providerOf({ hosts: ['cdn.example.com', 'localhost:8080'] });

  describe('accepted', () => {
    const virtual = [
      `photos.s3.${REGION}.amazonaws.com`,
      'photos.s3.amazonaws.com',
      `photos.s3-${REGION}.amazonaws.com`,
      `photos.s3.dualstack.${REGION}.amazonaws.com`,
      'photos.s3-accelerate.amazonaws.com',
      'photos.s3-accelerate.dualstack.amazonaws.com',
      'cdn.example.com',
      'localhost:8080',
    ];
    const paths = [
      `s3.${REGION}.amazonaws.com/photos`,
      's3.amazonaws.com/photos',
      `s3-${REGION}.amazonaws.com/photos`,
      `s3.dualstack.${REGION}.amazonaws.com/photos`,
    ];
    for (const host of [...virtual, ...paths]) {
      it(`${host}/a/b.png, with every scheme and a query`, () => {
        for (const scheme of ['https://', 'http://', '//']) {
          for (const end of ['', '?v=2', '?X-Amz-Signature=0123&X-Amz-Expires=60', '#top']) {
            expect(keyOf(provider, `${scheme}${host}/a/b.png${end}`)).to.equal('photos/a/b.png');
          }
        }
      });
    }

    const others: unknown[] = [
      'a/b.png',
      's3://photos/a/b.png',
      { key: 'a/b.png' },
      { Key: 'a/b.png', Bucket: 'photos' },
      {
        key: 'a/b.png',
        bucket: 'photos',
        location: `https://photos.s3.${REGION}.amazonaws.com/a/b.png`,
        etag: '"1"',
      },
      { Key: 'a/b.png', Bucket: 'photos', Location: 'https://s3.amazonaws.com/photos/a%2Fb.png' },
      { location: 'https://photos.s3.amazonaws.com/a%2Fb.png' },
      { url: 'https://cdn.example.com/a/b.png', alt: 'A' },
    ];
    for (const value of others) {
      it(JSON.stringify(value), () => expect(keyOf(provider, value)).to.equal('photos/a/b.png'));
    }

    it('a tilde, which S3 encodes where an upload came in parts', () => {
      const found = `https://photos.s3.${REGION}.amazonaws.com/a%7Eb.png`;
      expect(keyOf(provider, found)).to.equal('photos/a~b.png');
      expect(provider.forms({ provider: 's3', key: 'photos/a~b.png' }).equal).to.include(found);
    });

    it('the spellings of one key that servers written in Go tell as its location, and no plus as a space', () => {
      const key = "a b/it's (1)+2,3;4:5=6&7$@.png";
      const found = providerOf({ endpoint: 'http://127.0.0.1:9000' });
      const base = 'http://127.0.0.1:9000/photos/';
      for (const written of [
        'a%20b/it%27s%20%281%29+2,3;4:5=6&7$@.png',
        'a%20b/it%27s%20%281%29+2%2C3%3B4:5=6&7$@.png',
      ]) {
        expect(keyOf(found, base + written), written).to.equal(`photos/${key}`);
        expect(found.forms({ provider: 's3', key: `photos/${key}` }).equal).to.include(base + written);
      }
      expect(found.refusal(`${base}a+b.png`), 'of a space or a plus').to.equal('ambiguous');
    });

    it('the spellings of one key that SDKs, S3 and templates write', () => {
      const key = 'a b/ü+(1)#x.png';
      const base = `https://photos.s3.${REGION}.amazonaws.com/`;
      for (const written of [
        'a%20b/%C3%BC%2B%281%29%23x.png',
        'a%20b/%C3%BC%2B(1)%23x.png',
        'a+b/%C3%BC%2B%281%29%23x.png',
        'a%20b%2F%C3%BC%2B%281%29%23x.png',
        'a+b%2F%C3%BC%2B%281%29%23x.png',
      ]) {
        expect(keyOf(provider, base + written), written).to.equal(`photos/${key}`);
      }
      expect(keyOf(provider, { key, bucket: 'photos' })).to.equal(`photos/${key}`);
    });
  });

  describe('refused', () => {
    const refused: readonly [value: unknown, reason: string | null, possible?: string[]][] = [
      // another bucket, another host
      ['https://other.s3.amazonaws.com/a.png', null],
      ['https://s3.amazonaws.com/other/a.png', null],
      ['https://photos.s3.amazonaws.com.evil.example/a.png', null],
      ['https://evil.example/photos.s3.amazonaws.com/a.png', null],
      ['https://photos.storage.example/a.png', null],
      ['s3://other/a.png', null],
      ['data:image/png;base64,AA==', null],
      [{ key: 'a.png', bucket: 'other' }, null],
      [{ path: 'uploads/a.png', filename: 'a.png' }, null],
      [['a.png'], null],
      [null, null],
      // out of the bucket, or no key
      ['../a.png', 'unsafe', ['a.png']],
      ['x/../a.png', 'unsafe', ['a.png']],
      ['https://cdn.example.com/x/../a.png', 'unsafe', ['a.png']],
      ['https://cdn.example.com/x/%2e%2e/a.png', 'unsafe', ['a.png']],
      ['https://cdn.example.com/..%2fa.png', 'unsafe', ['a.png']],
      ['https://cdn.example.com/', 'unsafe'],
      ['https://cdn.example.com//a.png', 'unsafe', ['a.png']],
      ['https://cdn.example.com/a%00.png', 'unsafe'],
      // what the question does not ask for
      ['HTTPS://CDN.example.com/a.png', 'not canonical', ['a.png']],
      ['https://cdn.example.com:443/a.png', 'not canonical', ['a.png']],
      ['cdn.example.com/a.png', 'not canonical', ['a.png']],
      ['https://cdn.example.com/%61.png', 'not canonical', ['a.png']],
      [' https://cdn.example.com/a.png', 'not canonical', ['a.png']],
      ['https://photos.s3.us-west-2.amazonaws.com/a.png', 'not canonical', ['a.png']],
      ['https://photos.s3-fips.us-east-1.amazonaws.com/a.png', 'not canonical', ['a.png']],
      ['S3://photos/a.png', 'not canonical', ['a.png']],
      ['s3a://photos/a%20b.png', 'not canonical', ['a%20b.png', 'a b.png']],
      ['s3://PHOTOS/a.png', 'not canonical', ['a.png']],
      ['S3://photos/../a.png', 'unsafe', ['a.png']],
      ['S3://other/a.png', null],
      // several keys
      ['https://cdn.example.com/a+b.png', 'ambiguous', ['a+b.png', 'a b.png']],
      ['https://cdn.example.com/a#1.png', 'ambiguous', ['a', 'a#1.png']],
      ['a%20b.png', 'ambiguous', ['a%20b.png', 'a b.png']],
      ['a.png?v=2', 'ambiguous', ['a.png?v=2', 'a.png']],
      [{ key: 'a.png', url: 'https://cdn.example.com/b.png' }, 'ambiguous', ['a.png', 'b.png']],
      [{ key: 'a.png', url: 'https://example.com/a.png' }, 'ambiguous', ['a.png']],
      // of another storage, and it might be meant
      ['/uploads/a.png', null, ['uploads/a.png']],
      ['./a.png', null, ['a.png']],
      ['uploads\\a.png', null, ['uploads/a.png']],
      ['<p>a</p>', null],
    ];
    for (const [value, reason, possible = []] of refused) {
      it(`${JSON.stringify(value)}: ${reason ?? 'not ours'}`, () => {
        expect(provider.identify(value)).to.equal(null);
        expect(provider.refusal(value)).to.equal(reason);
        expect(possibleOf(provider, value)).to.have.members(possible);
      });
    }
  });

  it('keys below the prefix only, by whatever address; a string elsewhere is not ours', () => {
    for (const prefix of ['images', 'images/']) {
      const narrow = providerOf({ prefix });
      expect(keyOf(narrow, 'images/a.png')).to.equal('photos/images/a.png');
      expect(keyOf(narrow, 'https://photos.s3.amazonaws.com/images/a.png')).to.equal('photos/images/a.png');
      for (const value of ['other/a.png', 'imagesx/a.png', 'a.png']) {
        expect(keyOf(narrow, value)).to.equal(null);
        expect(narrow.refusal(value)).to.equal(null);
      }
      expect(narrow.refusal('https://photos.s3.amazonaws.com/other/a.png')).to.equal('unsafe');
      expect(narrow.refusal({ key: 'other/a.png', bucket: 'photos' })).to.equal('unsafe');
    }
  });

  it('strings are keys as the option says', () => {
    const value = 'photos/a.png';
    expect(keyOf(providerOf({ keys: false }), value)).to.equal(null);
    expect(keyOf(providerOf({ keys: ['photos/'] }), value)).to.equal('photos/photos/a.png');
    expect(keyOf(providerOf({ keys: ['images/'] }), value)).to.equal(null);
    expect(keyOf(providerOf({ keys: false }), { key: value })).to.equal(null);
    expect(keyOf(providerOf({ keys: false }), { key: value, bucket: 'photos' })).to.equal(
      'photos/photos/a.png',
    );
  });

  it('a bucket and a prefix that are functions are read at each use', () => {
    let tenant = 'one';
    const many = providerOf({ bucket: () => `tenant-${tenant}`, prefix: () => tenant });
    const first = many.identify('one/a.png');
    expect(first?.key).to.equal('tenant-one/one/a.png');
    tenant = 'two';
    expect(many.identify('one/a.png')).to.equal(null);
    expect(keyOf(many, 'https://tenant-two.s3.amazonaws.com/two/b.png')).to.equal('tenant-two/two/b.png');
    expect(many.forms(first!).equal, 'a question about the first one is still whole').to.include(
      'https://tenant-one.s3.amazonaws.com/one/a.png',
    );
  });

  describe('functions that throw, or tell no bucket, own nothing', () => {
    const bad: readonly [what: string, bucket: () => string, said: string][] = [
      ['an empty text', () => '', "is ''"],
      ['a path', () => 'a/b', "is 'a/b'"],
      ['null', () => null as never, 'is null'],
      ['undefined', () => undefined as never, 'is undefined'],
      ['an ARN', () => 'arn:aws:s3:::photos', "is 'arn:aws:s3:::photos'"],
      ['a promise that is rejected', () => Promise.reject(new Error('no tenant')) as never, 'is a promise'],
      [
        'an error with a key id',
        () => {
          throw new Error('no tenant for AKIAABCDEFGHIJKLMNOP');
        },
        'no tenant for ***',
      ],
    ];
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    before(() => void process.on('unhandledRejection', note));
    beforeEach(() => void (unhandled.length = 0));
    after(() => void process.off('unhandledRejection', note));

    for (const [what, bucket, said] of bad) {
      it(what, async () => {
        const none = providerOf({ bucket });
        const asset = { provider: 's3', key: 'photos/a.png' };
        const { signal } = new AbortController();
        const told = [none.identify('a.png'), none.refusal('a.png'), none.possible('a.png'), none.storage];
        expect(told).to.deep.equal([null, null, [], undefined]);
        expect(await none.check({ signal })).to.include(said);
        expect(await none.remove([asset], { signal })).to.deep.equal([
          { outcome: 'kept', reason: 'not ours' },
        ]);
        // a rejection that nobody handles ends the process of an app
        await new Promise(setImmediate);
        expect(unhandled).to.deep.equal([]);
      });
    }
  });

  describe('an endpoint of its own', () => {
    const url = 'https://abc.r2.cloudflarestorage.com';

    it('has the addresses of the endpoint and none of AWS', () => {
      const r2 = providerOf({ endpoint: url, hosts: ['pub-1.r2.dev'] });
      for (const value of [
        `${url}/photos/a.png`,
        'https://photos.abc.r2.cloudflarestorage.com/a.png',
        'https://pub-1.r2.dev/a.png',
      ])
        expect(keyOf(r2, value), value).to.equal('photos/a.png');
      expect(keyOf(r2, 'https://photos.s3.amazonaws.com/a.png')).to.equal(null);
      expect(keyOf(r2, `${url}/other/a.png`)).to.equal(null);
    });

    it('is found in the client, with its port and its path', async () => {
      const found = providerOf(
        { region: undefined as never },
        { endpoint: 'http://127.0.0.1:9000/storage/v1/s3', forcePathStyle: true },
      );
      await new Promise(setImmediate);
      expect(keyOf(found, 'http://127.0.0.1:9000/storage/v1/s3/photos/a.png')).to.equal('photos/a.png');
    });

    it('while it is not known no address is certain, and documents are asked for all addresses', () => {
      const early = providerOf({}, { endpoint: 'http://127.0.0.1:9000' });
      const value = 'http://127.0.0.1:9000/photos/a.png';
      expect([early.identify(value), early.refusal(value)]).to.deep.equal([null, 'unanswered']);
      expect(possibleOf(early, value)).to.deep.equal(['a.png']);
      expect(early.forms({ provider: 's3', key: 'photos/a.png' }).scan).to.include('https://');
    });
  });

  describe('the region of the client', () => {
    const client = () => new S3Client({ region: 'us-west-2', credentials });

    it('while it is not known every region counts, and documents are asked for all of them', () => {
      const early = s3Provider({ client: client(), bucket: 'photos' });
      const value = 'https://photos.s3.ap-south-1.amazonaws.com/a%2Fb.png';
      expect(keyOf(early, value)).to.equal('photos/a/b.png');
      const { scan = [] } = early.forms({ provider: 's3', key: 'photos/a/b.png' });
      expect(scan.some((beginning) => value.startsWith(beginning))).to.equal(true);
    });

    it('is known long before the first write', async () => {
      const later = s3Provider({ client: client(), bucket: 'photos' });
      await new Promise(setImmediate);
      expect(keyOf(later, 'https://photos.s3.us-west-2.amazonaws.com/a.png')).to.equal('photos/a.png');
      expect(later.forms({ provider: 's3', key: 'photos/a.png' }).scan).to.equal(undefined);
      expect(later.hint('https://photos.s3.eu-west-1.amazonaws.com/a.png')).to.include('us-west-2');
    });
  });

  it('forms are few: for a plain name, with a folder, and for the worst', () => {
    const counts = ['a.png', 'x/a.png', 'a b/ü+(1)#x.png'].map((key) => {
      const { equal, addresses = [] } = providerOf().forms({ provider: 's3', key: `photos/${key}` });
      return [equal.length, addresses.length];
    });
    expect(counts[0]).to.deep.equal([33, 33]);
    expect(counts[1]![0]).to.be.at.most(50);
    expect(counts[2]![0]).to.be.at.most(260);
  });
});
