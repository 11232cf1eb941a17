import type { Schema } from 'mongoose';
import type { TrackedField } from './tracked-field.js';
import { everywhere, isBeginning, spotsOf } from './walk.js';
import { MAP_KEYS } from './type-inside.js';

/** The values a raw document (as it comes from the driver, not hydrated) holds at a field, arrays and Maps opened. */
export function valuesAt(document: unknown, field: TrackedField): unknown[] {
  const values: unknown[] = [];
  collect(document, field.segments, 0, values);
  return values;
}

function collect(node: unknown, segments: readonly string[], depth: number, values: unknown[]): void {
  if (node === null || node === undefined) return;
  if (Array.isArray(node)) {
    for (const element of node) collect(element, segments, depth, values);
    return;
  }
  // in what Mongoose is about to store; its Maps have properties of their own beside the entries
  if (node instanceof Map) {
    collect(Object.fromEntries(node), segments, depth, values);
    return;
  }
  const segment = segments[depth];
  if (segment === undefined) {
    if (node !== '') values.push(node);
  } else if (typeof node !== 'object') {
    return;
  } else if (segment === MAP_KEYS) {
    for (const value of Object.values(node)) collect(value, segments, depth + 1, values);
  } else if (Object.hasOwn(node, segment)) {
    collect((node as Record<string, unknown>)[segment], segments, depth + 1, values);
  }
}

/** Literal defaults at tracked fields or above them: files that new documents start with. Function defaults are never called. */
export function literalDefaults(schema: Schema, fields: readonly TrackedField[]): unknown[] {
  const values: unknown[] = [];
  const above = (path: string): TrackedField[] => {
    const segments = path.split('.');
    return fields.filter((field) => isBeginning(segments, field.segments));
  };
  const spots = spotsOf(schema, (spot, below) => everywhere(spot, below) && above(spot.path).length > 0);
  for (const { path, type } of spots) {
    const value = type.options?.default;
    if (value === undefined || typeof value === 'function') continue;
    const stored = value instanceof Map ? Object.fromEntries(value) : value;
    const depth = path.split('.').length;
    for (const { segments } of above(path)) collect(stored, segments, depth, values);
  }
  return [...new Set(values)];
}

export function isBelowMap(field: TrackedField): boolean {
  return field.segments.includes(MAP_KEYS);
}

/** The part of the path that a query or a projection can name. */
export function queryablePath(field: TrackedField): string {
  const map = field.segments.indexOf(MAP_KEYS);
  return (map < 0 ? field.segments : field.segments.slice(0, map)).join('.');
}

/** `_id` and the tracked fields only. A path below another one is left out: MongoDB refuses such a pair. */
export function projectionOf(fields: readonly TrackedField[]): Record<string, 1> {
  const paths = [...new Set(fields.map(queryablePath))];
  const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`)));
  return Object.fromEntries([['_id', 1 as const], ...outermost.map((path) => [path, 1 as const])]);
}
