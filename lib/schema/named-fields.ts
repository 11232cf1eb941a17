import type { Schema } from 'mongoose';
import { checkHolding, checkHoldingTexts, checkNestedHolding } from './holding.js';
import { isBeginning, spotsOf, type Spot } from './walk.js';
import {
  eitherField,
  isFree,
  leavesOf,
  nestedField,
  trackedField,
  type TrackedField,
} from './tracked-field.js';
import { isNesting, mapDepth, MAP_KEYS } from './type-inside.js';
import type { TextReader } from '../texts/text-reader.js';

/** The fields at some paths of a schema, whatever they hold. @throws TypeError if the schema has no such path. */
export function namedFields(schema: Schema, paths: readonly string[]): TrackedField[] {
  return paths.map((path) => findField(schema, path) ?? refuseUnknown(schema, path));
}

/** @throws TypeError if the schema has no such path, or if it cannot hold an image or, with `text`, a text. */
export function imageField(schema: Schema, given: string, text?: TextReader): TrackedField {
  const checks: Checks = text
    ? { check: checkHoldingTexts(text), checkNested: () => undefined }
    : { check: checkHolding, checkNested: checkNestedHolding };
  return findField(schema, given, checks) ?? refuseUnknown(schema, given);
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
  const wanted = segmentsOf(given);
  return spotsToward(schema, wanted).some(
    ({ type }) =>
      type.schema !== undefined &&
      ('discriminators' in type.schema ||
        '_applyDiscriminators' in type.schema ||
        'discriminatorKey' in
          (type.schema as unknown as { _userProvidedOptions: object })._userProvidedOptions),
  );
}

/** `photos.$.url` is how Mongoose's own messages name a path in an array. */
function segmentsOf(given: string): string[] {
  return given.replace(/\.\$(?=\.|$)/g, '').split('.');
}

interface Checks {
  readonly check: typeof checkHolding;
  readonly checkNested: typeof checkNestedHolding;
}

function findField(schema: Schema, given: string, checks?: Checks): TrackedField | undefined {
  const wanted = segmentsOf(given);
  const path = wanted.join('.');
  const spots = spotsToward(schema, wanted);
  const here = outermost(spots.filter((spot) => lengthOf(spot) === wanted.length));
  if (here.length > 0) {
    const types = here.map(({ type }) => type);
    checks?.check(path, types);
    return here.map((spot) => fieldAt(path, spot)).reduce(eitherField);
  }
  const mixed = spots.find(({ type }) => type.instance === 'Mixed');
  if (mixed) return trackedField(path, undefined, mayNestAt(mixed));
  return nestedIn(schema, wanted, checks) ?? undeclared(schema, wanted, spots);
}

function fieldAt(path: string, spot: Spot): TrackedField {
  return trackedField(path + `.${MAP_KEYS}`.repeat(mapDepth(spot.type)), spot.type, mayNestAt(spot));
}

function mayNestAt({ home, whole }: Spot): boolean {
  return home.isNested || isNesting(whole);
}

/** The parts of the schema at the wanted path, and on the way to it. */
function spotsToward(schema: Schema, wanted: readonly string[]): Spot[] {
  const isOnTheWay = (spot: Spot): boolean => isBeginning(spot.path.split('.'), wanted);
  return [...spotsOf(schema, isOnTheWay)].filter(isOnTheWay);
}

function lengthOf({ path }: Spot): number {
  return path.split('.').length;
}

/** The type of a path and what its arrays and Unions hold have the same path; the first of them is enough. */
function outermost(spots: readonly Spot[]): Spot[] {
  return spots.filter(({ whole }, index) => spots.findIndex((one) => one.whole === whole) === index);
}

/** A nested object has no type of its own; it exists because of the paths below it. */
function nestedIn(
  schema: Schema,
  wanted: readonly string[],
  checks: Checks | undefined,
): TrackedField | undefined {
  const isBelow = ({ path }: Spot): boolean => isBeginning(wanted, path.split('.'));
  const spots = spotsOf(schema, (spot) => isBeginning(spot.path.split('.'), wanted));
  const below = [...spots].find((spot) => isBelow(spot));
  if (!below) return undefined;
  const path = wanted.join('.');
  const leaves = leavesOf(schema, wanted);
  checks?.checkNested(path, leaves);
  return nestedField(path, leaves, below.home.isNested);
}

/** The innermost schema on the way decides whether paths that it does not declare are stored. */
function undeclared(
  schema: Schema,
  wanted: readonly string[],
  spots: readonly Spot[],
): TrackedField | undefined {
  const inner = spots.filter(({ type }) => type.schema).at(-1);
  const isLeaf = spots.some((spot) => !spot.type.schema && lengthOf(spot) > (inner ? lengthOf(inner) : 0));
  if (isLeaf || !isFree(inner?.type.schema ?? schema)) return undefined;
  return trackedField(wanted.join('.'), undefined, inner ? mayNestAt(inner) : false);
}

function knownPaths(schema: Schema): string[] {
  const spots = spotsOf(schema, (_spot, { schema: below, above }) => !above.includes(below));
  const paths = [...spots]
    .filter(({ type }) => !type.schema)
    .map(({ path }) => path)
    .filter((path) => !/(^|\.)(_id|__v)$/.test(path));
  return [...new Set(paths)];
}
