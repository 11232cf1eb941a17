import { folded } from '../usage/names.js';
import { identityOf, type Reading } from '../usage/meaning.js';

const EMPTY = 0;
const KNOWN = 1;
const MARKED = 2;

/**
 * A set of texts with a mark each, stored as 64-bit hashes: about 18 bytes per text, whatever its length. Two texts
 * with the same hash count as equal. In a sweep, this can keep a file too many, but never removes one.
 */
export class KeyTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #state = new Uint8Array(1024);
  #size = 0;
  #marked = 0;

  get size(): number {
    return this.#size;
  }

  get marked(): number {
    return this.#marked;
  }

  add(text: string): void {
    hash(text);
    const slot = this.#slotOf(low, high);
    if (this.#state[slot] !== EMPTY) return;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#state[slot] = KNOWN;
    this.#size++;
    if (this.#size > this.#state.length * 0.7) this.#grow();
  }

  has(text: string): boolean {
    hash(text);
    return this.#state[this.#slotOf(low, high)] !== EMPTY;
  }

  /** Returns `false` if the text is not in the table. */
  mark(text: string): boolean {
    hash(text);
    const slot = this.#slotOf(low, high);
    if (this.#state[slot] === EMPTY) return false;
    if (this.#state[slot] === KNOWN) this.#marked++;
    this.#state[slot] = MARKED;
    return true;
  }

  isMarked(text: string): boolean {
    hash(text);
    return this.#state[this.#slotOf(low, high)] === MARKED;
  }

  /** The slot of these hashes, or the free slot where they would be stored. */
  #slotOf(lowHash: number, highHash: number): number {
    const mask = this.#state.length - 1;
    let slot = lowHash & mask;
    while (this.#state[slot] !== EMPTY && (this.#low[slot] !== lowHash || this.#high[slot] !== highHash)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [lows, highs, states] = [this.#low, this.#high, this.#state];
    this.#low = new Uint32Array(lows.length * 2);
    this.#high = new Uint32Array(lows.length * 2);
    this.#state = new Uint8Array(lows.length * 2);
    for (let old = 0; old < states.length; old++) {
      if (states[old] === EMPTY) continue;
      const slot = this.#slotOf(lows[old]!, highs[old]!);
      this.#low[slot] = lows[old]!;
      this.#high[slot] = highs[old]!;
      this.#state[slot] = states[old]!;
    }
  }
}

/**
 * The key by which assets are compared. On many disks `A.png` is `a.png`, and one letter has two Unicode forms. Names
 * that differ only in this count as equal, so that neither file is removed while the other is used.
 */
export function comparableKey(reading: Reading): string {
  return folded(identityOf(reading));
}

let low = 0;
let high = 0;

/**
 * Computes the 64 bits of cyrb53 (public domain, by bryc) and stores them in `low` and `high`; pairs as results would
 * create millions of objects.
 */
function hash(text: string): void {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  low = one >>> 0;
  high = two >>> 0;
}
