import { uploadResultOf } from '../providers/upload-result.js';

/** What a value seems to be. */
export type Likeness = 'a file' | 'an upload result' | 'a text with images';

const IMAGE = 'png|jpe?g|jfif|gif|webp|avif|svg|bmp|tiff?|hei[cf]|ico|jxl';

/** A path or an address that ends in the extension of an image, with an optional query or fragment. */
const PATH = new RegExp(`^[^\\n\\r<>"]{1,2000}\\.(?:${IMAGE})(?:[?#][^\\n\\r<>"\\s]*)?$`, 'i');
/** Images in HTML, Markdown and CSS. */
const IN_TEXT = new RegExp(
  `<(?:img|source|image|video)\\b[^<>]{0,2000}?\\b(?:src|srcset|href|poster)\\s*=|!\\[[^\\]\\n]{0,500}\\]\\([^)\\s]|\\burl\\([^)\\n]{1,500}\\.(?:${IMAGE})`,
  'i',
);
/** How many characters of a text are read. */
const MOST = 100_000;

/** Recognises strings and objects that an app would show as images. */
export function likenessOf(value: unknown): Likeness | null {
  if (typeof value === 'string') {
    if (PATH.test(value.trim())) return 'a file';
    return IN_TEXT.test(value.slice(0, MOST)) ? 'a text with images' : null;
  }
  return isUploadResult(value) ? 'an upload result' : null;
}

/**
 * Whether an object is a result of multer, multer-s3 or Cloudinary: the name of a file beside fields that only uploads
 * have.
 */
function isUploadResult(value: unknown): boolean {
  const result = uploadResultOf(value);
  if (!result) return false;
  const { publicIds, filename, destination, addresses } = result;
  if (publicIds.some((id) => typeof id === 'string' && id !== '')) return true;
  if (filename !== null && (destination !== null || addresses.path !== undefined)) return true;
  const { path, url, secure_url, location } = addresses;
  return [path, url, secure_url, location].some((one) => one !== undefined && PATH.test(one));
}
