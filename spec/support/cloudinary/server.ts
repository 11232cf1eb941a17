import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { play } from './faults.js';
import type { Fault } from './faults.js';
import { multipartFields } from './multipart.js';
import { isSigned, stringToSign } from './signature.js';
import { Store } from './store.js';
import type { StoredResource } from './store.js';

export interface Account {
  readonly cloud: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

export const demo: Account = { cloud: 'demo', apiKey: 'key-123456789', apiSecret: 'secret-ABCdef' };

type Answer = readonly [status: number, body: object, headers?: Record<string, string>];

const refuse = (status: number, message: string): Answer => [status, { error: { message } }];

/**
 * A Cloudinary on the loopback interface: uploads, `destroy`, `delete_resources` and listings of one account, with signatures and credentials
 * checked. Point the real SDK at it with `upload_prefix` and an `http.Agent`.
 */
export class CloudinaryServer {
  readonly store = new Store();
  readonly seen: Seen[] = [];
  /** Requests get no answer before this is resolved. */
  gate: Promise<void> = Promise.resolve();
  /** Called when a request has come, before it is answered. */
  onRequest: (seen: Seen) => void = () => {};
  /** Admin requests until the hourly limit. */
  adminLimit = Infinity;
  readonly #faults: Fault[] = [];
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  constructor(readonly account: Account = demo) {}

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // The SDK leaves answers of unexpected statuses unread, and their sockets open.
    this.#server.closeAllConnections();
    await closed;
  }

  get uploadPrefix(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections open at this time. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  failNext(count: number, fault: Fault): void {
    for (let i = 0; i < count; i++) this.#faults.push(fault);
  }

  reset(): void {
    this.#faults.length = 0;
    this.seen.length = 0;
    this.adminLimit = Infinity;
    this.gate = Promise.resolve();
    this.onRequest = () => {};
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const url = new URL(request.url ?? '/', this.uploadPrefix);
    const seen = { method: request.method ?? '', path: url.pathname, fields: fieldsOf(request, url, body) };
    this.seen.push(seen);
    this.onRequest(seen);
    await this.gate;
    const fault = this.#faults.shift();
    if (play(fault, response)) return;
    const [status, answer, headers = {}] = this.#answer(seen, request, fault === 'half');
    if (fault === 'done but reset') return void response.socket?.resetAndDestroy();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(answer));
  }

  #answer(seen: Seen, request: IncomingMessage, half: boolean): Answer {
    const [version, cloud, ...rest] = seen.path.split('/').slice(1).map(decodeURIComponent);
    if (version !== 'v1_1') return refuse(404, 'unknown path');
    if (cloud !== this.account.cloud) return refuse(401, 'cloud_name mismatch');
    if (rest[0] === 'resources') return this.#admin(seen, request, rest.slice(1), half);
    const [resourceType = '', action] = rest;
    const refused = this.#refusedUpload(seen.fields, request);
    if (refused) return refused;
    if (action === 'destroy') return this.#destroy(seen.fields, resourceType);
    return action === 'upload' ? this.#upload(seen.fields, resourceType) : refuse(404, 'unknown action');
  }

  #refusedUpload(fields: Seen['fields'], request: IncomingMessage): Answer | null {
    if (request.headers.authorization === `Bearer ${this.account.apiSecret}`) return null;
    const [signature, apiKey, timestamp] = ['signature', 'api_key', 'timestamp'].map(
      (name) => fields.get(name)?.[0],
    );
    if (!signature) return refuse(400, 'Missing required parameter - signature');
    if (!apiKey) return refuse(400, 'Missing required parameter - api_key');
    if (apiKey !== this.account.apiKey) return refuse(401, `Unknown API key ${apiKey}`);
    const text = stringToSign(fields);
    if (!isSigned(text, this.account.apiSecret, signature)) {
      return refuse(401, `Invalid Signature ${signature}. String to sign - '${text}'.`);
    }
    const age = Date.now() / 1000 - Number(timestamp);
    if (!(Math.abs(age) < 3600)) {
      const when = new Date(Number(timestamp) * 1000).toISOString().replace('T', ' ').slice(0, 19);
      return refuse(400, `Stale request - reported time is ${when} +0000 which is more than 1 hour ago`);
    }
    return null;
  }

  #destroy(fields: Seen['fields'], resourceType: string): Answer {
    const publicId = fields.get('public_id')?.[0];
    if (!publicId) return refuse(400, 'Missing required parameter - public_id');
    const removed = this.store.remove(resourceType, fields.get('type')?.[0] ?? 'upload', publicId);
    return [200, { result: removed ? 'ok' : 'not found' }];
  }

  #upload(fields: Seen['fields'], resourceType: string): Answer {
    const file = fields.get('file')?.[0];
    if (file === undefined) return refuse(400, 'Missing required parameter - file');
    const publicId = fields.get('public_id')?.[0] ?? randomBytes(10).toString('hex');
    const format = fields.get('format')?.[0] ?? (resourceType === 'video' ? 'mp4' : 'jpg');
    const type = fields.get('type')?.[0] ?? 'upload';
    return [200, this.uploadResult(this.store.put(resourceType, type, publicId, format, file.length))];
  }

  /** What an upload answers. */
  uploadResult(resource: StoredResource) {
    const { resource_type, type, public_id, version, format } = resource;
    const extension = resource_type === 'raw' ? '' : `.${format}`;
    const id = public_id.split('/').map(encodeURIComponent).join('/');
    const path = `${this.account.cloud}/${resource_type}/${type}/v${version}/${id}${extension}`;
    const urls = {
      url: `http://res.cloudinary.com/${path}`,
      secure_url: `https://res.cloudinary.com/${path}`,
    };
    return { ...resource, ...urls, signature: randomBytes(20).toString('hex'), api_key: this.account.apiKey };
  }

  #admin({ method, fields }: Seen, request: IncomingMessage, path: readonly string[], half: boolean): Answer {
    const { apiKey, apiSecret } = this.account;
    const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
    if (request.headers.authorization !== basic && request.headers.authorization !== `Bearer ${apiSecret}`) {
      return refuse(401, 'Invalid credentials');
    }
    if (this.adminLimit <= 0) {
      return refuse(
        420,
        'Rate Limit Exceeded. Limit of 500 api operations reached. Try again on 2031-10-04 14:00:00 UTC',
      );
    }
    this.adminLimit--;
    const headers = {
      'X-FeatureRateLimit-Limit': '500',
      'X-FeatureRateLimit-Remaining': String(Math.min(this.adminLimit, 499)),
      'X-FeatureRateLimit-Reset': 'Sat, 04 Oct 2031 14:00:00 GMT',
    };
    const [resourceType = '', type] = path;
    if (method === 'DELETE')
      return this.#deleteResources(fields, resourceType, type ?? 'upload', half, headers);
    const cursor = fields.get('next_cursor')?.[0];
    const after = cursor === undefined ? null : Buffer.from(cursor, 'hex').toString();
    const max = Math.min(Number(fields.get('max_results')?.[0] ?? 10), 500);
    return [200, this.store.page(resourceType, type, fields.get('prefix')?.[0] ?? '', max, after), headers];
  }

  #deleteResources(
    fields: Seen['fields'],
    resourceType: string,
    type: string,
    half: boolean,
    headers: Record<string, string>,
  ): Answer {
    const ids = (fields.get('public_ids[]') ?? []).filter((id) => id !== '');
    if (ids.length === 0) return refuse(400, 'Missing required parameter - public_ids');
    if (ids.length > 100) return refuse(400, 'Maximum allowed public_ids is 100');
    const done = half ? ids.slice(0, Math.ceil(ids.length / 2)) : ids;
    const deleted = done.map((id) => [
      id,
      this.store.remove(resourceType, type, id) ? 'deleted' : 'not_found',
    ]);
    return [200, { deleted: Object.fromEntries(deleted), partial: half }, headers];
  }
}

function fieldsOf(request: IncomingMessage, url: URL, body: Buffer): Map<string, string[]> {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/')) return multipartFields(body, type);
  const fields = new Map<string, string[]>();
  const pairs = [
    ...url.searchParams,
    ...new URLSearchParams(request.method === 'GET' ? '' : body.toString()),
  ];
  for (const [name, value] of pairs) fields.set(name, [...(fields.get(name) ?? []), value]);
  return fields;
}
