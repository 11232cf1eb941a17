import type { Schema } from 'mongoose';
import { everywhere, isBeginning, spotsOf, type Home } from './walk.js';
import { heldBy, isMap, isNesting, MAP_KEYS, type TypeInside } from './type-inside.js';
import { eitherText, type TextReader } from '../texts/text-reader.js';

/** A schema path that holds images, in dotted form; `$*` means every key of a Map. */
export interface TrackedField {
  readonly path: string;
  readonly segments: readonly string[];
  /** Whether the schema allows other values than strings at the path, so that objects are searched for as well. */
  readonly mayHoldObjects: boolean;
  /** Whether an array may be nested directly in an array at the path, which no path of a query can reach. */
  readonly mayNest: boolean;
  /**
   * The paths of strings below the field, relative to it, in sub-documents and nested objects. Empty for a plain
   * string; `undefined`: any value may be at any path.
   */
  readonly leaves: readonly string[] | undefined;
  /** Reads which images the texts of the field use; absent if its values are images. */
  readonly text?: TextReader | undefined;
  /** The field is an array beside a text, with the images that the text uses. */
  readonly isOfText?: boolean;
}

/** @throws TypeError for a path that MongoDB cannot project. */
export function trackedField(path: string, type?: TypeInside, isNested = false): TrackedField {
  const held = heldBy(type);
  return {
    path,
    segments: segmentsOf(path),
    mayHoldObjects: held.some((one) => one?.instance !== 'String'),
    mayNest: isNested || held.includes(undefined) || isNesting(type),
    leaves: allLeaves(held.map((one) => one && (one.schema ? leavesOf(one.schema) : []))),
  };
}

/** A field of a child schema, as its parent schema sees it. */
export function fieldWithin({ prefix, isNested }: Home, field: TrackedField): TrackedField {
  const path = prefix + field.path;
  const text = field.text?.within(prefix);
  return { ...field, path, segments: segmentsOf(path), mayNest: isNested || field.mayNest, text };
}

function segmentsOf(path: string): string[] {
  const segments = path.split('.');
  if (segments.some((name) => name.startsWith('$') && name !== MAP_KEYS)) {
    throw new TypeError(
      `imageCleanup: the field "${path}" begins with "$", which MongoDB cannot project; rename it`,
    );
  }
  return segments;
}

/** The same path in two schemas over one collection: it may hold what either schema allows. */
export function eitherField(one: TrackedField, other: TrackedField): TrackedField {
  return {
    ...one,
    mayHoldObjects: one.mayHoldObjects || other.mayHoldObjects,
    mayNest: one.mayNest || other.mayNest,
    leaves: allLeaves([one.leaves, other.leaves]),
    text: eitherText(one.text, other.text),
    isOfText: one.isOfText === true && other.isOfText === true,
  };
}

/**
 * The paths of the strings of a schema, or of those below one of its nested objects; `undefined` if any value may be
 * somewhere.
 */
export function leavesOf(schema: Schema, nested: readonly string[] = []): readonly string[] | undefined {
  const leaves = new Set<string>();
  let isOpen = isFree(schema);
  const spots = spotsOf(schema, (spot, below) => {
    const path = spot.path.split('.');
    if (!isBeginning(nested, path)) return isBeginning(path, nested);
    const isFollowed = everywhere(spot, below);
    if (!isFollowed || isFree(below.schema)) isOpen = true;
    return isFollowed;
  });
  for (const { path, type } of spots) {
    const segments = path.split('.');
    if (!isBeginning(nested, segments)) continue;
    // no path of a query reaches the keys of a Map
    if (type.instance === 'Mixed' || isMap(type)) isOpen = true;
    if (type.instance === 'String') leaves.add(segments.slice(nested.length).join('.'));
    if (isOpen) return undefined;
  }
  return isOpen ? undefined : [...leaves];
}

/** Whether a schema stores paths that it does not declare. */
export function isFree(schema: Schema): boolean {
  return schema.get('strict') === false;
}

function allLeaves(all: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return all.includes(undefined) ? undefined : [...new Set(all.flatMap((leaves) => leaves ?? []))];
}
