import { parsePipeline, runPipeline } from '../aggregate.js';
import { openChangeStream } from '../streams.js';
import { compare, hash } from '../compare.js';
import { ResultSource } from '../cursors.js';
import { CommandError, wrongType } from '../errors.js';
import { compileFilter, leftOut } from '../match.js';
import type { Collection } from '../collection.js';
import type { Commands, Operation } from '../operation.js';
import {
  checkFields,
  collectionName,
  documentField,
  documentsOf,
  findCollection,
  matchContextOf,
  scopeOf,
} from '../operation.js';
import { someValue } from '../paths.js';
import { compileProjection } from '../project.js';
import { select } from '../query.js';
import { sorterOf } from '../sort.js';
import type { Document } from '../values.js';
import { isDocument, isTruthy, optionalNumber, typeName } from '../values.js';

interface ReadOptions {
  filter: Document;
  sort?: unknown;
  skip?: number | undefined;
  limit?: number | undefined;
  hint?: unknown;
}

/** The documents that a filter selects, from a collection or a view. */
function read(operation: Operation, collection: Collection | undefined, options: ReadOptions): Document[] {
  const context = matchContextOf(operation, collection);
  const predicate = compileFilter(options.filter, context);
  if (!collection) return [];
  if (!collection.isView) {
    const selection = { ...options, predicate, collation: context.collation };
    return select(collection, selection, operation.transaction).map(([, document]) => document);
  }
  let documents = documentsOf(operation, collection.name).filter(predicate);
  if (isDocument(options.sort)) documents = sorterOf(options.sort, context.collation)(documents);
  const { skip = 0, limit = 0 } = options;
  return documents.slice(skip, limit ? skip + limit : undefined);
}

function notNegative(command: Document, field: string): number {
  const number = optionalNumber(command[field]) ?? 0;
  if (number >= 0) return number;
  throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
}

const LEFT_OUT = ['tailable', 'awaitData', 'min', 'max', 'returnKey', 'showRecordId'];

function find(operation: Operation): Document {
  const { command, database, services, session } = operation;
  const filter = documentField(command, 'filter');
  const collection = findCollection(operation);
  const context = matchContextOf(operation, collection);
  for (const option of LEFT_OUT) if (isTruthy(command[option])) throw leftOut(`find.${option}`);
  const sort = isDocument(command['sort']) && '$natural' in command['sort'] ? undefined : command['sort'];
  if (sort !== undefined) sorterOf(sort);
  const project = compileProjection(command['projection'], context, { filter });
  const limits = { skip: notNegative(command, 'skip'), limit: notNegative(command, 'limit') };
  const hint = command['hint'];
  const documents = read(operation, collection, { filter, sort: command['sort'], hint, ...limits });
  const namespace = `${database}.${collectionName(operation)}`;
  const isAtLimit = limits.limit > 0 && documents.length === limits.limit;
  const source = new ResultSource(documents.map(project), !isAtLimit);
  return services.cursors.reply(namespace, source, command, session);
}

function count(operation: Operation): Document {
  const { command } = operation;
  const limit = Math.abs(optionalNumber(command['limit']) ?? 0);
  const filter = documentField(command, 'query');
  const options = { filter, skip: notNegative(command, 'skip'), limit, hint: command['hint'] };
  return { n: read(operation, findCollection(operation), options).length };
}

function distinct(operation: Operation): Document {
  const { command } = operation;
  const { key } = command;
  if (typeof key !== 'string') throw wrongType('distinct.key', typeName(key), 'string');
  const collection = findCollection(operation);
  const { collation } = matchContextOf(operation, collection);
  const filter = documentField(command, 'query');
  const values = new Map<string, unknown>();
  const keep = (value: unknown): boolean => {
    const name = hash(value, collation);
    if (value !== undefined && !values.has(name)) values.set(name, value);
    return false;
  };
  for (const document of read(operation, collection, { filter, hint: command['hint'] })) {
    someValue(
      document,
      key.split('.'),
      (value) => {
        // An array stands for its elements, but not for those of arrays within it.
        if (Array.isArray(value)) value.forEach(keep);
        else keep(value);
        return false;
      },
      false,
    );
  }
  return { values: [...values.values()].sort((a, b) => compare(a, b, collation)) };
}

function aggregate(operation: Operation): Document {
  const { command, database, services, session } = operation;
  const { pipeline } = command;
  const stages = parsePipeline(pipeline);
  if (command['explain'] === true) throw leftOut('aggregate.explain');
  if (!isDocument(command['cursor'])) {
    throw new CommandError(
      9,
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  checkFields('aggregate.cursor', command['cursor'], ['batchSize']);
  if (stages[0]?.name === '$changeStream') return openChangeStream(operation);
  const name = typeof command['aggregate'] === 'string' ? command['aggregate'] : undefined;
  const collection = name === undefined ? undefined : findCollection(operation, name);
  const scope = scopeOf(operation, collection);
  const filter = stages[0]?.name === '$match' ? stages[0].argument : undefined;
  const isPlain = name !== undefined && !collection?.isView;
  const { hint } = command;
  const documents =
    isPlain && isDocument(filter)
      ? runPipeline(read(operation, collection, { filter, hint }), (pipeline as unknown[]).slice(1), scope)
      : runPipeline(
          name === undefined ? [] : read(operation, collection, { filter: {}, hint }),
          pipeline,
          scope,
        );
  const namespace = `${database}.${name ?? '$cmd.aggregate'}`;
  return services.cursors.reply(namespace, new ResultSource(documents, true), command, session);
}

async function getMore(operation: Operation): Promise<Document> {
  const { command, connection, database, services } = operation;
  const failure = services.failPoints.forGetMore();
  if (failure) throw failure;
  const id = command['getMore'];
  const namespace = `${database}.${String(command['collection'])}`;
  void connection.closed.then(() => services.cursors.wake(id));
  return services.cursors.getMore(id, namespace, command, () => connection.isClosed);
}

function killCursors({ command, services }: Operation): Document {
  const ids = command['cursors'];
  if (!Array.isArray(ids)) throw wrongType('killCursors.cursors', typeName(ids), 'array');
  const killed = ids.filter((id) => services.cursors.kill(id));
  const notFound = ids.filter((id) => !killed.includes(id));
  return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
}

const READ_FIELDS = ['collation', 'hint', 'let', 'allowDiskUse', 'batchSize'];

export const readCommands: Commands = {
  find: {
    inTransaction: true,
    fields: [
      ...READ_FIELDS,
      'filter',
      'projection',
      'sort',
      'skip',
      'limit',
      'singleBatch',
      'returnKey',
      'showRecordId',
      'min',
      'max',
      'tailable',
      'awaitData',
      'noCursorTimeout',
      'oplogReplay',
      'allowPartialResults',
    ],
    run: find,
  },
  count: { fields: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'], run: count },
  distinct: { inTransaction: true, fields: ['key', 'query', 'collation', 'hint'], run: distinct },
  aggregate: {
    inTransaction: true,
    fields: [...READ_FIELDS, 'pipeline', 'cursor', 'bypassDocumentValidation', 'explain'],
    run: aggregate,
  },
  getMore: {
    inTransaction: true,
    fields: ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'],
    run: getMore,
  },
  killCursors: { inTransaction: true, fields: ['cursors'], run: killCursors },
};
