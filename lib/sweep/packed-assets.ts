import type { FileDetails } from './report.js';

const CHUNK = 1 << 18;
/** The length of the shared part, the length of the rest, and whether details follow. */
const HEAD = 5;
const DETAILS = 16;
const MOST_SHARED = 0xffff;

export interface PackedAsset {
  readonly key: string;
  readonly details: FileDetails | undefined;
}

/**
 * Keys in the order of a listing, stored outside of the heap. Each key takes 5 bytes and the part in which it differs
 * from the key before it, and 16 more bytes with size and time.
 */
export class PackedAssets {
  readonly #chunks: { bytes: Buffer; used: number }[] = [];
  #previous = '';
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(key: string, details?: FileDetails): void {
    const shared = sharedLength(this.#previous, key);
    const most = HEAD + DETAILS + key.length * 3;
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.used + most > chunk.bytes.length) {
      chunk = { bytes: Buffer.allocUnsafeSlow(Math.max(CHUNK, most)), used: 0 };
      this.#chunks.push(chunk);
    }
    const { bytes, used } = chunk;
    const written = bytes.write(shared === 0 ? key : key.slice(shared), used + HEAD);
    bytes.writeUInt16LE(shared, used);
    bytes.writeUInt16LE(written, used + 2);
    bytes[used + 4] = details ? 1 : 0;
    chunk.used = used + HEAD + written;
    if (details) {
      bytes.writeDoubleLE(details.size, chunk.used);
      bytes.writeDoubleLE(details.modifiedAt.getTime(), chunk.used + 8);
      chunk.used += DETAILS;
    }
    this.#previous = key;
    this.#length++;
  }

  *[Symbol.iterator](): Generator<PackedAsset> {
    let previous = '';
    for (const { bytes, used } of this.#chunks) {
      for (let at = 0; at < used;) {
        const rest = at + HEAD + bytes.readUInt16LE(at + 2);
        const key = previous.slice(0, bytes.readUInt16LE(at)) + bytes.toString('utf8', at + HEAD, rest);
        const details =
          bytes[at + 4] === 1
            ? { size: bytes.readDoubleLE(rest), modifiedAt: new Date(bytes.readDoubleLE(rest + 8)) }
            : undefined;
        at = rest + (details ? DETAILS : 0);
        previous = key;
        yield { key, details };
      }
    }
  }
}

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length, MOST_SHARED);
  let shared = 0;
  while (shared < most && one.charCodeAt(shared) === other.charCodeAt(shared)) shared++;
  // never cut between the two halves of a character
  const last = other.charCodeAt(shared - 1);
  return last >= 0xd800 && last <= 0xdbff ? shared - 1 : shared;
}
