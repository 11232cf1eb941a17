import { CommandError } from './errors.js';
import type { MatchContext, Predicate } from './match.js';
import { compileFilter, leftOut, matchedPosition } from './match.js';
import { isArrayIndex, valueAt } from './paths.js';
import type { Modifier, Place } from './update-operators.js';
import { REMOVED, UPDATE_OPERATORS } from './update-operators.js';
import type { Document } from './values.js';
import {
  clone,
  isDocument,
  isOperatorDocument,
  isRegex,
  ownField,
  setField,
  show,
  typeName,
} from './values.js';

export interface UpdateOptions {
  filter: Document;
  arrayFilters: unknown;
  context: MatchContext;
}

/** Gives the changed copy of a document. */
export type Update = (document: Document, inserting: boolean) => Document;

interface Change {
  operator: string;
  path: string;
  parts: string[];
  creates: boolean;
  modify: Modifier;
}

/** One application of the update to one document. */
interface Application {
  original: Document;
  arrayFilters: Map<string, Predicate>;
  options: UpdateOptions;
}

const NO_POSITION = 'The positional operator did not find the match needed from the query.';

/** Parses an update with operators once and checks it; the result is then applied to many documents. */
export function compileUpdate(update: Document, options: UpdateOptions): Update {
  const arrayFilters = compileArrayFilters(options);
  const usedFilters = new Set<string>();
  const paths: string[] = [];
  const changes: Change[] = [];
  for (const operator of Object.keys(update)) {
    const fields = operatorFields(operator, update[operator]);
    for (const path of Object.keys(fields)) {
      checkPath(path, arrayFilters, usedFilters);
      paths.push(path);
      if (operator === '$rename') paths.push(checkRename(path, fields[path]));
      changes.push(compileChange(operator, path, fields[path], options.context));
    }
  }
  for (const identifier of arrayFilters.keys()) {
    if (usedFilters.has(identifier)) continue;
    throw new CommandError(
      9,
      `The array filter for identifier '${identifier}' was not used in the update ${show(update)}`,
    );
  }
  checkConflicts(paths);
  changes.sort((a, b) => comparePaths(a.parts, b.parts));
  return (document, inserting) => {
    const result = clone(document);
    const application = { original: document, arrayFilters, options };
    for (const change of changes) {
      if (change.operator === '$setOnInsert' && !inserting) continue;
      if (change.operator === '$rename') rename(result, change, application);
      else descend(result, change, 0, '', application);
    }
    return result;
  };
}

function operatorFields(operator: string, fields: unknown): Document {
  if (operator === '$bit' || operator === '$currentDate') throw leftOut(operator);
  if (!(operator in UPDATE_OPERATORS) && operator !== '$rename') {
    throw new CommandError(
      9,
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (isDocument(fields)) return fields;
  throw new CommandError(
    9,
    `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} ` +
      `not {${operator}: ${show(fields)}}`,
  );
}

function compileChange(operator: string, path: string, argument: unknown, context: MatchContext): Change {
  const parts = path.split('.');
  if (operator === '$rename') return { operator, path, parts, creates: true, modify: () => argument };
  const { creates, compile } = UPDATE_OPERATORS[operator]!;
  return { operator, path, parts, creates, modify: compile(argument, path, context) };
}

function compileArrayFilters({ arrayFilters, context }: UpdateOptions): Map<string, Predicate> {
  const compiled = new Map<string, Predicate>();
  for (const filter of (arrayFilters ?? []) as unknown[]) {
    const names = isDocument(filter) ? [...topLevelNames(filter)] : [];
    if (names.length === 0) {
      throw new CommandError(9, 'Cannot use an expression without a top-level field name in arrayFilters');
    }
    if (names.length > 1) {
      throw new CommandError(
        9,
        'Error parsing array filter :: caused by :: Expected a single top-level field name, found ' +
          names.map((name) => `'${name}'`).join(' and '),
      );
    }
    const [name] = names as [string];
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) {
      throw new CommandError(
        2,
        'Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string ' +
          `beginning with a lowercase letter, found '${name}'`,
      );
    }
    if (compiled.has(name)) {
      throw new CommandError(9, `Found multiple array filters with the same top-level field name ${name}`);
    }
    compiled.set(name, compileFilter(filter, context));
  }
  return compiled;
}

function topLevelNames(filter: Document, names = new Set<string>()): Set<string> {
  for (const key of Object.keys(filter)) {
    const value = filter[key];
    if (!key.startsWith('$')) names.add(key.split('.')[0]!);
    else if (Array.isArray(value)) value.filter(isDocument).forEach((part) => topLevelNames(part, names));
  }
  return names;
}

function checkPath(path: string, arrayFilters: Map<string, Predicate>, usedFilters: Set<string>): void {
  if (path === '') throw new CommandError(56, 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new CommandError(
      56,
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  if (parts[0]!.startsWith('$[') || parts[0] === '$') {
    throw new CommandError(
      2,
      `Cannot have ${parts[0] === '$' ? "positional (i.e. '$')" : 'array filter identifier (i.e. $[<id>])'} element ` +
        `in the first position in path '${path}'`,
    );
  }
  for (const part of parts) {
    const identifier = /^\$\[(.+)\]$/.exec(part)?.[1];
    if (identifier === undefined) continue;
    if (!arrayFilters.has(identifier)) {
      throw new CommandError(2, `No array filter found for identifier '${identifier}' in path '${path}'`);
    }
    usedFilters.add(identifier);
  }
}

function checkRename(path: string, target: unknown): string {
  if (typeof target !== 'string') {
    throw new CommandError(2, `The 'to' field for $rename must be a string: ${path}: ${show(target)}`);
  }
  if (target === path) {
    throw new CommandError(2, `The source and target field for $rename must differ: ${path}: "${target}"`);
  }
  return target;
}

function checkConflicts(paths: string[]): void {
  const sorted = [...paths].sort((a, b) => (`${a}.` < `${b}.` ? -1 : 1));
  sorted.forEach((path, i) => {
    const next = sorted[i + 1];
    if (next !== undefined && (next === path || next.startsWith(`${path}.`))) {
      throw new CommandError(40, `Updating the path '${next}' would create a conflict at '${path}'`);
    }
  });
}

/** MongoDB applies changes, and so adds new fields, in the order of their paths: positions as numbers. */
function comparePaths(a: string[], b: string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (isArrayIndex(x) && isArrayIndex(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function descend(target: unknown, change: Change, depth: number, at: string, application: Application): void {
  const part = change.parts[depth]!;
  if (part !== '$' && !part.startsWith('$[')) {
    step(target, part, change, depth, at, application);
    return;
  }
  if (!Array.isArray(target)) {
    if (part === '$') throw new CommandError(2, NO_POSITION);
    const place = at.split('.').pop();
    throw target === undefined
      ? noArray(at)
      : new CommandError(2, `Cannot apply array updates to non-array element ${place}: ${show(target)}`);
  }
  for (const position of positionsOf(part, target, at, application)) {
    step(target, String(position), change, depth, at, application);
  }
}

function positionsOf(part: string, array: unknown[], at: string, application: Application): number[] {
  if (part !== '$') {
    const identifier = part.slice(2, -1);
    const predicate = application.arrayFilters.get(identifier);
    const positions = [...array.keys()];
    return predicate ? positions.filter((i) => predicate({ [identifier]: array[i] })) : positions;
  }
  const { original, options } = application;
  const before = valueAt(original, at.split('.'));
  const searched = Array.isArray(before) ? before : array;
  const position = matchedPosition(options.filter, at, original, searched, options.context);
  if (position < 0) throw new CommandError(2, NO_POSITION);
  return [position];
}

function step(
  target: unknown,
  field: string,
  change: Change,
  depth: number,
  at: string,
  application: Application,
): void {
  const path = at ? `${at}.${field}` : field;
  const isContainer = Array.isArray(target) ? isArrayIndex(field) : isDocument(target);
  if (!isContainer) {
    if (!change.creates) {
      checkArrayBelow(change, depth);
      return;
    }
    const element = at.split('.').pop();
    throw new CommandError(28, `Cannot create field '${field}' in element {${element}: ${show(target)}}`);
  }
  const container = target as Document;
  if (depth === change.parts.length - 1) {
    modifyField(container, field, change, path, application);
    return;
  }
  const next = change.parts[depth + 1]!;
  const current = ownField(container, field);
  if (current === undefined && change.creates && !next.startsWith('$')) {
    const made: Document = {};
    assign(container, field, made);
    descend(made, change, depth + 1, path, application);
  } else if (current !== undefined || change.creates) {
    descend(current, change, depth + 1, path, application);
  } else {
    checkArrayBelow(change, depth);
  }
}

/** What has nothing to change where its field is missing still wants the arrays that `$[]` and `$[e]` stand for. */
function checkArrayBelow({ parts }: Change, depth: number): void {
  const below = parts.findIndex((part, i) => i > depth && part.startsWith('$['));
  if (below >= 0) throw noArray(parts.slice(0, below).join('.'));
}

function noArray(path: string): CommandError {
  return new CommandError(
    2,
    `The path '${path}' must exist in the document in order to apply array updates.`,
  );
}

function modifyField(
  container: Document,
  field: string,
  change: Change,
  path: string,
  application: Application,
): void {
  const place: Place = { path, field, documentId: application.original['_id'] };
  const after = change.modify(ownField(container, field), place);
  if (after === REMOVED) {
    if (Array.isArray(container)) assign(container, field, null);
    else Reflect.deleteProperty(container, field);
  } else if (after !== undefined) {
    assign(container, field, after);
  }
}

const MAX_PADDING = 1_500_000;

function assign(container: Document, field: string, value: unknown): void {
  if (!Array.isArray(container)) {
    setField(container, field, value);
    return;
  }
  const position = Number(field);
  if (position - container.length > MAX_PADDING) {
    throw new CommandError(
      2,
      `can't backfill more than ${MAX_PADDING} elements: trying to set position ${position}`,
    );
  }
  while (container.length < position) container.push(null);
  container[position] = value;
}

function rename(document: Document, change: Change, application: Application): void {
  const source = parentOf(document, change.path, 'source');
  if (!source || !(source.field in source.parent)) return;
  const target = change.modify(undefined, {} as Place) as string;
  parentOf(document, target, 'destination');
  const value = source.parent[source.field];
  Reflect.deleteProperty(source.parent, source.field);
  const set: Change = {
    operator: '$set',
    path: target,
    parts: target.split('.'),
    creates: true,
    modify: () => value,
  };
  descend(document, set, 0, '', application);
}

function parentOf(
  document: Document,
  path: string,
  role: string,
): { parent: Document; field: string } | undefined {
  const parts = path.split('.');
  const field = parts.pop()!;
  let parent = document;
  for (const part of parts) {
    const next = ownField(parent, part);
    if (Array.isArray(next)) {
      throw new CommandError(
        2,
        `The ${role} field cannot be an array element, '${path}' in doc with _id: ${show(document['_id'])} has an ` +
          `array field called '${part}'`,
      );
    }
    if (next !== undefined && !isDocument(next) && role === 'source') {
      throw new CommandError(
        28,
        `cannot use the part (${part} of ${path}) to traverse the element ({${part}: ${show(next)}})`,
      );
    }
    if (!isDocument(next)) return undefined;
    parent = next;
  }
  return { parent, field };
}

/** The fields that an upserted document takes from the equalities of the filter. */
export function seedOf(filter: Document, seed: Document = {}): Document {
  for (const key of Object.keys(filter)) {
    const condition = filter[key];
    if (key === '$and') (condition as Document[]).forEach((part) => seedOf(part, seed));
    else if (key === '$or' && (condition as Document[]).length === 1)
      seedOf((condition as [Document])[0], seed);
    else if (!key.startsWith('$')) plantSeed(seed, key, condition);
  }
  return seed;
}

function plantSeed(seed: Document, path: string, condition: unknown): void {
  const value = equalityOf(condition, path);
  if (value === undefined) return;
  const parts = path.split('.');
  const last = parts.pop()!;
  let parent = seed;
  for (const part of parts) {
    if (!(part in parent)) setField(parent, part, {});
    const next = parent[part];
    if (!isDocument(next)) throw notSingle(part);
    parent = next;
  }
  if (last in parent) throw notSingle(path);
  setField(parent, last, clone(value));
}

function notSingle(path: string): CommandError {
  return new CommandError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
}

function equalityOf(condition: unknown, path: string): unknown {
  if (isRegex(condition)) return undefined;
  if (!isOperatorDocument(condition)) return condition;
  if ('$eq' in condition) return condition['$eq'];
  for (const operator of ['$in', '$all']) {
    const list = condition[operator];
    const isCondition = (item: unknown): boolean => isRegex(item) || isOperatorDocument(item);
    if (!Array.isArray(list) || list.length === 0 || list.some(isCondition)) continue;
    if (list.length === 1) return list[0];
    // Each value of $all is an equality of its own.
    if (operator === '$all') throw notSingle(path);
  }
  return undefined;
}
