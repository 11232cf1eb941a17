import type { Schema } from 'mongoose';
import type { TrackedField } from './tracked-field.js';
import { everywhere, isBeginning, spotsOf } from './walk.js';
import { MAP_KEYS } from './type-inside.js';

/** The values of a raw document (from the driver, not hydrated) at a field, with arrays and Maps opened. */
export function valuesAt(document: unknown, { segments }: Pick<TrackedField, 'segments'>): unknown[] {
  const values: unknown[] = [];
  const collect = (node: unknown, at: number): void => {
    if (node === null || node === undefined) return;
    if (Array.isArray(node)) {
      for (const element of node) collect(element, at);
      return;
    }
    const segment = segments[at];
    // in documents that Mongoose is about to store; its Maps have other properties besides their entries
    if (node instanceof Map) collect(Object.fromEntries(node), at);
    else if (segment === undefined) {
      if (node !== '') values.push(node);
    } else if (typeof node !== 'object') return;
    else if (segment === MAP_KEYS) for (const value of Object.values(node)) collect(value, at + 1);
    else if (Object.hasOwn(node, segment)) collect((node as Record<string, unknown>)[segment], at + 1);
  };
  collect(document, 0);
  return values;
}

/** The values of a raw document that may name a file: the values at a field, or what its texts use. */
export function imagesAt(document: unknown, field: Pick<TrackedField, 'segments' | 'text'>): unknown[] {
  const { text } = field;
  const values = valuesAt(document, field);
  return text ? values.flatMap((value) => text.read(value)) : values;
}

/** Like `imagesAt`, for the question which files are used. @throws Error if a function of the app cannot read a text. */
export function usesAt(document: unknown, field: Pick<TrackedField, 'segments' | 'text'>): unknown[] {
  const { text } = field;
  const values = valuesAt(document, field);
  return text ? values.flatMap((value) => text.readUses(value)) : values;
}

/** Literal defaults at a field or above it: files that new documents start with. Function defaults are never called. */
export function literalDefaults(schema: Schema, { segments, text }: TrackedField): unknown[] {
  const values: unknown[] = [];
  const isOnTheWay = (path: string): boolean => isBeginning(path.split('.'), segments);
  for (const { path, type } of spotsOf(
    schema,
    (spot, below) => everywhere(spot, below) && isOnTheWay(spot.path),
  )) {
    const value = type.options?.default;
    if (value === undefined || typeof value === 'function' || !isOnTheWay(path)) continue;
    values.push(...imagesAt(value, { segments: segments.slice(path.split('.').length), text }));
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

/** Only `_id` and the tracked fields. A path below another path is left out, since MongoDB refuses such a pair. */
export function projectionOf(fields: readonly TrackedField[]): Record<string, 1> {
  const paths = [...new Set(fields.map(queryablePath))];
  const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`)));
  return Object.fromEntries([['_id', 1 as const], ...outermost.map((path) => [path, 1 as const])]);
}
