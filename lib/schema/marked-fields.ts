import type { Schema } from 'mongoose';
import { checkHolding } from './holding.js';
import { everywhere, spotsOf, type Spot } from './walk.js';
import { eitherField, trackedField, type TrackedField } from './tracked-field.js';
import { isMap, isNesting, mapDepth, MAP_KEYS } from './type-inside.js';

/** Paths marked `imageCleanup: true`, in child schemas, arrays, Maps, Unions and discriminators too. */
export function markedFields(schema: Schema): TrackedField[] {
  const found = new Map<string, TrackedField>();
  for (const spot of marksIn(schema)) {
    const path = pathOf(spot);
    const field = trackedField(path, spot.whole, spot.home.isNested || isNesting(spot.whole));
    const known = found.get(path);
    found.set(path, known ? eitherField(known, field) : field);
  }
  return [...found.values()];
}

/** @throws TypeError for a mark on a path that cannot hold an image. */
export function checkMarks(schema: Schema): void {
  for (const spot of marksIn(schema)) checkHolding(pathOf(spot), [spot.whole]);
}

function* marksIn(schema: Schema): Generator<Spot> {
  for (const spot of spotsOf(schema, everywhere)) if (spot.type.options?.imageCleanup === true) yield spot;
}

function pathOf({ path, type }: Spot): string {
  return path + `.${MAP_KEYS}`.repeat(isMap(type) ? mapDepth(type) : 0);
}
