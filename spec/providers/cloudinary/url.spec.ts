import { expect } from 'chai';
import { v2 } from 'cloudinary';
import fc from 'fast-check';
import { cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import type { CloudinaryOptions, CloudinarySdkOptions } from '../../../lib/providers/cloudinary/index.js';
import { holds } from '../../support/random.js';
import { sdks } from '../../support/cloudinary/sdks.js';
import { urlCases, urlOf } from './assets.js';

function demoProvider(sdkOptions: CloudinarySdkOptions = {}, options: CloudinaryOptions = {}) {
  return cloudinaryProvider({
    cloudinary: v2,
    sdkOptions: { cloud_name: 'demo', ...sdkOptions },
    ...options,
  });
}

/** The option that the SDK and the provider both read from the configuration. */
function distribution({ private_cdn, secure_distribution, cname }: Readonly<Record<string, unknown>>) {
  return { ...{ private_cdn, secure_distribution, cname } } as CloudinarySdkOptions;
}

const base = 'https://res.cloudinary.com/demo';
const longSignature = 's--abc_DEF-abcdefghijklmnopqrstuvwx--';

describe('cloudinary delivery URLs', () => {
  describe('what a URL names', () => {
    const configured = { secure_distribution: 'images.example.com', cname: 'cdn.example.com' };
    const rows: [shape: string, url: string, key: string, options?: CloudinaryOptions][] = [
      ['1 version', `${base}/image/upload/v1571218039/sample.jpg`, 'image/upload/sample'],
      ['2 folders', `${base}/image/upload/v1/blog/2024/hero.webp`, 'image/upload/blog/2024/hero'],
      ['3 no version, no extension', `${base}/image/upload/sample`, 'image/upload/sample'],
      [
        '4 no version, a transformation',
        `${base}/image/upload/c_fill,w_100/sample.jpg`,
        'image/upload/sample',
      ],
      [
        '5 chained and named',
        `${base}/image/upload/t_named_one/e_sepia/v5/blog/hero.jpg`,
        'image/upload/blog/hero',
      ],
      [
        '6 signature',
        `${base}/image/upload/s--XWAuxg8c--/c_scale,w_10/v5/blog/hero.jpg`,
        'image/upload/blog/hero',
      ],
      [
        '7 long signature',
        `${base}/image/upload/${longSignature}/v5/blog/hero.jpg`,
        'image/upload/blog/hero',
      ],
      [
        '8 authenticated',
        `${base}/image/authenticated/s--XWAuxg8c--/v5/blog/hero.jpg`,
        'image/authenticated/blog/hero',
      ],
      ['9 private', `${base}/image/private/v5/blog/hero.jpg`, 'image/private/blog/hero'],
      ['10 raw', `${base}/raw/upload/v5/docs/cv.final.pdf`, 'raw/upload/docs/cv.final.pdf'],
      ['11 video', `${base}/video/upload/v5/clips/dog.mp4`, 'video/upload/clips/dog'],
      [
        '12 private CDN',
        'https://demo-res.cloudinary.com/image/upload/v5/blog/hero.jpg',
        'image/upload/blog/hero',
      ],
      [
        '13 secure_distribution',
        'https://images.example.com/demo/image/upload/v5/blog/hero.jpg',
        'image/upload/blog/hero',
        { sdkOptions: { cloud_name: 'demo', ...configured } },
      ],
      [
        '14 cname',
        'http://a3.cdn.example.com/demo/image/upload/v5/blog/hero.jpg',
        'image/upload/blog/hero',
        { sdkOptions: { cloud_name: 'demo', ...configured } },
      ],
      [
        '15 sharded',
        'https://res-1.cloudinary.com/demo/image/upload/v5/blog/hero.jpg',
        'image/upload/blog/hero',
      ],
      ['16 SEO suffix', `${base}/images/v5/blog/hero/my-hero.jpg`, 'image/upload/blog/hero'],
      ['17 shortened', `${base}/iu/v5/blog/hero.jpg`, 'image/upload/blog/hero'],
      ['18 root path', `${base}/v5/blog/hero.jpg`, 'image/upload/blog/hero', { rootPath: true }],
      ['18 root path, no folder', `${base}/v5/hero.jpg`, 'image/upload/hero'],
      [
        '19 Cyrillic and space',
        `${base}/image/upload/v5/%D0%B1%D0%BB%D0%BE%D0%B3/%C3%A9t%C3%A9%201.jpg`,
        'image/upload/блог/été 1',
      ],
      ['19 not encoded', `${base}/image/upload/v5/блог/été 1.jpg`, 'image/upload/блог/été 1'],
      ['20 dots', `${base}/image/upload/v5/16_www.site.com.jpg`, 'image/upload/16_www.site.com'],
      ['20 dots, no format', `${base}/image/upload/v5/16_www.site.com`, 'image/upload/16_www.site.com'],
      ['21 analytics', `${base}/image/upload/v5/blog/hero.jpg?_a=BAMAROfk0`, 'image/upload/blog/hero'],
      ['21 fragment', `${base}/image/upload/v5/blog/hero.jpg#top`, 'image/upload/blog/hero'],
      [
        '22 folders like transformations',
        `${base}/image/upload/v5/w_100/t_shirt.jpg`,
        'image/upload/w_100/t_shirt',
      ],
      [
        '25 auth token',
        `${base}/image/authenticated/v5/a/b.jpg?__cld_token__=exp=1~hmac=ab`,
        'image/authenticated/a/b',
      ],
      [
        '26 overlay',
        `${base}/image/upload/l_folder:logo.v2,w_20/fl_layer_apply,g_north_east/v5/blog/hero.jpg`,
        'image/upload/blog/hero',
      ],
      [
        '27 variables',
        `${base}/image/upload/$w_100/if_w_gt_$w/w_$w/if_end/v5/blog/hero.jpg`,
        'image/upload/blog/hero',
      ],
      ['28 video poster', `${base}/video/upload/v5/clips/dog.jpg`, 'video/upload/clips/dog'],
      ['29 raw with suffix', `${base}/files/v5/docs/cv.pdf/resume`, 'raw/upload/docs/cv.pdf'],
      ['old CDN', 'https://cloudinary-a.akamaihd.net/demo/image/upload/v5/a.jpg', 'image/upload/a'],
      ['no scheme', '//res.cloudinary.com/demo/image/upload/v5/a.jpg', 'image/upload/a'],
      [
        'listed host',
        'https://img.example.org/demo/image/upload/v5/a.jpg',
        'image/upload/a',
        { hosts: ['img.example.org'] },
      ],
    ];
    for (const [shape, url, key, options] of rows) {
      it(`${shape}: ${key}`, () => {
        const provider = demoProvider({}, options);
        expect(provider.identify(url)).to.deep.equal({ provider: 'cloudinary', key: `demo/${key}` });
        expect(provider.refusal(url)).to.equal(null);
      });
    }
  });

  describe('what is refused', () => {
    const rows: [shape: string, url: string, reason: string | null, options?: CloudinaryOptions][] = [
      ['24 fetch', `${base}/image/fetch/https://example.com/a.jpg`, null],
      ['a social profile', `${base}/image/facebook/65646572251.jpg`, null],
      ['30 S3', 'https://bucket.s3.amazonaws.com/demo/image/upload/v1/a.jpg', null],
      ['31 another cloud', 'https://res.cloudinary.com/other/image/upload/v1/a.jpg', null],
      ['another cloud on a private CDN', 'https://other-res.cloudinary.com/image/upload/v1/a.jpg', null],
      [
        'another cloud on a listed host',
        'https://img.example.org/other/image/upload/v1/a.jpg',
        null,
        { hosts: ['img.example.org'], rootPath: true },
      ],
      [
        'another cloud on a listed private host',
        'https://img.example.org/other/image/upload/a.jpg',
        'ambiguous',
        { hosts: ['img.example.org'], rootPath: true, sdkOptions: { cloud_name: 'demo', private_cdn: true } },
      ],
      ['a host that is not listed', 'https://img.example.org/demo/image/upload/v1/a.jpg', null],
      [
        'a host that ends alike',
        'https://evil-res.cloudinary.com.example.org/demo/image/upload/v1/a.jpg',
        null,
      ],
      ['a host that contains ours', 'https://xres.cloudinary.com/demo/image/upload/v1/a.jpg', null],
      ['32 a path', '/uploads/a.png', null],
      ['another scheme', 'ftp://res.cloudinary.com/demo/image/upload/v1/a.jpg', null],
      ['the API', 'https://api.cloudinary.com/v1_1/demo/image/upload', null],
      ['upper case in the host', 'https://Res.Cloudinary.com/demo/image/upload/v1/a.jpg', 'not canonical'],
      ['upper case in the scheme', 'HTTPS://res.cloudinary.com/demo/image/upload/v1/a.jpg', 'not canonical'],
      ['a port', 'https://res.cloudinary.com:443/demo/image/upload/v1/a.jpg', 'not canonical'],
      ['a user', 'https://me@res.cloudinary.com/demo/image/upload/v1/a.jpg', 'not canonical'],
      [
        'a user that looks like us',
        'https://res.cloudinary.com@evil.example/demo/image/upload/v1/a.jpg',
        null,
      ],
      ['no scheme and no slashes', 'res.cloudinary.com/demo/image/upload/a', 'not canonical'],
      ['no public id', `${base}/image/upload/`, 'not canonical'],
      ['a version only', `${base}/image/upload/v1`, 'ambiguous'],
      ['an empty segment', `${base}/image/upload/v1/a//b.jpg`, 'not canonical'],
      ['a slash at the end', `${base}/image/upload/v1/a/`, 'not canonical'],
      ['23 a folder like a version', `${base}/image/upload/v1/v2/logo.jpg`, 'ambiguous'],
      ['no transformation before the version', `${base}/image/upload/blog/v5/hero.jpg`, 'ambiguous'],
      ['a folder or a transformation', `${base}/image/upload/u_2/blog/hero.jpg`, 'ambiguous'],
      ['an unknown transformation', `${base}/image/upload/zz_9/hero.jpg`, 'ambiguous'],
      ['a root path with a folder or a suffix', `${base}/v5/blog/hero.jpg`, 'ambiguous'],
      ['no suffix where one belongs', `${base}/images/v5/hero.jpg`, 'ambiguous'],
      ['dots', `${base}/image/upload/v1/../a.jpg`, 'unsafe'],
      ['escaped dots', `${base}/image/upload/v1/%2e%2e/a.jpg`, 'unsafe'],
      ['an escaped slash', `${base}/image/upload/v1/a%2Fb.jpg`, 'unsafe'],
      ['a broken escape', `${base}/image/upload/v1/a%zz.jpg`, 'unsafe'],
      ['escaped twice', `${base}/image/upload/v1/a%2520b.jpg`, 'unsafe'],
      ['a line break', `${base}/image/upload/v1/a%0Ab.jpg`, 'unsafe'],
      ['a forbidden character', `${base}/image/upload/v1/a+b.jpg`, 'unsafe'],
    ];
    for (const [shape, url, reason, options] of rows) {
      it(`${shape}: ${reason ?? 'not ours'}`, () => {
        const provider = demoProvider({}, options);
        expect(provider.identify(url)).to.equal(null);
        expect(provider.refusal(url)).to.equal(reason);
      });
    }
  });

  for (const { name, sdk } of sdks) {
    if (!sdk) {
      it.skip(`against ${name}, which is not installed`);
      continue;
    }
    it(`against ${name}: identify(cloudinary.url(asset)) is the asset, and one scan prefix finds the URL`, () => {
      holds(
        urlCases,
        (asset) => {
          const provider = demoProvider(distribution(asset.options));
          const url = urlOf(asset, sdk);
          const key = `demo/${asset.resourceType}/${asset.type}/${asset.publicId}`;
          expect(provider.identify(url)?.key, url).to.equal(key);
          const { scan = [] } = provider.forms({ provider: 'cloudinary', key });
          expect(
            scan.some((prefix) => url.startsWith(prefix)),
            url,
          ).to.equal(true);
        },
        1000,
      );
    });
  }

  describe('against the real SDK', () => {
    it('the assets a URL could mean hold the asset, and one scan prefix of the asset finds the URL', () => {
      holds(
        urlCases,
        (asset) => {
          const provider = demoProvider(distribution(asset.options));
          const url = urlOf(asset);
          const key = `demo/${asset.resourceType}/${asset.type}/${asset.publicId}`;
          expect(
            provider.possible(url).map((one) => one.key),
            url,
          ).to.include(key);
          const { scan = [] } = provider.forms({ provider: 'cloudinary', key });
          expect(
            scan.some((prefix) => url.startsWith(prefix)),
            url,
          ).to.equal(true);
        },
        1000,
      );
    });

    it('two assets never share a key', () => {
      holds(
        fc.tuple(urlCases, urlCases),
        ([a, b]) => {
          const [one, two] = [a, b].map(
            (asset) => demoProvider(distribution(asset.options)).identify(urlOf(asset))?.key,
          );
          const same = a.publicId === b.publicId && a.resourceType === b.resourceType && a.type === b.type;
          expect(one === two).to.equal(same);
        },
        1000,
      );
    });

    it('an ambiguous URL could mean each of its readings', () => {
      const could = (url: string) =>
        demoProvider()
          .possible(url)
          .map((one) => one.key);
      expect(could(`${base}/image/upload/u_2/blog/hero.jpg`)).to.include.members([
        'demo/image/upload/u_2/blog/hero',
        'demo/image/upload/blog/hero',
        'demo/image/upload/blog/hero.jpg',
      ]);
      expect(could(`${base}/v5/blog/hero.jpg`)).to.include.members([
        'demo/image/upload/blog/hero',
        'demo/image/upload/blog',
      ]);
      expect(could(`${base}/image/upload/v1/a%2Fb.jpg`)).to.include('demo/image/upload/a/b');
      expect(could('https://res.cloudinary.com/other/image/upload/v1/a.jpg')).to.deep.equal([]);
    });
  });

  it('reads what makes published parsers backtrack for seconds, and strings of a million characters', () => {
    const provider = demoProvider();
    const hostile = [
      `${base}/image/upload/${'a_b,'.repeat(26)}/v1/x y`,
      `${base}/image/upload/${'a_b/'.repeat(26)}v1/x y`,
      `${base}/image/upload/${'a_b/'.repeat(250_000)}x`,
      `${base}/image/upload/${'v1/'.repeat(300_000)}x`,
      `${base}/image/upload/s--${'-'.repeat(1_000_000)}`,
      `${base}/image/upload/${'a_b,'.repeat(250_000)}/x`,
      `${base}/image/upload/v1/${'%41'.repeat(300_000)}`,
      'x'.repeat(1_000_000),
      `${'s--'.repeat(300_000)}`,
      `https://${'a.'.repeat(500_000)}/`,
    ];
    for (const value of hostile) {
      provider.identify(value);
      expect(provider.possible(value).length).to.be.at.most(2000);
      provider.mask(value);
    }
  });
});
