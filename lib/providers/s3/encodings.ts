import { decodeOnce } from '../address.js';

/** Encodes to itself, but for its slashes; a tilde does not everywhere. */
const PLAIN = /^[\w./-]+$/;

/** How a key is written behind the address of its bucket. */
export interface Written {
  /** Its slashes stay: by the SDK, by `encodeURI`, by templates, and as `lib-storage` leaves what S3 answered. */
  readonly bySegment: readonly string[];
  /** Its slashes are `%2F`: S3's own answer to an upload in parts. */
  readonly asWhole: readonly string[];
}

/** Every spelling of a key that SDKs, S3 itself, templates and browsers write; each of them is read as that key. */
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

/** What an address may mean: a plus stands for itself, or for a space where S3 wrote it. */
export function decodingsOf(written: string): string[] {
  const plain = decodeOnce(written);
  if (!written.includes('+')) return [plain];
  return [...new Set([plain, decodeOnce(written.replaceAll('+', ' '))])];
}

/** Whether a `?` or `#` in it looks like a part of a name that nobody has encoded: an extension follows, and no value of a query. */
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

/** As `URLSearchParams` and servers after its model write it. */
function encodePlus(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

/** As S3 writes the `Location` of an upload in parts: a space is `+`, an asterisk stays, a tilde does not. */
function encodeForm(text: string): string {
  return encodeRfc3986(text).replaceAll('%20', '+').replaceAll('%2A', '*').replaceAll('~', '%7E');
}

/** As servers written in Go write a `Location`: MinIO a whole path, versitygw each of its names. */
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
