import type { Document } from './values.js';
import { isDocument, ownField } from './values.js';

const INDEX = /^(0|[1-9]\d*)$/;

export function isArrayIndex(part: string): boolean {
  return INDEX.test(part);
}

/**
 * Gives every value that a filter's path stands for to `test` until one is accepted. Arrays on the way are
 * entered; a position (`a.0`) is tried beside the elements' own fields. With `expand` the elements of an array at
 * the end of the path are given before the array itself. A path that ends nowhere gives `undefined`.
 */
export function someValue(
  document: Document,
  parts: string[],
  test: (value: unknown) => boolean,
  expand = true,
  depth = 0,
): boolean {
  const value = ownField(document, parts[depth]!);
  if (depth === parts.length - 1) return testLast(value, test, expand);
  if (Array.isArray(value)) return someInArray(value, parts, test, expand, depth + 1);
  if (isDocument(value)) return someValue(value, parts, test, expand, depth + 1);
  return test(undefined);
}

function testLast(value: unknown, test: (value: unknown) => boolean, expand: boolean): boolean {
  if (expand && Array.isArray(value) && value.some(test)) return true;
  return test(value);
}

function someInArray(
  array: unknown[],
  parts: string[],
  test: (value: unknown) => boolean,
  expand: boolean,
  depth: number,
): boolean {
  const part = parts[depth]!;
  const isLast = depth === parts.length - 1;
  if (isArrayIndex(part)) {
    const element = array[Number(part)];
    if (element !== undefined && isLast && testLast(element, test, expand)) return true;
    if (!isLast && Array.isArray(element) && someInArray(element, parts, test, expand, depth + 1))
      return true;
    if (!isLast && isDocument(element) && someValue(element, parts, test, expand, depth + 1)) return true;
  }
  const documents = array.filter(isDocument);
  if (documents.some((element) => someValue(element, parts, test, expand, depth))) return true;
  // Nothing can lie behind a position beyond the end of an array of scalars; among documents it is a field name.
  const isBeyond = isLast && isArrayIndex(part) && array[Number(part)] === undefined;
  return isBeyond && documents.length === 0 && test(undefined);
}

/** The value at a path that does not enter arrays except by position. */
export function valueAt(value: unknown, parts: string[]): unknown {
  let current = value;
  for (const part of parts) {
    if (Array.isArray(current)) current = isArrayIndex(part) ? current[Number(part)] : undefined;
    else if (isDocument(current)) current = ownField(current, part);
    else return undefined;
  }
  return current;
}
