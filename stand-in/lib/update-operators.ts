import { calculate } from './arithmetic.js';
import { compare, equal } from './compare.js';
import { CommandError } from './errors.js';
import type { MatchContext } from './match.js';
import { compileField, compileFilter } from './match.js';
import { sorterOf } from './sort.js';
import {
  clone,
  isDocument,
  isNumeric,
  isOperatorDocument,
  isRegex,
  show,
  toNumber,
  typeName,
} from './values.js';

/** What an operator's field becomes when it is to go. */
export const REMOVED = Symbol('removed');

export interface Place {
  path: string;
  field: string;
  documentId: unknown;
}

/** Gives the new value of a field; `undefined` as current value: the field is missing. */
export type Modifier = (current: unknown, place: Place) => unknown;

export interface UpdateOperator {
  /** Whether missing parents are made; the others do nothing where their field can't be. */
  creates: boolean;
  compile(argument: unknown, path: string, context: MatchContext): Modifier;
}

export const UPDATE_OPERATORS: Record<string, UpdateOperator> = {
  $set: { creates: true, compile: (argument) => () => clone(argument) },
  $setOnInsert: { creates: true, compile: (argument) => () => clone(argument) },
  $unset: { creates: false, compile: () => (current) => (current === undefined ? undefined : REMOVED) },
  $inc: { creates: true, compile: (argument, path) => arithmetic('$inc', argument, path) },
  $mul: { creates: true, compile: (argument, path) => arithmetic('$mul', argument, path) },
  $min: { creates: true, compile: (argument, _path, context) => extreme(argument, -1, context) },
  $max: { creates: true, compile: (argument, _path, context) => extreme(argument, 1, context) },
  $push: { creates: true, compile: push },
  $addToSet: { creates: true, compile: addToSet },
  $pop: { creates: false, compile: pop },
  $pull: {
    creates: false,
    compile: (argument, _path, context) => remove('$pull', pullTest(argument, context)),
  },
  $pullAll: { creates: false, compile: pullAll },
};

function arithmetic(operator: '$inc' | '$mul', argument: unknown, path: string): Modifier {
  if (!isNumeric(argument)) {
    const verb = operator === '$inc' ? 'increment' : 'multiply';
    throw new CommandError(14, `Cannot ${verb} with non-numeric argument: {${path}: ${show(argument)}}`);
  }
  return (current, { field, documentId }) => {
    if (current === undefined) return operator === '$inc' ? argument : calculate('multiply', argument, 0);
    if (!isNumeric(current)) {
      throw new CommandError(
        14,
        `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(documentId)}} has the field ` +
          `'${field}' of non-numeric type ${typeName(current)}`,
      );
    }
    return calculate(operator === '$inc' ? 'add' : 'multiply', current, argument);
  };
}

function extreme(argument: unknown, direction: 1 | -1, { collation }: MatchContext): Modifier {
  return (current) => {
    if (current === undefined || compare(argument, current, collation) * direction > 0)
      return clone(argument);
    return current;
  };
}

function arrayOf(current: unknown, { path, documentId }: Place): unknown[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw new CommandError(
    2,
    `The field '${path}' must be an array but is of type ${typeName(current)} in document {_id: ${show(documentId)}}`,
  );
}

function eachOf(operator: string, argument: unknown): unknown[] {
  if (!isDocument(argument) || !('$each' in argument)) return [argument];
  const each = argument['$each'];
  if (Array.isArray(each)) return each;
  throw new CommandError(
    operator === '$push' ? 2 : 14,
    `The argument to $each in ${operator} must be an array but it was of type: ${typeName(each)}`,
  );
}

/** Insert, sort, cut: always in this order, whatever the order of the clauses. */
function push(argument: unknown, _path: string, { collation }: MatchContext): Modifier {
  const items = eachOf('$push', argument);
  const clauses = isDocument(argument) && '$each' in argument ? argument : {};
  for (const clause of Object.keys(clauses)) {
    if (!['$each', '$slice', '$sort', '$position'].includes(clause)) {
      throw new CommandError(2, `Unrecognized clause in $push: ${clause}`);
    }
  }
  const position = integerClause('$position', clauses['$position']);
  const limit = integerClause('$slice', clauses['$slice']);
  const sorted = '$sort' in clauses ? arraySorter(clauses['$sort'], collation) : undefined;
  return (current, place) => {
    let result = [...arrayOf(current, place)];
    result.splice(position ?? result.length, 0, ...clone(items));
    if (sorted) result = sorted(result);
    if (limit !== undefined) result = limit < 0 ? result.slice(limit) : result.slice(0, limit);
    return result;
  };
}

function integerClause(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (isNumeric(value) && Number.isInteger(toNumber(value))) return toNumber(value);
  throw new CommandError(
    2,
    `The value for ${name} must be an integer value but was given type: ${typeName(value)}`,
  );
}

export function arraySorter(
  spec: unknown,
  collation: MatchContext['collation'],
): (array: unknown[]) => unknown[] {
  if (isNumeric(spec)) {
    const direction = toNumber(spec);
    if (Math.abs(direction) !== 1)
      throw new CommandError(2, 'The $sort element value must be either 1 or -1');
    return (array) => [...array].sort((a, b) => compare(a, b, collation) * direction);
  }
  const sorter = sorterOf(spec, collation);
  return (array) => sorter(array, (item) => (isDocument(item) ? item : {}));
}

function addToSet(argument: unknown, _path: string, { collation }: MatchContext): Modifier {
  const items = eachOf('$addToSet', argument);
  if (isDocument(argument) && '$each' in argument && Object.keys(argument).length > 1) {
    throw new CommandError(2, `Found unexpected fields after $each in $addToSet: ${show(argument)}`);
  }
  return (current, { field }) => {
    if (current !== undefined && !Array.isArray(current)) {
      throw new CommandError(
        2,
        `Cannot apply $addToSet to non-array field. Field named '${field}' has non-array type ${typeName(current)}`,
      );
    }
    const result: unknown[] = [...((current as unknown[] | undefined) ?? [])];
    for (const item of items) {
      if (!result.some((existing) => equal(existing, item, collation))) result.push(clone(item));
    }
    return result;
  };
}

function pop(argument: unknown, path: string): Modifier {
  const end = isNumeric(argument) ? toNumber(argument) : 0;
  if (Math.abs(end) !== 1) throw new CommandError(9, `$pop expects 1 or -1, found: ${show(argument)}`);
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) {
      throw new CommandError(
        14,
        `Path '${path}' contains an element of non-array type '${typeName(current)}'`,
      );
    }
    return end > 0 ? current.slice(0, -1) : current.slice(1);
  };
}

function pullTest(argument: unknown, context: MatchContext): (element: unknown) => boolean {
  const [first = ''] = isDocument(argument) ? Object.keys(argument) : [];
  const isFilter =
    isDocument(argument) && (!isOperatorDocument(argument) || ['$and', '$or', '$nor'].includes(first));
  if (isFilter) {
    const predicate = compileFilter(argument, context);
    return (element) => isDocument(element) && predicate(element);
  }
  if (!isOperatorDocument(argument) && !isRegex(argument)) {
    return (element) => equal(element, argument, context.collation);
  }
  const predicate = compileField('element', argument, context);
  return (element) => predicate({ element });
}

function pullAll(argument: unknown, _path: string, { collation }: MatchContext): Modifier {
  if (!Array.isArray(argument)) {
    throw new CommandError(2, `$pullAll requires an array argument but was given a ${typeName(argument)}`);
  }
  return remove('$pullAll', (element) => argument.some((value) => equal(element, value, collation)));
}

function remove(operator: string, test: (element: unknown) => boolean): Modifier {
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) throw new CommandError(2, `Cannot apply ${operator} to a non-array value`);
    return current.filter((element) => !test(element));
  };
}
