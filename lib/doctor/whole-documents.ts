import type { Schema } from 'mongoose';
import { likenessOf } from './looks-like-file.js';

/** A string or an upload result in a document, and its path: without array indexes, and with `$*` for keys of Maps. */
export interface Placed {
  readonly path: string;
  readonly value: unknown;
}

const MOST_NODES = 20_000;

interface Node {
  readonly value: unknown;
  readonly path: string;
}

/**
 * Every string in a document, whether the schema declares it or not, and every upload result as a whole, unless paths
 * below it are tracked.
 */
export function* valuesIn(document: object, schema: Schema, asked: readonly string[]): Generator<Placed> {
  const open: Node[] = [{ value: document, path: '' }];
  for (let nodes = 0; open.length > 0 && nodes < MOST_NODES; nodes++) {
    const { value, path } = open.pop()!;
    if (typeof value === 'string') {
      if (value !== '') yield { path, value };
    } else if (Array.isArray(value)) {
      for (const one of value) open.push({ value: one, path });
    } else if (isOpen(value)) {
      const isWhole = path !== '' && !asked.some((one) => one.startsWith(`${path}.`));
      if (isWhole && likenessOf(value) === 'an upload result') yield { path, value };
      else
        for (const [key, one] of Object.entries(value))
          open.push({ value: one, path: below(path, key, schema) });
    }
  }
}

function below(path: string, key: string, schema: Schema): string {
  if (path === '') return key;
  return isMap(schema, path) ? `${path}.$*` : `${path}.${key}`;
}

function isMap(schema: Schema, path: string): boolean {
  try {
    return schema.path(path)?.instance === 'Map';
  } catch {
    return false;
  }
}

/** Not ObjectIds, Dates or Buffers. */
function isOpen(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('_bsontype' in value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date)
  );
}
