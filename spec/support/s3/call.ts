import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.js';

/** A request to S3, taken apart but not yet believed. */
export interface Call {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** Decoded, in the order in which they were sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly key: string;
  /** As it was sent. */
  readonly body: Buffer;
}

/** Takes a request apart. The bucket is the first part of the path or of the host (`bucket.s3.example`, `bucket.localhost`). */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const body = Buffer.concat(await request.toArray());
  const [path = '/', ...rest] = (request.url ?? '/').split('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const query = rest
    .join('?')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pairOf(pair));
  return {
    method: request.method ?? '',
    path,
    query,
    headers,
    body,
    ...placeOf(path, headers['host'] ?? ''),
  };
}

/** The value of a parameter; `undefined` where it was not sent. */
export function parameter(call: Call, name: string): string | undefined {
  return call.query.find(([one]) => one === name)?.[1];
}

function pairOf(pair: string): [string, string] {
  const at = pair.indexOf('=');
  const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))];
}

function placeOf(path: string, host: string): { bucket: string; key: string } {
  const hosted = /^([a-z0-9][a-z0-9.-]*?)\.(?:s3[.-]|localhost(?::|$))/.exec(host)?.[1];
  const parts = decode(path).slice(1);
  if (hosted !== undefined) return { bucket: hosted, key: parts };
  const slash = parts.indexOf('/');
  return slash === -1
    ? { bucket: parts, key: '' }
    : { bucket: parts.slice(0, slash), key: parts.slice(slash + 1) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}
