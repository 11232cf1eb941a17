import { calculateObjectSize, serialize } from 'bson';
import type { Document } from './values.js';
import { decode, setField } from './values.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const MAX_MESSAGE = 48_000_000;
export const MAX_DOCUMENT = 16 * 1024 * 1024;

/** A request as it came over the wire. */
export interface Request {
  id: number;
  command: Document;
  /** The handshake of every connection is still an OP_QUERY and wants an OP_REPLY. */
  legacy: boolean;
  replyWanted: boolean;
}

/** Cuts a stream of bytes into messages; a large one is put together only once. */
export class Framer {
  private chunks: Buffer[] = [];
  private length = 0;
  private needed = 4;

  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    if (this.length < this.needed) return [];
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const messages: Buffer[] = [];
    this.needed = 4;
    while (rest.length >= 4) {
      const size = rest.readInt32LE(0);
      if (size < 16 || size > MAX_MESSAGE) throw new Error(`a message of ${size} bytes`);
      if (rest.length < size) {
        this.needed = size;
        break;
      }
      messages.push(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    this.chunks = rest.length ? [rest] : [];
    this.length = rest.length;
    return messages;
  }
}

/** Throws on anything that is not a well formed request: the connection is then of no more use. */
export function parseRequest(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_QUERY) {
    const documentAt = message.indexOf(0, 20) + 9;
    return { id, command: decodeAt(message, documentAt), legacy: true, replyWanted: true };
  }
  if (opCode !== OP_MSG) throw new Error(`unknown opcode ${opCode}`);
  const flags = message.readUInt32LE(16);
  const end = flags & CHECKSUM_PRESENT ? message.length - 4 : message.length;
  return { id, command: parseSections(message, end), legacy: false, replyWanted: !(flags & MORE_TO_COME) };
}

function parseSections(message: Buffer, end: number): Document {
  let body: Document | undefined;
  const sequences: [string, Document[]][] = [];
  let at = 20;
  while (at < end) {
    const kind = message.readUInt8(at);
    const size = message.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new Error(`a section of ${size} bytes`);
    if (kind === 0) body = decodeAt(message, at + 1);
    else if (kind === 1) sequences.push(parseSequence(message, at + 5, at + 1 + size));
    else throw new Error(`unknown section kind ${kind}`);
    at += 1 + size;
  }
  if (!body) throw new Error('a message without a body');
  for (const [name, documents] of sequences) setField(body, name, documents);
  return body;
}

function parseSequence(message: Buffer, start: number, end: number): [string, Document[]] {
  const nameEnd = message.indexOf(0, start);
  if (nameEnd < 0 || nameEnd >= end) throw new Error('a document sequence without a name');
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < end; at += message.readInt32LE(at)) documents.push(decodeAt(message, at));
  return [message.toString('utf8', start, nameEnd), documents];
}

function decodeAt(message: Buffer, at: number): Document {
  const size = message.readInt32LE(at);
  if (size < 5 || at + size > message.length) throw new Error(`a document of ${size} bytes`);
  return decode(message.subarray(at, at + size));
}

let lastReplyId = 0;

export function encodeReply(request: Request, reply: Document): Buffer[] {
  const body = serialize(reply, { ignoreUndefined: true });
  const header = Buffer.alloc(request.legacy ? 36 : 21);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(++lastReplyId & 0x7fffffff, 4);
  header.writeInt32LE(request.id, 8);
  header.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    const awaitCapable = 8;
    header.writeInt32LE(awaitCapable, 16);
    header.writeInt32LE(1, 32);
  }
  return [header, Buffer.from(body.buffer, body.byteOffset, body.length)];
}

export function documentSize(document: Document): number {
  return calculateObjectSize(document, { ignoreUndefined: true });
}
