import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Call } from './call.js';
import { notImplemented, S3Error } from './errors.js';

/** The content of a request: unpacked where it came in chunks, and compared with every checksum that was sent. */
export interface Payload {
  readonly content: Buffer;
  /** `x-amz-checksum-…`, of the headers or behind the last chunk. */
  readonly checksums: Readonly<Record<string, string>>;
}

export function payloadOf(call: Call): Payload {
  const kind = call.headers['x-amz-content-sha256'] ?? '';
  const { content, trailers } = kind.startsWith('STREAMING-')
    ? unchunk(call, kind)
    : { content: call.body, trailers: {} };
  const checksums: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...call.headers, ...trailers })) {
    if (
      !name.startsWith('x-amz-checksum-') ||
      name === 'x-amz-checksum-type' ||
      name === 'x-amz-checksum-algorithm'
    )
      continue;
    if (checksum(name.slice('x-amz-checksum-'.length), content) !== value) {
      throw new S3Error('BadDigest', 400, `The value of ${name} did not match the content`);
    }
    checksums[name] = value;
  }
  const md5 = call.headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(content).digest('base64')) {
    throw new S3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.');
  }
  return { content, checksums };
}

/** What SDKs send of a stream: `size in hexadecimal`, content, …, `0`, then headers that could not be known before. */
function unchunk(call: Call, kind: string): { content: Buffer; trailers: Record<string, string> } {
  if (kind !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') throw notImplemented(`bodies of the kind ${kind}`);
  const parts: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = call.body.indexOf('\r\n', at);
    if (end === -1) throw new S3Error('IncompleteBody', 400, 'The request body terminated unexpectedly');
    const text = call.body.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const size = parseInt(line(), 16);
    if (!(size >= 0)) throw new S3Error('InvalidChunkSizeError', 400, 'A chunk has no size');
    if (size === 0) break;
    parts.push(call.body.subarray(at, at + size));
    at += size;
    if (line() !== '') throw new S3Error('IncompleteBody', 400, 'A chunk is longer than its size');
  }
  const trailers: Record<string, string> = {};
  for (let text = line(); text !== ''; text = line()) {
    const colon = text.indexOf(':');
    trailers[text.slice(0, colon).toLowerCase()] = text.slice(colon + 1).trim();
  }
  const content = Buffer.concat(parts);
  if (content.length !== Number(call.headers['x-amz-decoded-content-length'] ?? content.length)) {
    throw new S3Error('IncompleteBody', 400, 'x-amz-decoded-content-length is not the length of the content');
  }
  return { content, trailers };
}

function checksum(algorithm: string, content: Buffer): string {
  if (algorithm === 'crc32') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(content));
    return bytes.toString('base64');
  }
  if (algorithm !== 'sha1' && algorithm !== 'sha256') throw notImplemented(`checksums by ${algorithm}`);
  return createHash(algorithm).update(content).digest('base64');
}
