import { mongo } from 'mongoose';
import type { Entities } from './entities.js';
import type { Fields } from './test-file.js';

export class Mismatch extends Error {}

export interface MatchOptions {
  entities: Entities;
  /** At the root of a result, further fields are the driver's freedom. */
  isRoot?: boolean;
}

/** Checks a value against what a test file expects, with the format's special operators. */
export function expectMatch(expected: unknown, given: unknown, options: MatchOptions, path = ''): void {
  const actual = given instanceof Map ? Object.fromEntries(given) : given;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) throw mismatch(path, expected, actual);
    expected.forEach((item, i) => expectMatch(item, actual[i], options, `${path}[${i}]`));
  } else if (isFields(expected)) {
    const [operator = ''] = Object.keys(expected);
    if (operator.startsWith('$$')) expectSpecial(operator, expected[operator], actual, options, path);
    else expectFields(expected, actual, options, path);
  } else if (canonical(expected) !== canonical(actual)) {
    throw mismatch(path, expected, actual);
  }
}

function expectFields(expected: Fields, actual: unknown, options: MatchOptions, path: string): void {
  if (!isFields(actual)) throw mismatch(path, expected, actual);
  const inner = { ...options, isRoot: false };
  for (const key of Object.keys(expected)) expectMatch(expected[key], actual[key], inner, `${path}.${key}`);
  if (options.isRoot) return;
  for (const key of Object.keys(actual)) {
    if (!(key in expected) && actual[key] !== undefined)
      throw new Mismatch(`${path}: unexpected field ${key}`);
  }
}

function expectSpecial(
  operator: string,
  argument: unknown,
  actual: unknown,
  options: MatchOptions,
  path: string,
): void {
  switch (operator) {
    case '$$exists':
      if ((actual !== undefined) !== argument) throw mismatch(path, { $$exists: argument }, actual);
      return;
    case '$$unsetOrMatches':
      // The Node driver says null for what is not there.
      if (actual !== undefined && actual !== null) expectMatch(argument, actual, options, path);
      return;
    case '$$type':
      if (![argument].flat().includes(typeAlias(actual))) throw mismatch(path, { $$type: argument }, actual);
      return;
    case '$$sessionLsid':
      expectMatch(options.entities.session(String(argument)).id, actual, options, path);
      return;
    default:
      throw new Error(`the runner does not know ${operator}`);
  }
}

function typeAlias(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  if (value instanceof Date) return 'date';
  const bsonType = (value as { _bsontype?: string } | undefined)?._bsontype;
  if (bsonType === undefined) return typeof value;
  return bsonType === 'ObjectId' ? 'objectId' : bsonType.toLowerCase();
}

function isFields(value: unknown): value is Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Date)
    return false;
  return !('_bsontype' in value);
}

/** Numbers are compared by value: the test files do not say which BSON type is meant. */
function canonical(value: unknown): string {
  if (value instanceof mongo.Long || value instanceof mongo.Int32 || value instanceof mongo.Double) {
    return String(Number(value.toString()));
  }
  return mongo.BSON.EJSON.stringify({ value }, { relaxed: true }).replace(/^\{"value":(.*)\}$/, '$1');
}

function mismatch(path: string, expected: unknown, actual: unknown): Mismatch {
  return new Mismatch(
    `${path || 'result'}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
  );
}
