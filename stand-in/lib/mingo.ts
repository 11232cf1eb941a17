import { Double, Long } from 'bson';
import type { AnyObject, Options } from 'mingo/types';
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import { $group } from 'mingo/operators/pipeline';
import * as projection from 'mingo/operators/projection';
import * as query from 'mingo/operators/query';
import { CommandError } from './errors.js';
import { ACCUMULATOR_OVERRIDES, EXPRESSION_OVERRIDES, LEFT_OUT_EXPRESSIONS } from './expression-operators.js';
import type { Scope } from './expressions.js';
import { leftOut } from './match.js';
import type { Document } from './values.js';
import { isDocument, ownField, setField } from './values.js';

let captured: unknown;

// The top-level functions of mingo put their own operators over given ones; a context of one's own is obeyed.
const context = Context.init({
  accumulator: { ...accumulators, ...ACCUMULATOR_OVERRIDES } as never,
  expression: { ...expressions, ...EXPRESSION_OVERRIDES, $captureOptions: capture } as never,
  pipeline: { $group },
  projection: { ...projection },
  query: { ...query },
});

const KNOWN = new Set([
  ...Object.keys({ ...expressions, ...EXPRESSION_OVERRIDES, ...accumulators }),
  '$const',
]);

export function isAccumulator(name: string): boolean {
  return name in accumulators || name in ACCUMULATOR_OVERRIDES;
}

interface EvaluationOptions extends Options {
  update(locals: { root: unknown }): EvaluationOptions;
}

function capture(_document: unknown, _argument: unknown, options: Options): null {
  captured = options;
  return null;
}

/** mingo does not export the class of its options, and makes a new one for each document when given plain ones. */
function evaluationOptions(scope: Scope): EvaluationOptions {
  evalExpr({}, { $captureOptions: null }, { context, variables: scope.variables } as unknown as Options);
  return captured as EvaluationOptions;
}

/** Compiles an aggregation expression; unknown operators and variables are refused before the first document. */
export function compileExpression(expression: unknown, scope: Scope): (document: Document) => unknown {
  checkExpression(expression, new Set([...Object.keys(scope.variables), ...SYSTEM_VARIABLES]));
  // A path alone is followed here: so a value keeps the type that mingo does not know.
  const path =
    typeof expression === 'string' && /^\$[^$]/.test(expression) ? expression.slice(1).split('.') : undefined;
  if (path) return (document) => followPath(document, path);
  const prepared = demote(expression);
  const options = evaluationOptions(scope);
  return (document) => {
    const root = demote(document);
    return translateErrors(() => restore(evalExpr(root, prepared, options.update({ root }) as never)));
  };
}

/** Runs one of the stages that mingo computes as MongoDB does. */
export function runStage(documents: Document[], stage: string, argument: unknown, scope: Scope): Document[] {
  const options = {
    context,
    variables: scope.variables,
  };
  return translateErrors(() => {
    const aggregator = new Aggregator([{ [stage]: demote(argument) } as AnyObject], options as never);
    // Shallow copies: some stages add their fields to the documents that they get.
    const results = aggregator.run<Document>(
      documents.map((document) => ({ ...(demote(document) as Document) })),
    );
    return results.filter((result) => result !== undefined).map((result) => mapFields(result, restore));
  });
}

export function checkExpressions(stage: unknown, scope: Scope): void {
  checkExpression(stage, new Set([...Object.keys(scope.variables), ...SYSTEM_VARIABLES]));
}

const SYSTEM_VARIABLES = ['ROOT', 'CURRENT', 'REMOVE', 'NOW', 'KEEP', 'PRUNE', 'DESCEND'];

function checkExpression(expression: unknown, variables: Set<string>): void {
  if (typeof expression === 'string' && expression.startsWith('$$')) {
    const name = expression.slice(2).split('.')[0]!;
    if (!variables.has(name)) throw new CommandError(17276, `Use of undefined variable: ${name}`);
  } else if (Array.isArray(expression)) {
    for (const item of expression) checkExpression(item, variables);
  } else if (isDocument(expression)) {
    checkDocument(expression, variables);
  }
}

function checkDocument(expression: Document, variables: Set<string>): void {
  const keys = Object.keys(expression);
  const [operator] = keys;
  if (!operator?.startsWith('$')) {
    for (const key of keys) checkExpression(expression[key], variables);
    return;
  }
  if (keys.length > 1) {
    throw new CommandError(
      15983,
      `an object representing an expression must have exactly one field: ${JSON.stringify(expression)}`,
    );
  }
  if (LEFT_OUT_EXPRESSIONS.includes(operator)) throw leftOut(operator);
  if (!KNOWN.has(operator)) throw new CommandError(168, `Unrecognized expression '${operator}'`);
  if (operator === '$literal' || operator === '$const') return;
  checkExpression(
    expression[operator],
    new Set([...variables, ...declaredBy(operator, expression[operator])]),
  );
}

function declaredBy(operator: string, argument: unknown): string[] {
  if (!isDocument(argument)) return [];
  if (operator === '$reduce') return ['this', 'value'];
  if (operator === '$map' || operator === '$filter') return ['this', String(argument['as'] ?? 'this')];
  return operator === '$let' && isDocument(argument['vars']) ? Object.keys(argument['vars']) : [];
}

/** Of an array, the value for each document in it; arrays within arrays are passed over. */
function followPath(value: unknown, parts: string[]): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  if (Array.isArray(value)) {
    const documents = value.filter(isDocument);
    return documents.map((item) => followPath(item, parts)).filter((item) => item !== undefined);
  }
  return isDocument(value) ? followPath(ownField(value, part), rest) : undefined;
}

/** What was replaced for mingo, to be put back into its results. */
const originals = new WeakMap<object, unknown>();

/** mingo computes only with plain numbers: wrapped ones that fit are replaced; what holds none is not copied. */
function demote(value: unknown): unknown {
  if (value instanceof Double) return value.value;
  if (value instanceof Long) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  const copy = mapFields(value, demote);
  if (copy !== value) originals.set(copy as object, value);
  return copy;
}

function restore(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  return originals.get(value) ?? mapFields(value, restore);
}

/** A copy with every element or field mapped; the same object where nothing changed. */
function mapFields<T>(value: T, map: (value: unknown) => unknown): T {
  if (Array.isArray(value)) {
    const mapped = value.map(map);
    return mapped.some((item, i) => item !== value[i]) ? (mapped as T) : value;
  }
  if (!isDocument(value)) return value;
  let copy: Document | undefined;
  for (const key of Object.keys(value)) {
    const mapped = map(value[key]);
    if (mapped === value[key]) continue;
    copy ??= { ...value };
    setField(copy, key, mapped);
  }
  return (copy ?? value) as T;
}

function translateErrors<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(2, message.replace(/^mingo: /, ''));
  }
}
