import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createBucket,
  deleteBucket,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './buckets.js';
import { readCall, type Call } from './call.js';
import { deleteObjects } from './deletes.js';
import { S3Error } from './errors.js';
import { Faults, play } from './faults.js';
import { listObjects } from './listing.js';
import { abortUpload, completeUpload, createUpload, uploadPart } from './multipart.js';
import { deleteObject, getObject, putObject } from './objects.js';
import { operationOf, type Operation } from './operations.js';
import { checkSignature, type Realm } from './signature.js';
import { listVersions } from './versions.js';
import { World, type Answer } from './world.js';
import { xml } from './xml.js';

/** A request as it came. */
export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly operation: Operation;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

const OPERATIONS: Readonly<Record<Operation, (call: Call, world: World) => Answer>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  PutBucketVersioning: putBucketVersioning,
  GetBucketVersioning: getBucketVersioning,
  ListObjectsV2: listObjects,
  ListObjectVersions: listVersions,
  DeleteObjects: deleteObjects,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
};

/** An S3 on the loopback interface, in memory. Every request must be signed; point a client at it with `endpoint` and `forcePathStyle`. */
export class LocalS3Server {
  readonly world = new World();
  readonly faults = new Faults();
  readonly seen: Seen[] = [];
  /** Called when a request has come, before it is answered. */
  onRequest: (seen: Seen) => Promise<void> | void = () => {};
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  constructor(readonly realm: Realm) {}

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(await readCall(request), request, response);
    } catch (error) {
      // a client that hangs up while it sends has nobody to answer to
      if (request.destroyed && !request.complete) return;
      send(response, errorAnswer(error), request.method);
    }
  }

  async #answer(call: Call, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(call);
    const { method, key, headers } = call;
    const seen = { method, path: request.url ?? '', operation, key, headers };
    this.seen.push(seen);
    await this.onRequest(seen);
    const fault = this.faults.take(operation, key);
    if (fault !== undefined && fault.code !== 'done but reset') {
      if (play(fault, response)) return;
      throw new S3Error(fault.code, fault.status ?? 503);
    }
    checkSignature(call, this.realm);
    const answer = OPERATIONS[operation](call, this.world);
    if (fault === undefined || !play(fault, response)) send(response, answer, method);
  }
}

function errorAnswer(error: unknown): Answer {
  const known = error instanceof S3Error ? error : new S3Error('InternalError', 500, String(error));
  const body = xml('Error', { Code: known.code, Message: known.message, RequestId: 'LOCAL' });
  return { status: known.status, headers: known.headers, body };
}

function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: Answer,
  method: string | undefined,
): void {
  const isXml = typeof body === 'string' && body !== '';
  const content = isXml ? Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`) : Buffer.from(body);
  const empty = method === 'HEAD' || status === 204 || status === 304;
  response.writeHead(status, {
    'x-amz-request-id': 'LOCAL',
    ...(isXml ? { 'content-type': 'application/xml' } : {}),
    ...(empty ? {} : { 'content-length': String(content.length) }),
    ...headers,
  });
  response.end(empty ? undefined : content);
}
