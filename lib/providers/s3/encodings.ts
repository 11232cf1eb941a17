import { decodeOnce } from '../address.js';

/** A key that all encoders leave unchanged, apart from its slashes. Some encode a tilde. */
const PLAIN = /^[\w./-]+$/;

/** How a key is written after the address of its bucket. */
export interface Written {
  /** With its slashes unchanged: by the SDK, by `encodeURI`, by templates, and in results of `lib-storage`. */
  readonly bySegment: readonly string[];
  /** With its slashes as `%2F`: in S3's own answer to a multipart upload. */
  readonly asWhole: readonly string[];
}

/** Every spelling of a key that SDKs, S3 itself, templates and browsers write. Each of them is read as that key. */
export function writingsOf(key: string): Written {
  if (PLAIN.test(key))
    return { bySegment: [key], asWhole: key.includes('/') ? [key.replaceAll('/', '%2F')] : [] };
  const isRight = (text: string): boolean => !/[?#]/.test(text) && decodingsOf(text).includes(key);
  const bySegment = [
    key,
    encodeURI(key),
    ...BY_NAME.map((encode) => key.split('/').map(encode).join('/')),
    ...byUrl(key),
  ].filter(isRight);
  const asWhole = [encodeURIComponent, encodeRfc3986, encodeForm]
    .map((encode) => encode(key))
    .filter(isRight);
  return {
    bySegment: [...new Set(bySegment)],
    asWhole: [...new Set(asWhole)].filter((one) => !bySegment.includes(one)),
  };
}

/** What an address may mean: a plus is a plus, or a space if S3 wrote it. */
export function decodingsOf(written: string): string[] {
  const plain = decodeOnce(written);
  if (!written.includes('+')) return [plain];
  return [...new Set([plain, decodeOnce(written.replaceAll('+', ' '))])];
}

/**
 * Whether a `?` or `#` looks like a part of a name that was not encoded: an extension follows, and not the value of a
 * query.
 */
export function mayGoOn(written: string): boolean {
  const end = written.search(/[?#]/);
  return end !== -1 && written.includes('.', end) && !written.includes('=', end);
}

/** As the SDK writes paths. */
function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** As `URLSearchParams` writes it, and servers that follow its rules. */
function encodePlus(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

/** As S3 writes the `Location` of a multipart upload: a space is `+`, an asterisk stays, a tilde is encoded. */
function encodeForm(text: string): string {
  return encodeRfc3986(text).replaceAll('%20', '+').replaceAll('%2A', '*').replaceAll('~', '%7E');
}

/** As servers written in Go write a `Location`: MinIO the whole path, versitygw each segment. */
function encodeGo(text: string): string {
  return encodeRfc3986(text).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

function encodeGoName(text: string): string {
  return encodeRfc3986(text).replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent);
}

const BY_NAME = [encodeURIComponent, encodeRfc3986, encodeForm, encodePlus, encodeGo, encodeGoName];

/** As `new URL()` and the address bar of a browser write a path. */
function byUrl(key: string): string[] {
  const url = new URL('http://localhost');
  url.pathname = `/${key}`;
  return [url.pathname.slice(1)];
}
