import { createHash, createHmac } from 'node:crypto';
import type { Call } from './call.js';

/** What a signature of version 4 says about itself. */
export interface Claim {
  readonly accessKeyId: string;
  /** `20261126` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `20261126T101500Z` */
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** The hash of the body that was signed, or what stands for it. */
  readonly payload: string;
}

/** The signature that a call with this claim must have. */
export function signatureOf(call: Call, claim: Claim, secret: string): string {
  const { day, region, service, date } = claim;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(call, claim))].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    Buffer.from(`AWS4${secret}`),
  );
  return hmac(key, text).toString('hex');
}

/** The text whose hash is signed. S3 encodes a path once, and leaves `//`, `.` and `..` alone. */
export function canonicalRequest(call: Call, { signedHeaders, payload }: Claim): string {
  const path = call.path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  const query = call.query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const headers = signedHeaders.map(
    (name) => `${name}:${(call.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [call.method, path, query.join('&'), headers.join(''), signedHeaders.join(';'), payload].join('\n');
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Everything but letters, digits, `-`, `.`, `_` and `~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
