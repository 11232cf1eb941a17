import { expect } from 'chai';
import { v2 } from 'cloudinary';
import fc from 'fast-check';
import { cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import type { CloudinaryOptions } from '../../../lib/providers/cloudinary/index.js';
import { CloudinaryServer } from '../../support/cloudinary/index.js';
import { holds } from '../../support/random.js';

const demo = (options: CloudinaryOptions = {}) =>
  cloudinaryProvider({ cloudinary: v2, sdkOptions: { cloud_name: 'demo' }, ...options });

describe('cloudinary values', () => {
  describe('bare public ids', () => {
    const accepted: [id: string, options?: CloudinaryOptions][] = [
      ['sample'],
      ['folder/hero'],
      ['folder/été 1'],
      ['ab12cd34ef56ab78cd90'],
      ['uploads/hero', { publicIds: true }],
      ['a.png', { publicIds: true }],
      ['0123456789abcdef0123456789abcdef', { publicIds: true }],
      ['products/hero', { publicIds: ['products/', 'people/'] }],
      ['products/hero.png', { publicIds: ['products/'] }],
    ];
    for (const [id, options] of accepted) {
      it(`accepts ${id}${options ? ` with publicIds: ${JSON.stringify(options.publicIds)}` : ''}`, () => {
        expect(demo(options).identify(id)?.key).to.equal(`demo/image/upload/${id}`);
      });
    }

    const refused: [value: string, reason: string | null, options?: CloudinaryOptions][] = [
      ['a.png', 'ambiguous'],
      ['folder/a.jpeg', 'ambiguous'],
      ['uploads/ab12', 'ambiguous'],
      ['0123456789abcdef0123456789abcdef', 'ambiguous'],
      ['public/img/0123456789abcdef0123456789abcdef', 'ambiguous'],
      ['~/a', 'ambiguous'],
      ['image/upload/sample', 'ambiguous'],
      ['image/upload/sample', 'ambiguous', { publicIds: true }],
      ['sample', null, { publicIds: false }],
      ['other/hero', null, { publicIds: ['products/'] }],
      ['products', null, { publicIds: ['products/'] }],
      ...[
        '',
        ' ',
        ' a',
        'a ',
        '/uploads/a',
        '/a',
        './a',
        '../x',
        'a/../b',
        'a/./b',
        'a//b',
        'a/',
        '.',
        '..',
      ].map((value): [string, null, CloudinaryOptions] => [value, null, { publicIds: true }]),
      ...[
        'uploads\\ab12',
        'C:\\a',
        'C:a',
        'data:image/png;base64,AAAA',
        'mailto:a',
        'https:/x',
        'blob:x',
        'a?b',
        'a#b',
        'a&b',
      ].map((value): [string, null, CloudinaryOptions] => [value, null, { publicIds: true }]),
      ...['a%20b', 'a<b', 'a>b', 'a+b', 'a\0b', 'a\nb', 'v1/a', 'a/v12/b', 'a\ud800b', 'x'.repeat(256)].map(
        (value): [string, null, CloudinaryOptions] => [value, null, { publicIds: true }],
      ),
    ];
    for (const [value, reason, options] of refused) {
      const said = `${JSON.stringify(value.slice(0, 50))}${options ? ` with publicIds: ${JSON.stringify(options.publicIds)}` : ''}`;
      it(`refuses ${said}: ${reason ?? 'not ours'}`, () => {
        expect(demo(options).identify(value)).to.equal(null);
        expect(demo(options).refusal(value)).to.equal(reason);
      });
    }

    it('takes resource type and delivery type of a bare id from the options', () => {
      const provider = demo({ resourceType: 'video', type: 'private' });
      expect(provider.identify('clips/dog')?.key).to.equal('demo/video/private/clips/dog');
    });

    it('knows that a bare id could be of any kind, and its extension the format', () => {
      const could = demo()
        .possible('folder/a.jpg')
        .map((one) => one.key);
      expect(could).to.include.members([
        ...['demo/image/upload/folder/a', 'demo/image/upload/folder/a.jpg'],
        ...['demo/video/private/folder/a', 'demo/raw/upload/folder/a.jpg'],
      ]);
      expect(could).not.to.include('demo/raw/upload/folder/a');
    });
  });

  describe('objects', () => {
    const base = 'https://res.cloudinary.com/demo';
    const accepted: [what: string, value: object, key: string][] = [
      ['a public_id', { public_id: 'a/b' }, 'image/upload/a/b'],
      ['a public_id that looks like a file', { public_id: 'uploads/a.png' }, 'image/upload/uploads/a.png'],
      ['resource_type and type', { public_id: 'a', resource_type: 'raw', type: 'private' }, 'raw/private/a'],
      ['null for what is not known', { public_id: 'a', resource_type: null, type: '' }, 'image/upload/a'],
      ['the kind from its URL', { public_id: 'a', url: `${base}/video/private/v1/a.mp4` }, 'video/private/a'],
      [
        'multer-storage-cloudinary',
        { public_id: 'a', path: `${base}/image/upload/v1/a.jpg` },
        'image/upload/a',
      ],
      ['a URL', { url: `${base}/image/upload/v1/a.jpg` }, 'image/upload/a'],
      ['a secure URL', { secure_url: `${base}/video/upload/v1/c/d.mp4`, alt: 'D' }, 'video/upload/c/d'],
      ['a URL and a public id', { url: `${base}/image/upload/v1/a.jpg`, publicId: 'a' }, 'image/upload/a'],
      ['a publicId', { publicId: 'a/b' }, 'image/upload/a/b'],
      [
        "multer-storage-cloudinary's file",
        { originalname: 'z.jpg', path: `${base}/image/upload/v1/f/a.jpg`, filename: 'f/a' },
        'image/upload/f/a',
      ],
      ['an own file name', { url: `${base}/image/upload/v1/a.jpg`, filename: 'z.jpg' }, 'image/upload/a'],
      [
        'a URL that only the public id beside it makes clear',
        { path: `${base}/image/upload/w_100/f/a`, filename: 'f/a' },
        'image/upload/f/a',
      ],
      [
        'a MIME type',
        { url: `${base}/image/upload/v1/a.jpg`, public_id: 'a', type: 'image/jpeg' },
        'image/upload/a',
      ],
      [
        'an upload result',
        new CloudinaryServer().uploadResult({
          ...{ resource_type: 'video', type: 'authenticated', public_id: 'c/dög', format: 'mp4', version: 5 },
        } as never),
        'video/authenticated/c/dög',
      ],
      [
        'a sub-document, whose values are getters',
        Object.create({
          get public_id() {
            return 'a';
          },
        }) as object,
        'image/upload/a',
      ],
    ];
    for (const [what, value, key] of accepted) {
      it(`accepts ${what}`, () => expect(demo().identify(value)?.key).to.equal(`demo/${key}`));
    }

    const refused: [what: string, value: unknown, reason: string | null][] = [
      ['no public_id and no URL', { name: 'a' }, null],
      [
        'two public ids',
        { public_id: 'a', publicId: 'b', url: `${base}/image/upload/v1/a.jpg` },
        'ambiguous',
      ],
      ["multer's file on disk", { path: 'uploads/a', destination: 'uploads/', filename: 'a' }, null],
      ['a filename alone', { filename: 'a' }, null],
      [
        'two URLs',
        { url: `${base}/image/upload/v1/a.jpg`, path: `${base}/image/upload/v1/b.jpg` },
        'ambiguous',
      ],
      ['an odd URL alone', { url: 'https://RES.cloudinary.com/demo/image/upload/v1/a.jpg' }, 'not canonical'],
      [
        'a URL of another kind than it says',
        { url: `${base}/image/upload/v1/a.jpg`, resource_type: 'video' },
        'ambiguous',
      ],
      ['an empty public_id', { public_id: '' }, 'unsafe'],
      ['a path for a public_id', { public_id: '../a' }, 'unsafe'],
      ['a number for a public_id', { public_id: 5 }, null],
      ['fetch', { public_id: 'https://example.com/a.jpg', type: 'fetch' }, 'unsafe'],
      ['a remote type', { public_id: 'a', type: 'facebook' }, null],
      ['resource_type auto', { public_id: 'a', resource_type: 'auto' }, 'ambiguous'],
      [
        'a URL of another cloud',
        { public_id: 'a', secure_url: 'https://res.cloudinary.com/other/image/upload/v1/a.jpg' },
        'ambiguous',
      ],
      [
        'a URL of another asset',
        { public_id: 'a', secure_url: `${base}/image/upload/v1/b.jpg` },
        'ambiguous',
      ],
      [
        'a URL of another kind',
        { public_id: 'a', resource_type: 'raw', url: `${base}/image/upload/v1/a.jpg` },
        'ambiguous',
      ],
      ['an array', ['a'], null],
      ['a date', new Date(0), null],
      [
        'a proxy that throws',
        new Proxy(
          {},
          {
            get() {
              throw new Error('no');
            },
          },
        ),
        null,
      ],
    ];
    for (const [what, value, reason] of refused) {
      it(`refuses ${what}: ${reason ?? 'not ours'}`, () => {
        expect(demo().identify(value)).to.equal(null);
        expect(demo().refusal(value)).to.equal(reason);
      });
    }
  });

  it('forms: the id, objects by public_id, and each way in which a URL of that kind can begin', () => {
    const { equal, objects, prefixes, scan, scanObjects } = demo().forms({
      provider: 'cloudinary',
      key: 'demo/video/upload/clips/dog',
    });
    expect(equal).to.deep.equal(['clips/dog']);
    const id = ['clips/dog'];
    expect(objects).to.deep.equal({ public_id: id, publicId: id, filename: id });
    expect(scanObjects).to.deep.equal(['url', 'secure_url', 'path']);
    expect(prefixes).to.equal(undefined);
    expect(scan).to.include.members([
      'https://res.cloudinary.com/demo/video/upload/',
      'http://res-5.cloudinary.com/demo/videos/',
      '//demo-res.cloudinary.com/video/upload/',
      'clips/dog.',
    ]);
    expect(
      scan?.some((one) => one.includes('/image/') || one === 'https://res.cloudinary.com/demo/'),
    ).to.equal(false);
  });

  it('asks for a key also while the configuration is away', () => {
    const asset = { provider: 'cloudinary', key: 'demo/image/upload/a' };
    const away = cloudinaryProvider({
      cloudinary: v2,
      sdkOptions: () => {
        throw new Error('not yet');
      },
    });
    expect(away.identify('a')).to.equal(null);
    expect(away.forms(asset)).to.deep.equal(demo().forms(asset));
  });

  it('has no forms for an asset of another cloud, or of no cloud; those of its own whichever provider found it', () => {
    for (const key of ['other/image/upload/a', 'demo/a', '', '/srv/uploads/a', 'demo/image/upload/a?b']) {
      expect(demo().forms({ provider: 'cloudinary', key }), key).to.deep.equal({ equal: [] });
    }
    const key = 'demo/image/upload/a';
    expect(demo().forms({ provider: 'another name', key })).to.deep.equal(
      demo().forms({ provider: 'cloudinary', key }),
    );
  });

  describe('odd spellings of a URL', () => {
    const path = 'demo/image/upload/v1/f/a.jpg';
    for (const value of [
      ...[
        `https://RES.cloudinary.com/${path}`,
        `HTTPS://res.cloudinary.com/${path}`,
        `//RES.Cloudinary.com/${path}`,
      ],
      ...[`https://res.cloudinary.com:443/${path}`, `https://me@res.cloudinary.com/${path}`],
      ...[
        `res.cloudinary.com/${path}`,
        ` https://res.cloudinary.com/${path}\n`,
        `https:\\\\res.cloudinary.com/${path}`,
      ],
    ]) {
      it(`${JSON.stringify(value)} is refused, and used`, () => {
        expect(demo().identify(value)).to.equal(null);
        expect(demo().refusal(value)).to.equal('not canonical');
        expect(
          demo()
            .possible(value)
            .map(({ key }) => key),
        ).to.include('demo/image/upload/f/a');
        expect(demo().possible({ url: value }).length > 0 || value.startsWith('res')).to.equal(true);
      });
    }

    it('of another cloud or host are not ours', () => {
      for (const value of [
        'https://RES.cloudinary.com/other/image/upload/a.jpg',
        'HTTPS://example.com/a.jpg',
      ]) {
        expect(demo().identify(value)).to.equal(null);
        expect(demo().possible(value)).to.deep.equal([]);
      }
    });
  });

  it('texts of 10 MB are no trouble', () => {
    for (const one of ['x', '/', ' ', 'https://res.cloudinary.com/demo/', 'a/', '\\', '%41', 's--']) {
      const value = one.repeat(10_000_000 / one.length);
      expect(demo({ publicIds: true }).identify(value)).to.equal(null);
      expect(demo().possible({ url: value, public_id: value })).to.deep.equal([]);
    }
  });

  it('a value of one asset is found by its forms, and by no equality form of another (2,000 pairs)', () => {
    const id = fc.string({ unit: fc.constantFrom(...'ab/.-é '), minLength: 1, maxLength: 8 });
    holds(
      fc.tuple(id, id),
      ([one, other]) => {
        const provider = demo({ publicIds: true });
        const asset = provider.identify(one);
        const neighbour = provider.identify(other);
        if (asset) expect(provider.forms(asset).equal).to.include(one);
        if (asset && neighbour && asset.key !== neighbour.key)
          expect(provider.forms(asset).equal).not.to.include(other);
      },
      2000,
    );
  });

  describe('mask', () => {
    it('takes signatures and tokens out of URLs', () => {
      const url =
        'https://res.cloudinary.com/demo/image/authenticated/s--XWAuxg8c--/v5/a.jpg?__cld_token__=exp=1~hmac=ab&x=1';
      expect(demo().mask(url)).to.equal(
        'https://res.cloudinary.com/demo/image/authenticated/s--***--/v5/a.jpg?__cld_token__=***&x=1',
      );
    });

    it('takes signature, key and tokens out of an upload result and leaves the value itself alone', () => {
      const value = Object.freeze({
        public_id: 'a',
        signature: 'f00',
        api_key: '1',
        eager: [{ url: 'x/s--abcd_123--/y', delete_token: 't' }],
      });
      expect(demo().mask(value)).to.deep.equal({
        ...{ public_id: 'a', signature: '***', api_key: '***' },
        eager: [{ url: 'x/s--***--/y', delete_token: '***' }],
      });
    });

    it('survives cycles and objects that throw', () => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      const hostile = {
        get a() {
          throw new Error('no');
        },
      };
      expect(() => [demo().mask(cycle), demo().mask(hostile)]).not.to.throw();
    });
  });
});
