import { uploadResultOf } from '../providers/upload-result.js';

/** What a value seems to be. */
export type Likeness = 'a file' | 'an upload result' | 'a text with images';

const IMAGE = 'png|jpe?g|jfif|gif|webp|avif|svg|bmp|tiff?|hei[cf]|ico|jxl';

/** A path or an address that ends in the extension of an image, a query or a fragment behind it. */
const PATH = new RegExp(`^[^\\n\\r<>"]{1,2000}\\.(?:${IMAGE})(?:[?#][^\\n\\r<>"\\s]*)?$`, 'i');
/** Images of HTML, of Markdown, and of CSS. */
const IN_TEXT = new RegExp(
  `<(?:img|source|image|video)\\b[^<>]{0,2000}?\\b(?:src|srcset|href|poster)\\s*=|!\\[[^\\]\\n]{0,500}\\]\\([^)\\s]|\\burl\\([^)\\n]{1,500}\\.(?:${IMAGE})`,
  'i',
);
/** A text is read so far. */
const MOST = 100_000;

/** Strings and objects that an app would show as an image. */
export function likenessOf(value: unknown): Likeness | null {
  if (typeof value === 'string') {
    if (PATH.test(value.trim())) return 'a file';
    return IN_TEXT.test(value.slice(0, MOST)) ? 'a text with images' : null;
  }
  return isUploadResult(value) ? 'an upload result' : null;
}

/** Multer's, multer-s3's, Cloudinary's: a name of a file with what only uploads write beside it. */
function isUploadResult(value: unknown): boolean {
  const result = uploadResultOf(value);
  if (!result) return false;
  const { publicIds, filename, destination, addresses } = result;
  if (publicIds.some((id) => typeof id === 'string' && id !== '')) return true;
  if (filename !== null && (destination !== null || addresses.path !== undefined)) return true;
  const { path, url, secure_url, location } = addresses;
  return [path, url, secure_url, location].some((one) => one !== undefined && PATH.test(one));
}
