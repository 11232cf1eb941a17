import { v2 } from 'cloudinary';
import fc from 'fast-check';

/** An asset as an app names it to `cloudinary.url()`. */
export interface UrlCase {
  readonly publicId: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly resourceType: 'image' | 'video' | 'raw';
  readonly type: 'upload' | 'private' | 'authenticated';
}

const letters = [...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-.,:;=@$!*()\'~ |^`{}[]"'];
const foreign = [...'éßжйяשלوم日本語漢字😀🏔️ñøÅ'];
const segment = fc
  .string({ unit: fc.constantFrom(...letters, ...letters, ...foreign), minLength: 1, maxLength: 12 })
  .map((text) => text.trim())
  .filter((text) => text !== '' && !/^\.+$/.test(text) && !/^v\d+$/.test(text));
// Names that look like something else of a URL: a transformation, a signature, a type, a version.
const trap = fc.constantFrom(
  ...[
    'w_100',
    'u_2',
    't_shirt',
    's--abcd1234--',
    'image',
    'upload',
    'images',
    'files',
    'iu',
    'v',
    'v1.2',
    'v2b',
    'demo',
  ],
  ...['16_www.site.com', 'if_end', '$w_1', 'raw', 'c_fill,w_1', 'cv.final'],
);
const name = fc.oneof({ weight: 4, arbitrary: segment }, { weight: 1, arbitrary: trap });

const transformation = fc.constantFrom<readonly object[] | undefined>(
  undefined,
  [{ width: 100, crop: 'fill' }],
  [{ width: 100, height: 50, crop: 'fill', gravity: 'face' }, { effect: 'sepia' }],
  [{ transformation: ['named_one'] }],
  [{ fetch_format: 'auto', quality: 'auto' }, { transformation: ['media lib'] }],
  [{ overlay: { text: 'Hi, you/me? #1', font_family: 'Arial', font_size: 12 } }, { flags: 'layer_apply' }],
  [
    { overlay: 'folder:logo.v2', width: 20 },
    { flags: 'layer_apply', gravity: 'north_east' },
  ],
  [{ variables: [['$w', 100]] }, { if: 'w_gt_$w' }, { width: '$w', crop: 'scale' }, { if: 'end' }],
  [{ raw_transformation: 'c_scale,w_10/e_blur:300/f_auto' }],
  [{ start_offset: '10', video_codec: 'h265', duration: 5 }],
);

const host = fc.constantFrom<Readonly<Record<string, unknown>>>(
  {},
  { secure: false },
  { cdn_subdomain: true },
  { secure: false, cdn_subdomain: true },
  { private_cdn: true },
  { private_cdn: true, secure: false },
  { private_cdn: true, secure: false, cdn_subdomain: true },
  { private_cdn: true, secure_cdn_subdomain: true },
  { secure_distribution: 'images.example.com' },
  { secure_distribution: 'images.example.com', private_cdn: true },
  { secure: false, cname: 'cdn.example.com' },
  { secure: false, cname: 'cdn.example.com', private_cdn: true, cdn_subdomain: true },
  { secure_distribution: 'cloudinary-a.akamaihd.net' },
);

const kinds = (['image', 'video', 'raw'] as const).flatMap((resourceType) =>
  (['upload', 'private', 'authenticated'] as const).map((type) => ({ resourceType, type })),
);

const signed = fc.constantFrom(
  {},
  { sign_url: true, api_secret: 'abc' },
  { sign_url: true, api_secret: 'abc', long_url_signature: true },
  { sign_url: true, api_secret: 'abc', signature_algorithm: 'sha256' },
);

/** Assets, and the ways in which the SDK writes their URLs. Left out are only those that the SDK writes ambiguously: `isAmbiguous`. */
export const urlCases: fc.Arbitrary<UrlCase> = fc
  .record({
    segments: fc.array(name, { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom(...kinds),
    transformation,
    host,
    signed,
    version: fc.option(fc.integer({ min: 1, max: 9_999_999_999 }), { nil: undefined }),
    format: fc.constantFrom('jpg', 'png', 'webp', 'mp4', 'JPG', 'pdf', undefined),
    suffix: fc.constantFrom(undefined, undefined, 'my-hero', 'a_b'),
    shorten: fc.boolean(),
    analytics: fc.boolean(),
  })
  .map(({ segments, kind, host: at, signed: signature, version, transformation: steps, ...rest }) => {
    const publicId = segments.join('/');
    const { resourceType, type } = kind;
    const seo = rest.suffix !== undefined && (resourceType === 'image' || type === 'upload');
    const options = {
      ...{ cloud_name: 'demo', resource_type: resourceType, type, ...at, ...signature },
      ...(version !== undefined && { version }),
      ...(steps && { transformation: steps }),
      ...(resourceType !== 'raw' && rest.format && { format: rest.format }),
      ...(seo && { url_suffix: rest.suffix }),
      ...(rest.shorten && !seo && { shorten: true }),
      urlAnalytics: rest.analytics,
    };
    return { publicId, options, resourceType, type };
  })
  .filter((one) => one.publicId.length <= 200 && !isAmbiguous(one));

/** What the SDK writes so that nobody, Cloudinary included, could read it back. */
export function isAmbiguous({ publicId, options, resourceType }: UrlCase): boolean {
  const last = publicId.slice(publicId.lastIndexOf('/') + 1);
  const unversioned = options['version'] === undefined && !publicId.includes('/');
  // Without a version, an id such as `w_100` before an SEO suffix stands where a transformation would.
  if (unversioned && options['url_suffix'] && (/^([a-z]{1,3}_|\$)/.test(publicId) || /^s--/.test(publicId)))
    return true;
  if (unversioned && /^s--/.test(publicId)) return true;
  // The SDK leaves the version away where the id begins with `v` and a digit; a folder then follows the transformations directly.
  if (options['version'] === undefined && /^v\d/.test(publicId) && publicId.includes('/')) return true;
  // An id that ends in `.jpg`, written without a format, reads as the format.
  return (
    resourceType !== 'raw' && !options['format'] && !options['url_suffix'] && /\.[A-Za-z0-9]+$/.test(last)
  );
}

export function urlOf({ publicId, options }: UrlCase, sdk: Pick<typeof v2, 'url'> = v2): string {
  // The SDK decodes an id before it encodes it, and takes what it reads out of the options.
  return sdk.url(publicId, structuredClone(options));
}
