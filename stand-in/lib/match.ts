import type { Collation } from './collation.js';
import { compare, equal, hash, identical, typeRank } from './compare.js';
import { CommandError } from './errors.js';
import { isArrayIndex, someValue } from './paths.js';
import { ExpressionList, toRegExp } from './regex.js';
import type { Document } from './values.js';
import { isDocument, isNullish, isNumeric, isOperatorDocument, isRegex, isTruthy } from './values.js';
import { isTypeName, show, toNumber, typeName, typeNameOfNumber } from './values.js';

/** What a filter needs from outside. */
export interface MatchContext {
  collation?: Collation | undefined;
  /** Compiles an aggregation expression, for `$expr`. */
  expression(expression: unknown): (document: Document) => unknown;
}

export type Predicate = (document: Document) => boolean;
type Test = (value: unknown) => boolean;

/** A condition on one path; an element of an array is tested by itself inside `$elemMatch`. */
interface Condition {
  onPath(document: Document, parts: string[]): boolean;
  onValue: Test;
}

const LEFT_OUT = [
  '$where',
  '$alwaysTrue',
  '$alwaysFalse',
  '$jsonSchema',
  '$mod',
  '$sampleRate',
  '$bitsAllSet',
  '$bitsAnySet',
  '$bitsAllClear',
  '$bitsAnyClear',
  '$text',
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$geoNear',
];

export function leftOut(name: string): CommandError {
  return new CommandError(238, `${name} is left out of the stand-in for MongoDB`);
}

/** Compiles a filter once; the predicate is then run on many documents. */
export function compileFilter(filter: unknown, context: MatchContext): Predicate {
  if (!isDocument(filter)) {
    throw new CommandError(14, `Expected field filter to be of type object, found ${typeName(filter)}`);
  }
  return every(Object.keys(filter).map((key) => compileClause(key, filter[key], context)));
}

function every(predicates: (Predicate | undefined)[]): Predicate {
  const list = predicates.filter((predicate) => predicate !== undefined);
  if (list.length === 1) return list[0]!;
  return (document) => list.every((predicate) => predicate(document));
}

function compileClause(key: string, value: unknown, context: MatchContext): Predicate | undefined {
  switch (key) {
    case '$and':
    case '$or':
    case '$nor':
      return compileLogical(key, value, context);
    case '$expr': {
      const evaluate = context.expression(value);
      return (document) => isTruthy(evaluate(document));
    }
    case '$comment':
      return undefined;
  }
  if (LEFT_OUT.includes(key)) throw leftOut(key);
  if (key.startsWith('$') && !['$id', '$ref', '$db'].includes(key)) {
    throw new CommandError(
      2,
      `unknown top level operator: ${key}. If you have a field name that starts with a '$' symbol, ` +
        'consider using $getField or $setField.',
    );
  }
  return compileField(key, value, context);
}

function compileLogical(operator: '$and' | '$or' | '$nor', value: unknown, context: MatchContext): Predicate {
  if (!Array.isArray(value)) throw new CommandError(2, `${operator} must be an array`);
  if (!value.length) throw new CommandError(2, `${operator} argument must be a non-empty array`);
  const predicates = value.map((filter) => {
    if (!isDocument(filter)) throw new CommandError(2, `${operator} argument's entries must be objects`);
    return compileFilter(filter, context);
  });
  if (operator === '$and') return every(predicates);
  const some: Predicate = (document) => predicates.some((predicate) => predicate(document));
  return operator === '$or' ? some : (document) => !some(document);
}

/** A predicate for what a filter says about one path. */
export function compileField(path: string, condition: unknown, context: MatchContext): Predicate {
  const parts = path.split('.');
  const compiled = compileCondition(condition, context);
  return (document) => compiled.onPath(document, parts);
}

function compileCondition(condition: unknown, context: MatchContext): Condition {
  if (isRegex(condition)) return regexCondition(condition, undefined);
  if (isOperatorDocument(condition)) return compileOperators(condition, context);
  return equalTo(condition, context);
}

function compileOperators(operators: Document, context: MatchContext): Condition {
  const conditions = Object.keys(operators).flatMap(
    (name) => compileOperator(name, operators, context) ?? [],
  );
  return all(conditions);
}

function plain(test: Test, expand = true): Condition {
  return { onPath: (document, parts) => someValue(document, parts, test, expand), onValue: test };
}

function all(conditions: Condition[]): Condition {
  if (conditions.length === 1) return conditions[0]!;
  return {
    onPath: (document, parts) => conditions.every((condition) => condition.onPath(document, parts)),
    onValue: (value) => conditions.every((condition) => condition.onValue(value)),
  };
}

function not(condition: Condition): Condition {
  return {
    onPath: (document, parts) => !condition.onPath(document, parts),
    onValue: (value) => !condition.onValue(value),
  };
}

function compileOperator(name: string, operators: Document, context: MatchContext): Condition | undefined {
  const argument = operators[name];
  switch (name) {
    case '$eq':
      return equalTo(argument, context);
    case '$ne':
      return not(equalTo(argument, context));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return range(name, argument, context);
    case '$in':
      return oneOf(name, argument, context);
    case '$nin':
      return not(oneOf(name, argument, context));
    case '$not':
      return negation(argument, context);
    case '$exists':
      return isTruthy(argument) ? plain(exists, false) : not(plain(exists, false));
    case '$type':
      return ofType(argument);
    case '$regex':
      return regexCondition(argument, operators['$options']);
    case '$options':
      if (!('$regex' in operators)) throw new CommandError(2, '$options needs a $regex');
      return undefined;
    case '$size':
      return ofSize(argument);
    case '$all':
      return containsAll(argument, context);
    case '$elemMatch':
      return plain(elementTest(argument, context), false);
    case '$comment':
      return undefined;
  }
  if (LEFT_OUT.includes(name)) throw leftOut(name);
  throw new CommandError(2, `unknown operator: ${name}`);
}

const exists: Test = (value) => value !== undefined;

function equalTo(expected: unknown, { collation }: MatchContext): Condition {
  if (isNullish(expected)) return plain(isNullish);
  if (typeof expected === 'string' && !collation)
    return plain((value) => value === expected || equal(value, expected));
  return plain((value) => value !== undefined && compare(value, expected, collation) === 0);
}

/** Ranges stay within the type of their bound; only MinKey and MaxKey compare with everything. */
function range(operator: string, bound: unknown, context: MatchContext): Condition {
  const { collation } = context;
  const accepts = (result: number): boolean =>
    (result === 0 && operator.endsWith('e')) || (operator.startsWith('$g') ? result > 0 : result < 0);
  if (isRegex(bound)) throw new CommandError(2, `Can't have RegEx as arg to predicate over field`);
  if (isNullish(bound)) return operator.endsWith('e') ? equalTo(null, context) : plain(() => false);
  const rank = typeRank(bound);
  const crossesTypes = rank === -1 || rank === 127;
  const isNaNBound = isNumeric(bound) && Number.isNaN(toNumber(bound));
  return plain((value) => {
    if (value === undefined) return false;
    if (!crossesTypes && typeRank(value) !== rank) return false;
    if (isNumeric(value) && Number.isNaN(toNumber(value)) !== isNaNBound) return false;
    return accepts(compare(value, bound, collation));
  });
}

/** The list becomes a set, so that 10,000 values cost no more for each document than one. */
function oneOf(operator: string, list: unknown, { collation }: MatchContext): Condition {
  if (!Array.isArray(list)) throw new CommandError(2, `${operator} needs an array`);
  const hashes = new Set<string>();
  const patterns: Test[] = [];
  const expressions = new ExpressionList();
  let hasNull = false;
  for (const value of list) {
    if (isOperatorDocument(value)) throw new CommandError(2, `cannot nest $ under ${operator}`);
    if (isRegex(value)) patterns.push(regexTest(value, expressions.add(value)));
    else if (isNullish(value)) hasNull = true;
    else hashes.add(hash(value, collation));
  }
  return plain((value) => {
    if (isNullish(value)) return hasNull;
    return hashes.has(hash(value, collation)) || patterns.some((test) => test(value));
  });
}

function negation(argument: unknown, context: MatchContext): Condition {
  if (isRegex(argument)) return not(regexCondition(argument, undefined));
  if (!isDocument(argument)) throw new CommandError(2, '$not needs a regex or a document');
  if (Object.keys(argument).length === 0) throw new CommandError(2, '$not cannot be empty');
  return not(compileOperators(argument, context));
}

function ofType(argument: unknown): Condition {
  const names = (Array.isArray(argument) ? argument : [argument]).map((type: unknown) => {
    const name = isNumeric(type) ? typeNameOfNumber(toNumber(type)) : type;
    if (name === undefined) throw new CommandError(2, `Invalid numerical type code: ${show(type)}`);
    if (typeof name !== 'string')
      throw new CommandError(14, 'type must be represented as a number or a string');
    if (name !== 'number' && !isTypeName(name)) throw new CommandError(2, `Unknown type name alias: ${name}`);
    return name;
  });
  return plain((value) => names.includes(typeName(value)) || (names.includes('number') && isNumeric(value)));
}

function regexTest(pattern: unknown, regex: () => RegExp): Test {
  return (value) =>
    typeof value === 'string'
      ? regex().test(value)
      : isRegex(value) && isRegex(pattern) && identical(value, pattern);
}

function regexCondition(pattern: unknown, options: unknown): Condition {
  const regex = toRegExp(pattern, options);
  return plain(regexTest(pattern, () => regex));
}

function ofSize(argument: unknown): Condition {
  const size = isNumeric(argument) ? toNumber(argument) : NaN;
  if (!Number.isInteger(size) || size < 0) {
    const expectation = isNumeric(argument)
      ? size < 0
        ? 'a non-negative number'
        : 'an integer'
      : 'a number';
    throw new CommandError(2, `Failed to parse $size. Expected ${expectation} in: $size: ${show(argument)}`);
  }
  return plain((value) => Array.isArray(value) && value.length === size, false);
}

function containsAll(argument: unknown, context: MatchContext): Condition {
  if (!Array.isArray(argument)) throw new CommandError(2, '$all needs an array');
  if (!argument.length) return plain(() => false);
  return all(
    argument.map((item: unknown) => {
      if (isDocument(item) && '$elemMatch' in item)
        return plain(elementTest(item['$elemMatch'], context), false);
      if (isOperatorDocument(item)) throw new CommandError(2, 'no $ expressions in $all');
      return isRegex(item) ? regexCondition(item, undefined) : equalTo(item, context);
    }),
  );
}

/** A test for arrays that have an element for which `argument` holds. */
function elementTest(argument: unknown, context: MatchContext): Test {
  const test = singleElementTest(argument, context);
  return (value) => Array.isArray(value) && value.some(test);
}

export function singleElementTest(argument: unknown, context: MatchContext): Test {
  if (!isDocument(argument)) throw new CommandError(2, '$elemMatch needs an Object');
  const [first = ''] = Object.keys(argument);
  const isFilter = ['$and', '$or', '$nor', '$expr'].includes(first);
  if (isOperatorDocument(argument) && !isFilter) return compileOperators(argument, context).onValue;
  const predicate = compileFilter(argument, context);
  return (element) =>
    Array.isArray(element) ? predicate({ ...element }) : isDocument(element) && predicate(element);
}

/** The place of the first element of the array at `path` that the filter is about: what `$` stands for. */
export function matchedPosition(
  filter: Document,
  path: string,
  document: Document,
  array: unknown[],
  context: MatchContext,
): number {
  const arrayPath = withoutPositions(path);
  for (const key of Object.keys(filter)) {
    const value = filter[key];
    if (key === '$and' || key === '$or') {
      for (const part of value as Document[]) {
        if (key === '$or' && !compileFilter(part, context)(document)) continue;
        const position = matchedPosition(part, path, document, array, context);
        if (position >= 0) return position;
      }
      continue;
    }
    const fieldPath = withoutPositions(key);
    if (fieldPath !== arrayPath && !fieldPath.startsWith(`${arrayPath}.`)) continue;
    const test = compileField('element' + fieldPath.slice(arrayPath.length), value, context);
    const position = array.findIndex((element) => test({ element: [element] }));
    if (position >= 0) return position;
  }
  return -1;
}

function withoutPositions(path: string): string {
  return path
    .split('.')
    .filter((part) => !isArrayIndex(part))
    .join('.');
}
