import type { Collation } from './collation.js';
import { CommandError, unknownField } from './errors.js';
import type { Scope } from './expressions.js';
import { checkExpressions, compileExpression, isAccumulator, runStage } from './expressions.js';
import type { MatchContext } from './match.js';
import { compileFilter, leftOut } from './match.js';
import { assignAt, compileProjection } from './project.js';
import { sorterOf } from './sort.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, show, toNumber, typeName } from './values.js';

/** Where a pipeline runs: what it may read, and with which collation and variables. */
export interface PipelineScope extends Scope {
  collation: Collation | undefined;
}

export function matchContext(scope: PipelineScope): MatchContext {
  return { collation: scope.collation, expression: (expression) => compileExpression(expression, scope) };
}

type Stage = (documents: Document[], argument: unknown, scope: PipelineScope) => Document[];

export const LEFT_OUT = [
  '$bucket',
  '$bucketAuto',
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$count',
  '$currentOp',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$graphLookup',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$lookup',
  '$merge',
  '$out',
  '$redact',
  '$setWindowFields',
  '$sortByCount',
  '$unionWith',
  '$unwind',
  '$geoNear',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$planCacheStats',
  '$shardedDataDistribution',
];

const STAGES: Record<string, Stage> = {
  $match: (documents, argument, scope) => documents.filter(compileFilter(argument, matchContext(scope))),
  $sort: (documents, argument, scope) => sorterOf(argument, scope.collation)(documents),
  $limit: (documents, argument) => documents.slice(0, positive(argument)),
  $skip: (documents, argument) => documents.slice(toNumber(numeric('$skip', argument))),
  $sample: sample,
  $project: (documents, argument, scope) => {
    if (!isDocument(argument) || Object.keys(argument).length === 0) {
      throw new CommandError(
        51272,
        'Invalid $project :: caused by :: projection specification must have at least one field',
      );
    }
    return documents.map(compileProjection(argument, matchContext(scope), { stage: true }));
  },
  $unset: unset,
  $addFields: addFields,
  $set: addFields,
  $replaceRoot: (documents, argument, scope) =>
    replaceWith(documents, (argument as Document)['newRoot'], scope),
  $replaceWith: replaceWith,
  $group: (documents, argument, scope) => {
    checkExpressions(groupExpressions(argument), scope);
    return runStage(documents, '$group', argument, scope);
  },
};

/** Runs a pipeline over documents that stay as they are. */
export function runPipeline(documents: Document[], pipeline: unknown, scope: PipelineScope): Document[] {
  return parsePipeline(pipeline).reduce(
    (result, { name, argument }) => STAGES[name]!(result, argument, scope),
    documents,
  );
}

interface ParsedStage {
  name: string;
  argument: unknown;
}

/** The options of a stage, and how MongoDB refuses another one. */
interface StageOptions {
  known: string[];
  refuse: (option: string) => CommandError;
}

const STAGE_OPTIONS: Record<string, StageOptions> = {
  $sample: {
    known: ['size'],
    refuse: (option) => new CommandError(28748, `unrecognized option to $sample: ${option}`),
  },
  $replaceRoot: { known: ['newRoot'], refuse: (option) => unknownField(`$replaceRoot.${option}`) },
};

function checkStageOptions(name: string, argument: unknown): void {
  const options = STAGE_OPTIONS[name];
  if (!options || !isDocument(argument)) return;
  for (const option of Object.keys(argument))
    if (!options.known.includes(option)) throw options.refuse(option);
}

/** Checks the shape of a pipeline, and that every stage and option is known. */
export function parsePipeline(pipeline: unknown): ParsedStage[] {
  if (!Array.isArray(pipeline)) {
    throw new CommandError(14, "'pipeline' option must be specified as an array");
  }
  return pipeline.map((stage: unknown, i) => {
    if (!isDocument(stage))
      throw new CommandError(14, "Each element of the 'pipeline' array must be an object");
    const names = Object.keys(stage);
    const [name] = names;
    if (name === undefined || names.length > 1) {
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    if (LEFT_OUT.includes(name)) throw leftOut(name);
    if (!isKnownStage(name)) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    if (i > 0 && name === '$changeStream') {
      throw new CommandError(40602, `${name} is only valid as the first stage in a pipeline.`);
    }
    checkStageOptions(name, stage[name]);
    return { name, argument: stage[name] };
  });
}

export function isKnownStage(name: string): boolean {
  return name in STAGES || name === '$changeStream';
}

/** What of a `$group` is computed, checked. */
function groupExpressions(argument: unknown): unknown {
  if (!isDocument(argument)) return undefined;
  if (!('_id' in argument)) throw new CommandError(15955, 'a group specification must include an _id');
  for (const [field, accumulator] of Object.entries(argument)) {
    if (field === '_id') continue;
    if (!isDocument(accumulator)) {
      throw new CommandError(40234, `The field '${field}' must be an accumulator object`);
    }
    const [operator = '', ...others] = Object.keys(accumulator);
    if (others.length) throw new CommandError(40238, `The field '${field}' must specify one accumulator`);
    if (!isAccumulator(operator)) throw new CommandError(15952, `unknown group operator '${operator}'`);
  }
  return argument;
}

const UPDATE_STAGES = ['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith'];

/** Applies an update that is written as a pipeline. */
export function checkPipelineUpdate(pipeline: unknown): void {
  for (const { name } of parsePipeline(pipeline)) {
    if (!UPDATE_STAGES.includes(name))
      throw new CommandError(72, `${name} is not allowed to be used within an update`);
  }
}

function numeric(stage: string, argument: unknown) {
  if (isNumeric(argument)) return argument;
  throw new CommandError(
    15956,
    `invalid argument to ${stage} stage: Expected a number in: ${stage}: ${show(argument)}`,
  );
}

function positive(argument: unknown): number {
  const number = toNumber(numeric('$limit', argument));
  if (number > 0) return number;
  throw new CommandError(15958, 'the limit must be positive');
}

function sample(documents: Document[], argument: unknown): Document[] {
  const size = isDocument(argument) ? toNumber(numeric('$sample', argument['size'])) : 0;
  const drawn = documents.map((document) => ({ document, order: Math.random() }));
  drawn.sort((a, b) => a.order - b.order);
  return drawn.slice(0, size).map(({ document }) => document);
}

function unset(documents: Document[], argument: unknown, scope: PipelineScope): Document[] {
  const paths = Array.isArray(argument) ? argument : [argument];
  if (paths.length === 0) {
    throw new CommandError(
      31119,
      '$unset specification must be a string or an array with at least one field',
    );
  }
  for (const path of paths) {
    if (typeof path !== 'string')
      throw new CommandError(31120, '$unset specification must be a string or an array');
  }
  const spec = Object.fromEntries(paths.map((path) => [path as string, 0]));
  return documents.map(compileProjection(spec, matchContext(scope), { stage: true }));
}

/** mingo changes nested objects of its input here, and does nothing over arrays and scalars. */
function addFields(documents: Document[], argument: unknown, scope: PipelineScope): Document[] {
  if (!isDocument(argument)) {
    throw new CommandError(
      40272,
      `$addFields specification stage must be an object, got ${typeName(argument)}`,
    );
  }
  const assignments: { parts: string[]; evaluate: (document: Document) => unknown }[] = [];
  const collect = (path: string, value: unknown): void => {
    const keys = isDocument(value) ? Object.keys(value) : [];
    if (keys.length > 0 && !keys[0]!.startsWith('$')) {
      for (const key of keys) collect(`${path}.${key}`, (value as Document)[key]);
    } else {
      assignments.push({ parts: path.split('.'), evaluate: compileExpression(value, scope) });
    }
  };
  for (const path of Object.keys(argument)) collect(path, argument[path]);
  return documents.map((document) =>
    assignments.reduce(
      (result, { parts, evaluate }) => assignAt(result, parts, evaluate(document)),
      document,
    ),
  );
}

function replaceWith(documents: Document[], expression: unknown, scope: PipelineScope): Document[] {
  const evaluate = compileExpression(expression, scope);
  return documents.map((document) => {
    const root = evaluate(document);
    if (isDocument(root)) return root;
    throw new CommandError(
      40228,
      `'newRoot' expression  must evaluate to an object, but resulting value was: ${show(root)}. Type of resulting ` +
        `value: '${typeName(root)}'.`,
    );
  });
}
