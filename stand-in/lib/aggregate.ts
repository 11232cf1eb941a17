import { Long } from 'bson';
import type { Collation } from './collation.js';
import { CommandError, unknownField } from './errors.js';
import type { Scope } from './expressions.js';
import { checkExpressions, compileExpression, isAccumulator, runStage } from './expressions.js';
import { lookup } from './lookup.js';
import type { MatchContext } from './match.js';
import { compileFilter, leftOut } from './match.js';
import { assignAt, compileProjection } from './project.js';
import { sorterOf } from './sort.js';
import { valueAt } from './paths.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, show, toNumber, typeName } from './values.js';

/** Where a pipeline runs: what it may read, and with which collation and variables. */
export interface PipelineScope extends Scope {
  collation: Collation | undefined;
  documentsOf: (collection: string) => Document[];
  /** `$out` and `$merge`; nothing where a pipeline may not write. */
  write?: (stage: '$out' | '$merge', argument: unknown, documents: Document[]) => void;
  /** Stages that give documents of the server instead of a collection's. */
  sources?: Record<string, (argument: unknown) => Document[]>;
}

export function matchContext(scope: PipelineScope): MatchContext {
  return { collation: scope.collation, expression: (expression) => compileExpression(expression, scope) };
}

type Stage = (documents: Document[], argument: unknown, scope: PipelineScope) => Document[];

const MINGO_STAGES = [
  '$group',
  '$bucket',
  '$bucketAuto',
  '$sortByCount',
  '$graphLookup',
  '$setWindowFields',
  '$redact',
  '$densify',
  '$fill',
];

export const LEFT_OUT = [
  '$changeStreamSplitLargeEvent',
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
  $count: count,
  $sample: sample,
  $documents: (_documents, argument, scope) => compileExpression(argument, scope)({}) as Document[],
  $facet: (documents, argument, scope) => [
    Object.fromEntries(
      Object.entries(argument as Record<string, unknown>).map(([name, stages]) => [
        name,
        runPipeline(documents, stages, scope),
      ]),
    ),
  ],
  $unionWith: unionWith,
  $lookup: (documents, argument, scope) => lookup(documents, argument, scope),
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
  $unwind: (documents, argument) => unwind(documents, argument),
  $sortByCount: (documents, argument, scope) => {
    const group = { $group: { _id: argument, count: { $sum: 1 } } };
    return runPipeline(documents, [group, { $sort: { count: -1 } }], scope);
  },
  $out: (documents, argument, scope) => write('$out', documents, argument, scope),
  $merge: (documents, argument, scope) => write('$merge', documents, argument, scope),
};

/** Runs a pipeline over documents that stay as they are. */
export function runPipeline(documents: Document[], pipeline: unknown, scope: PipelineScope): Document[] {
  const stages = parsePipeline(pipeline);
  let result = documents;
  for (const [i, { name, argument }] of stages.entries()) {
    const source = scope.sources?.[name];
    if (source && i === 0) result = source(argument);
    else if (MINGO_STAGES.includes(name)) {
      if (name !== '$graphLookup') checkExpressions(stageExpressions(name, argument), scope);
      result = runStage(result, name, argument, scope);
    } else result = STAGES[name]!(result, argument, scope);
  }
  return result;
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
  $lookup: {
    known: ['from', 'as', 'localField', 'foreignField', 'let', 'pipeline'],
    refuse: (option) => new CommandError(9, `unknown argument to $lookup: ${option}`),
  },
  $graphLookup: {
    known: [
      'from',
      'as',
      'startWith',
      'connectFromField',
      'connectToField',
      'maxDepth',
      'depthField',
      'restrictSearchWithMatch',
    ],
    refuse: (option) => new CommandError(40104, `Unknown argument to $graphLookup: ${option}`),
  },
  $unwind: {
    known: ['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'],
    refuse: (option) => new CommandError(28811, `unrecognized option to $unwind stage: ${option}`),
  },
  $sample: {
    known: ['size'],
    refuse: (option) => new CommandError(28748, `unrecognized option to $sample: ${option}`),
  },
  $bucket: {
    known: ['groupBy', 'boundaries', 'default', 'output'],
    refuse: (option) => new CommandError(40197, `Unrecognized option to $bucket: ${option}.`),
  },
  $unionWith: { known: ['coll', 'pipeline'], refuse: (option) => unknownField(`$unionWith.${option}`) },
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
    if (i > 0 && (SOURCES.includes(name) || name === '$documents')) {
      throw new CommandError(40602, `${name} is only valid as the first stage in a pipeline.`);
    }
    if ((name === '$out' || name === '$merge') && i < pipeline.length - 1) {
      throw new CommandError(40601, `${name} can only be the final stage in the pipeline`);
    }
    checkStageOptions(name, stage[name]);
    return { name, argument: stage[name] };
  });
}

const SOURCES = [
  '$changeStream',
  '$indexStats',
  '$collStats',
  '$currentOp',
  '$listLocalSessions',
  '$listSessions',
];

export function isKnownStage(name: string): boolean {
  return name in STAGES || MINGO_STAGES.includes(name) || SOURCES.includes(name);
}

/** The part of a mingo stage that holds nothing but expressions. */
function stageExpressions(name: string, argument: unknown): unknown {
  if (name !== '$group' || !isDocument(argument)) return undefined;
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

/** Of no documents MongoDB makes none; mingo counts 0. */
function count(documents: Document[], argument: unknown): Document[] {
  if (typeof argument !== 'string')
    throw new CommandError(40156, 'the count field must be a non-empty string');
  if (argument === '') throw new CommandError(40157, 'the count field must be a non-empty string');
  return documents.length ? [{ [argument]: documents.length }] : [];
}

function sample(documents: Document[], argument: unknown): Document[] {
  const size = isDocument(argument) ? toNumber(numeric('$sample', argument['size'])) : 0;
  const drawn = documents.map((document) => ({ document, order: Math.random() }));
  drawn.sort((a, b) => a.order - b.order);
  return drawn.slice(0, size).map(({ document }) => document);
}

function unionWith(documents: Document[], argument: unknown, scope: PipelineScope): Document[] {
  const spec = isDocument(argument) ? argument : { coll: argument };
  const others = spec['coll'] === undefined ? [] : scope.documentsOf(String(spec['coll']));
  return documents.concat(
    spec['pipeline'] === undefined ? others : runPipeline(others, spec['pipeline'], scope),
  );
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

function unwind(documents: Document[], argument: unknown): Document[] {
  const spec = isDocument(argument) ? argument : { path: argument };
  const { path, includeArrayIndex } = spec;
  const keepEmpty = spec['preserveNullAndEmptyArrays'] === true;
  if (typeof path !== 'string')
    throw new CommandError(28808, `expected a string as the path for $unwind stage`);
  if (!path.startsWith('$')) {
    throw new CommandError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  }
  const parts = path.slice(1).split('.');
  const indexParts = typeof includeArrayIndex === 'string' ? includeArrayIndex.split('.') : undefined;
  const withIndex = (document: Document, index: Long | null): Document =>
    indexParts ? assignAt(document, indexParts, index) : document;
  return documents.flatMap((document) => {
    const value = valueAt(document, parts);
    if (!Array.isArray(value)) {
      const isEmpty = value === undefined || value === null;
      return isEmpty && !keepEmpty ? [] : [withIndex(document, null)];
    }
    if (value.length === 0) return keepEmpty ? [withIndex(assignAt(document, parts, undefined), null)] : [];
    return value.map((item, i) => withIndex(assignAt(document, parts, item), Long.fromNumber(i)));
  });
}

function write(
  stage: '$out' | '$merge',
  documents: Document[],
  argument: unknown,
  scope: PipelineScope,
): Document[] {
  if (!scope.write) throw new CommandError(51047, `${stage} is not allowed within a $lookup's sub-pipeline`);
  scope.write(stage, argument, documents);
  return [];
}
