import { objectIdOf } from '../providers/stored-value.js';
import type { FoundImages } from './found-images.js';
import { addressesInSrcset } from './srcset.js';

/**
 * Adds the strings of an editor's document at any depth, under any name, and those of nested JSON texts. Returns
 * `false` if the value is not one.
 */
export function readJson(value: unknown, found: FoundImages): boolean {
  const whole = typeof value === 'string' ? parsed(value) : value;
  const open: unknown[] = [whole];
  const seen = new Set<unknown>();
  while (open.length > 0 && !found.isFull) {
    const node = open.pop();
    // an object that was created here, and not read from MongoDB, may contain itself
    if (typeof node === 'object' && node !== null) {
      if (seen.has(node)) continue;
      seen.add(node);
    }
    if (typeof node === 'string') found.guess(node);
    else if (Array.isArray(node)) pushAll(open, node);
    else if (node instanceof Map) pushAll(open, node.values());
    else if (typeof node !== 'object' || node === null) continue;
    else if (objectIdOf(node) !== null) found.addScalar(node);
    else if (!('_bsontype' in node) && !ArrayBuffer.isView(node)) {
      for (const [key, inner] of Object.entries(node)) {
        if (typeof inner === 'string' && /srcset$/i.test(key)) addSrcset(inner, found);
        else open.push(inner);
      }
    }
  }
  return whole !== undefined;
}

/** Editors use the same name as HTML. */
function addSrcset(srcset: string, found: FoundImages): void {
  for (const address of addressesInSrcset(srcset)) found.add(address);
}

/** A text that is not JSON contains nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A spread of 100,000 arguments would be too large. */
function pushAll(open: unknown[], values: Iterable<unknown>): void {
  for (const value of values) open.push(value);
}
