import type { Schema } from 'mongoose';
import { checkHolding, checkNestedHolding } from './holding.js';
import { isBeginning, once, spotsOf, type Spot } from './walk.js';
import { eitherField, isFree, leavesOf, trackedField, type TrackedField } from './tracked-field.js';
import { isNesting, mapDepth, MAP_KEYS, type TypeInside } from './type-inside.js';
import type { TextReader } from '../texts/text-reader.js';

/** The fields at some paths of a schema, whatever they hold. @throws TypeError if the schema has no such path. */
export function namedFields(schema: Schema, paths: readonly string[]): TrackedField[] {
  return paths.map((path) => (findField(schema, path) ?? refuseUnknown(schema, path)).field);
}

/** @throws TypeError if the schema has no such path, or if it cannot hold an image or, with `text`, a text. */
export function imageField(schema: Schema, given: string, text?: TextReader): TrackedField {
  const { field, types, isObject = false } = findField(schema, given) ?? refuseUnknown(schema, given);
  if (types) checkHolding(segmentsOf(given).join('.'), types, text);
  else if (isObject && !text) checkNestedHolding(field.path, field.leaves);
  return text ? { ...field, text } : field;
}

function refuseUnknown(schema: Schema, given: string): never {
  if (schema.pathType(given) === 'virtual') {
    throw new TypeError(
      `imageCleanup: the field "${given}" is a virtual or an alias; name the path that is stored in MongoDB`,
    );
  }
  throw new TypeError(
    `imageCleanup: unknown field "${given}"; the schema has: ${knownPaths(schema).join(', ') || 'no paths'}. ` +
      'Name the fields of a discriminator in the plugin call on its own schema; declare embedded discriminators before ' +
      'the plugin is applied, or give their schema the option discriminatorKey.',
  );
}

/** Whether the schema has the path, or stores paths that it does not declare. */
export function hasField(schema: Schema, given: string): boolean {
  return findField(schema, given) !== undefined;
}

/**
 * Whether a discriminator that is declared later could have the path, below sub-documents that have a discriminator
 * key.
 */
export function mayComeLater(schema: Schema, given: string): boolean {
  const isOnTheWay = isToward(segmentsOf(given));
  return [...spotsOf(schema, isOnTheWay)].some(
    (spot) => isOnTheWay(spot) && spot.type.schema && mayGetDiscriminators(spot.type.schema),
  );
}

function mayGetDiscriminators(schema: Schema): boolean {
  const { _userProvidedOptions: given } = schema as unknown as { _userProvidedOptions: object };
  return 'discriminators' in schema || '_applyDiscriminators' in schema || 'discriminatorKey' in given;
}

/** `photos.$.url` is how Mongoose's own messages name a path in an array. */
function segmentsOf(given: string): string[] {
  return given.replace(/\.\$(?=\.|$)/g, '').split('.');
}

/** A field, and what the schema says about its values unless they may be anything. */
interface Found {
  readonly field: TrackedField;
  readonly types?: readonly TypeInside[];
  /** It is a nested object, which has no type of its own; it exists because of the paths below it. */
  readonly isObject?: boolean;
}

function findField(schema: Schema, given: string): Found | undefined {
  const wanted = segmentsOf(given);
  const path = wanted.join('.');
  const isOnTheWay = isToward(wanted);
  const around = [...spotsOf(schema, isOnTheWay)];
  const spots = around.filter(isOnTheWay);
  const here = outermost(spots.filter((spot) => lengthOf(spot) === wanted.length));
  if (here.length > 0) {
    const field = here.map((spot) => fieldAt(path, spot)).reduce(eitherField);
    return { field, types: here.map(({ type }) => type) };
  }
  const mixed = spots.find(({ type }) => type.instance === 'Mixed');
  if (mixed) return { field: trackedField(path, undefined, mayNestAt(mixed)) };
  const below = around.find((spot) => isBeginning(wanted, spot.path.split('.')));
  if (!below) return undeclared(schema, path, spots);
  const leaves = leavesOf(schema, wanted);
  return { field: { ...trackedField(path), mayNest: below.home.isNested, leaves }, isObject: true };
}

function fieldAt(path: string, spot: Spot): TrackedField {
  return trackedField(path + `.${MAP_KEYS}`.repeat(mapDepth(spot.type)), spot.type, mayNestAt(spot));
}

function mayNestAt({ home, whole }: Spot): boolean {
  return home.isNested || isNesting(whole);
}

/** Whether a part of a schema is at the wanted path, or on the way to it. */
function isToward(wanted: readonly string[]): (spot: Spot) => boolean {
  return ({ path }) => isBeginning(path.split('.'), wanted);
}

function lengthOf({ path }: Spot): number {
  return path.split('.').length;
}

/** The type of a path and what its arrays and Unions hold have the same path; the first of them is enough. */
function outermost(spots: readonly Spot[]): Spot[] {
  return spots.filter(({ whole }, index) => spots.findIndex((one) => one.whole === whole) === index);
}

/** The innermost schema on the way decides whether paths that it does not declare are stored. */
function undeclared(schema: Schema, path: string, spots: readonly Spot[]): Found | undefined {
  const inner = spots.filter(({ type }) => type.schema).at(-1);
  const isLeaf = spots.some((spot) => !spot.type.schema && lengthOf(spot) > (inner ? lengthOf(inner) : 0));
  if (isLeaf || !isFree(inner?.type.schema ?? schema)) return undefined;
  return { field: trackedField(path, undefined, inner && mayNestAt(inner)) };
}

function knownPaths(schema: Schema): string[] {
  const paths = [...spotsOf(schema, once)]
    .filter(({ type }) => !type.schema)
    .map(({ path }) => path)
    .filter((path) => !/(^|\.)(_id|__v)$/.test(path));
  return [...new Set(paths)];
}
