import type { Schema } from 'mongoose';
import { checkHolding } from './holding.js';
import { imageField } from './named-fields.js';
import { everywhere, spotsOf, type Spot } from './walk.js';
import { eitherField, trackedField, type TrackedField } from './tracked-field.js';
import { readText, type Tell } from './text-option.js';
import { isNesting, mapDepth, MAP_KEYS } from './type-inside.js';
import { isPlainObject, refuseUnknown } from '../shared/option-rules.js';
import type { TextReader } from '../texts/text-reader.js';

/**
 * Paths marked with `imageCleanup: true` or `{ in: 'html' }`, also in child schemas, arrays, Maps, Unions and
 * discriminators. `tell` is called once with what is wrong with a text.
 */
export function markedFields(schema: Schema, tell: Tell = () => undefined): TrackedField[] {
  const found = new Map<string, TrackedField>();
  for (const spot of marksIn(schema)) {
    const path = pathOf(spot);
    const plain = trackedField(path, spot.whole, spot.home.isNested || isNesting(spot.whole));
    const text = textOf(spot, tell);
    const field = text ? { ...plain, text } : plain;
    const known = found.get(path);
    found.set(path, known ? eitherField(known, field) : field);
  }
  return [...found.values()];
}

/** @throws TypeError for a mark on a path that cannot hold an image. */
export function checkMarks(schema: Schema): void {
  for (const spot of marksIn(schema)) {
    const text = textOf(spot, () => undefined);
    checkHolding(pathOf(spot), [spot.whole], text);
    if (text?.index !== undefined) imageField(schema, text.index);
  }
}

function* marksIn(schema: Schema): Generator<Spot> {
  for (const spot of spotsOf(schema, everywhere)) {
    const mark = spot.type.options?.imageCleanup;
    if (mark === true || isPlainObject(mark)) yield spot;
  }
}

/** How the texts of a marked path are read. @throws TypeError for a mark with another value. */
function textOf(spot: Spot, tell: Tell): TextReader | undefined {
  const mark = spot.type.options?.imageCleanup;
  if (!isPlainObject(mark)) return undefined;
  const path = pathOf(spot);
  refuseUnknown(`imageCleanup: unknown key of the mark of "${path}"`, mark, ['in', 'index']);
  const text = readText(mark, { name: `"${path}": imageCleanup`, path, tell });
  if (text) return text.within(spot.home.prefix);
  throw new TypeError(
    `imageCleanup: the mark of "${path}" is an object without "in"; write imageCleanup: { in: 'html' }, or imageCleanup: true`,
  );
}

function pathOf({ path, type }: Spot): string {
  return path + `.${MAP_KEYS}`.repeat(mapDepth(type));
}
