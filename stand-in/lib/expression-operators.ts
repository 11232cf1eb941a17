import { Long, ObjectId, Timestamp, calculateObjectSize } from 'bson';
import type { AnyObject, Options } from 'mingo/types';
import { evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import { compare, equal, hash } from './compare.js';
import { CommandError } from './errors.js';
import { arraySorter } from './update-operators.js';
import type { Document } from './values.js';
import { isDocument, isNullish, isNumeric, toNumber, typeName, typeNameOfNumber } from './values.js';

/** What mingo 7.2.7 computes otherwise than MongoDB, written anew. */
type Expression = (document: unknown, argument: unknown, options: Options) => unknown;
type Accumulator = (items: unknown[], argument: unknown, options: Options) => unknown;

/** A missing field stands before everything, null included. */
function compareWithMissing(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compare(a, b);
}

function comparison(name: string, accepts: (result: number) => unknown): Expression {
  return (document, argument, options) => {
    checkCount(name, argument, 2);
    const [a, b] = evalExpr(document, argument, options) as unknown[];
    return accepts(compareWithMissing(a, b));
  };
}

/** `{ $op: x }` and `{ $op: [x] }` are the same for an operator with one argument. */
function unary(name: string, compute: (value: unknown) => unknown): Expression {
  return (document, argument, options) => {
    if (Array.isArray(argument)) checkCount(name, argument, 1);
    const single: unknown = Array.isArray(argument) ? argument[0] : argument;
    return compute(evalExpr(document, single, options));
  };
}

function checkCount(name: string, argument: unknown, count: number): void {
  const given = Array.isArray(argument) ? argument.length : 1;
  if (given === count) return;
  throw new CommandError(
    16020,
    `Expression ${name} takes exactly ${count} arguments. ${given} were passed in.`,
  );
}

function unsupported(value: unknown, target: string): CommandError {
  const message = `Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`;
  return new CommandError(241, message);
}

function toText(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (Array.isArray(value) || isDocument(value)) throw unsupported(value, 'string');
  return String(value);
}

function toObjectId(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (/^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value);
  throw new CommandError(241, `Failed to parse objectId '${value}' in $convert with no onError value`);
}

/** mingo knows neither ObjectId nor Timestamp here. */
const toDate: Expression = (document, argument, options) => {
  const value: unknown = evalExpr(document, argument, options);
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  return expressions.$toDate(document as AnyObject, argument as never, options);
};

const convert: Expression = (document, argument, options) => {
  const spec = argument as AnyObject;
  const target: unknown = evalExpr(document, spec['to'], options);
  const name = isNumeric(target) ? typeNameOfNumber(toNumber(target)) : target;
  const own = name === 'objectId' ? toObjectId : name === 'string' ? toText : undefined;
  if (!own) return expressions.$convert(document as AnyObject, spec as never, options);
  try {
    const converted = own(evalExpr(document, spec['input'], options));
    return converted === null && 'onNull' in spec ? evalExpr(document, spec['onNull'], options) : converted;
  } catch (error) {
    if ('onError' in spec) return evalExpr(document, spec['onError'], options);
    throw error;
  }
};

const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 };

/** mingo lets January 31 plus one month run over into March; MongoDB stays at the last day of February. */
function dateStep(direction: 1 | -1, fallback: Expression): Expression {
  return (document, argument, options) => {
    const spec = evalExpr(document, argument, options) as AnyObject;
    const { startDate, unit, amount } = spec as { startDate: unknown; unit: string; amount: unknown };
    if (isNullish(startDate) || isNullish(amount)) return null;
    const months = MONTHS[unit];
    if (months === undefined || spec['timezone'] !== undefined || !(startDate instanceof Date)) {
      return fallback(document, argument, options);
    }
    const result = new Date(startDate);
    result.setUTCDate(1);
    result.setUTCMonth(result.getUTCMonth() + direction * months * Number(amount));
    const lastDay = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0)).getUTCDate();
    result.setUTCDate(Math.min(startDate.getUTCDate(), lastDay));
    return result;
  };
}

const arrayToObject = unary('$arrayToObject', (pairs) => {
  if (isNullish(pairs)) return null;
  const result: Document = {};
  for (const pair of pairs as unknown[]) {
    const [key, value] = Array.isArray(pair)
      ? (pair as unknown[])
      : [(pair as Document)['k'], (pair as Document)['v']];
    if (typeof key !== 'string') throw new CommandError(40394, '$arrayToObject requires string keys');
    result[key] = value;
  }
  return result;
});

function distinctValues(values: unknown[]): unknown[] {
  return [...new Map(values.map((value) => [hash(value), value])).values()];
}

function setOperation(operator: string, combine: (sets: unknown[][]) => unknown): Expression {
  return (document, argument, options) => {
    const sets = evalExpr(document, argument, options) as unknown[];
    if (sets.some(isNullish)) return null;
    if (!sets.every(Array.isArray))
      throw new CommandError(17043, `All operands of ${operator} must be arrays.`);
    return combine(sets as unknown[][]);
  };
}

const hashes = (values: unknown[] | undefined): Set<string> => new Set(values?.map((value) => hash(value)));

export const EXPRESSION_OVERRIDES: Record<string, Expression> = {
  // Wrapped numbers, key order and missing fields count in MongoDB's comparisons.
  $eq: comparison('$eq', (result) => result === 0),
  $ne: comparison('$ne', (result) => result !== 0),
  $gt: comparison('$gt', (result) => result > 0),
  $gte: comparison('$gte', (result) => result >= 0),
  $lt: comparison('$lt', (result) => result < 0),
  $lte: comparison('$lte', (result) => result <= 0),
  $cmp: comparison('$cmp', (result) => result),
  $in: (document, argument, options) => {
    const [value, list] = evalExpr(document, argument, options) as unknown[];
    if (Array.isArray(list)) return list.some((item) => equal(item, value));
    throw new CommandError(40081, `$in requires an array as a second argument, found: ${typeName(list)}`);
  },
  $literal: (_document, argument) => argument,
  $type: unary('$type', typeName),
  $toString: unary('$toString', toText),
  $toObjectId: unary('$toObjectId', toObjectId),
  $toDate: toDate,
  $convert: convert,
  $isNumber: unary('$isNumber', isNumeric),
  $bsonSize: unary('$bsonSize', (value) =>
    isNullish(value) ? null : calculateObjectSize(value as Document),
  ),
  $sortArray: (document, argument, options) => {
    const { input, sortBy } = argument as AnyObject;
    const array = evalExpr(document, input, options) as unknown[] | null | undefined;
    return isNullish(array) ? null : arraySorter(sortBy, undefined)(array);
  },
  $arrayToObject: arrayToObject,
  $setUnion: setOperation('$setUnion', (sets) => distinctValues(sets.flat()).sort(compareWithMissing)),
  $setIntersection: setOperation('$setIntersection', ([first = [], ...others]) => {
    const others_ = others.map(hashes);
    return distinctValues(first).filter((value) => others_.every((set) => set.has(hash(value))));
  }),
  $setDifference: setOperation('$setDifference', ([first = [], second]) => {
    const excluded = hashes(second);
    return distinctValues(first).filter((value) => !excluded.has(hash(value)));
  }),
  $setIsSubset: setOperation('$setIsSubset', ([first = [], second]) => {
    const set = hashes(second);
    return first.every((value) => set.has(hash(value)));
  }),
  $dateAdd: dateStep(1, expressions.$dateAdd as Expression),
  $dateSubtract: dateStep(-1, expressions.$dateSubtract as Expression),
};

/** The values of an accumulator; as a plain expression (`$max: ['$a', '$b']`) it gets them computed. */
function valuesOf(items: unknown[], argument: unknown, options: Options): unknown[] {
  if (argument === null) return items;
  // Within an array mingo's $push leaves a missing field missing instead of making it null.
  const wrapped = accumulators.$push(items as never, [argument] as never, options) as unknown[][];
  return wrapped.map(([value]) => value);
}

function extreme(direction: 1 | -1): Accumulator {
  return (items, argument, options) => {
    let best: unknown;
    for (const value of valuesOf(items, argument, options)) {
      if (isNullish(value)) continue;
      if (best === undefined || compare(value, best) * direction > 0) best = value;
    }
    return best ?? null;
  };
}

export const ACCUMULATOR_OVERRIDES: Record<string, Accumulator> = {
  $min: extreme(-1),
  $max: extreme(1),
  $push: (items, argument, options) =>
    valuesOf(items, argument, options).filter((value) => value !== undefined),
  $addToSet: (items, argument, options) =>
    distinctValues(valuesOf(items, argument, options).filter((value) => value !== undefined)),
  $count: (items) => (items.length > 0x7fffffff ? Long.fromNumber(items.length) : items.length),
};
