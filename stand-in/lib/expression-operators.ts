import { Long } from 'bson';
import type { Options } from 'mingo/types';
import { evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import { compare, equal, hash } from './compare.js';
import { CommandError } from './errors.js';
import { isNullish, isNumeric, typeName } from './values.js';

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

function distinctValues(values: unknown[]): unknown[] {
  return [...new Map(values.map((value) => [hash(value), value])).values()];
}

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
  $isNumber: unary('$isNumber', isNumeric),
};

/** What mingo computes otherwise than MongoDB, and nobody here needs: refused. */
export const LEFT_OUT_EXPRESSIONS = [
  '$arrayToObject',
  '$bsonSize',
  '$convert',
  '$dateAdd',
  '$dateSubtract',
  '$setDifference',
  '$setIntersection',
  '$setIsSubset',
  '$setUnion',
  '$sortArray',
  '$toDate',
  '$toObjectId',
  '$toString',
];

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
