import { ObjectId, Timestamp } from 'bson';
import { checkPipelineUpdate, matchContext, runPipeline } from './aggregate.js';
import type { Collection } from './collection.js';
import { equal, identical } from './compare.js';
import { CommandError, unknownField } from './errors.js';
import { compileFilter } from './match.js';
import type { Operation } from './operation.js';
import { documentField, findCollection, matchContextOf, scopeOf, waitFor } from './operation.js';
import type { Selection } from './query.js';
import { select } from './query.js';
import { compileUpdate, seedOf } from './update.js';
import type { Document } from './values.js';
import { clone, idFirst, isDocument, isOperatorDocument, isRegex, show, typeName } from './values.js';
import { MAX_DOCUMENT, documentSize } from './wire.js';

export interface UpdateStatement {
  q: Document;
  u: unknown;
  multi?: boolean;
  upsert?: boolean;
  arrayFilters?: unknown;
  collation?: unknown;
  hint?: unknown;
  sort?: unknown;
  /** Constants for a pipeline. */
  c?: unknown;
  let?: unknown;
}

export interface UpdateResult {
  matched: number;
  modified: number;
  upserted?: { id: unknown };
  before?: Document;
  after?: Document;
}

export interface DeleteStatement {
  q: Document;
  limit: number;
  collation?: unknown;
  hint?: unknown;
  sort?: unknown;
  let?: unknown;
}

export function writableCollection(operation: Operation, name?: string): Collection | undefined {
  const collection = findCollection(operation, name);
  if (!collection?.isView) return collection;
  throw new CommandError(166, `Namespace ${collection.namespace} is a view, not a collection`);
}

/** Writes to a collection that does not exist make it. */
export function collectionForInsert(operation: Operation, name: string): Collection {
  const { services, database, transaction } = operation;
  return writableCollection(operation, name) ?? services.store.create(database, name, {}, transaction);
}

export async function insertDocument(operation: Operation, name: string, input: Document): Promise<Document> {
  const { store } = operation.services;
  const document = prepareInsert(input, () => store.tick());
  const collection = collectionForInsert(operation, name);
  validate(operation, collection, document);
  const key = collection.keyOf(document['_id']);
  await untilFree(operation, collection, key, document);
  if (store.view(collection, operation.transaction).has(key)) {
    throw collection.duplicate(collection.indexes[0]!, document);
  }
  const write = { operation: 'insert' as const, key, before: undefined, after: document };
  store.write(collection, write, operation.transaction);
  return document;
}

function prepareInsert(input: Document, tick: () => Timestamp): Document {
  const document = '_id' in input ? idFirst(input) : { _id: new ObjectId(), ...input };
  checkId(document['_id']);
  for (const field of Object.keys(document)) {
    const value = document[field];
    if (value instanceof Timestamp && value.isZero() && field !== '_id') document[field] = tick();
  }
  const size = documentSize(document);
  if (size > MAX_DOCUMENT) {
    throw new CommandError(
      10334,
      `BSONObj size: ${size} (0x${size.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ` +
        `16793600(16MB) First element: _id: ${show(document['_id'])}`,
    );
  }
  return document;
}

function checkId(id: unknown): void {
  if (Array.isArray(id) || isRegex(id) || id === undefined) {
    const type = id === undefined ? 'undefined' : typeName(id);
    throw new CommandError(53, `The '_id' value cannot be of type ${type}`);
  }
  if (!isDocument(id)) return;
  for (const field of Object.keys(id)) {
    if (!field.startsWith('$')) continue;
    throw new CommandError(
      52,
      `_id fields may not contain '$'-prefixed fields: ${field} is not valid for storage.`,
    );
  }
}

function validate(operation: Operation, collection: Collection, document: Document): void {
  const { validator, validationLevel, validationAction } = collection.options;
  if (!validator || validationLevel === 'off' || validationAction === 'warn') return;
  if (operation.command['bypassDocumentValidation'] === true) return;
  if (compileFilter(validator, matchContextOf(operation, undefined, {}))(document)) return;
  const [operatorName] = Object.keys(validator as Document);
  throw new CommandError(121, 'Document failed validation', {
    errInfo: { failingDocumentId: document['_id'], details: { operatorName } },
  });
}

/** A plain write waits where an open transaction has written; a transaction does not, it gets a conflict. */
async function untilFree(
  operation: Operation,
  collection: Collection,
  key: string,
  after: Document | undefined,
): Promise<boolean> {
  if (operation.transaction) return false;
  let hasWaited = false;
  for (;;) {
    const holder = operation.services.store.holdingUp(collection, key, after);
    if (!holder) return hasWaited;
    hasWaited = true;
    await waitFor(holder, operation.command);
  }
}

interface Mutation {
  kind: 'operators' | 'replacement' | 'pipeline';
  apply(document: Document, inserting: boolean): Document;
}

export async function updateDocuments(
  operation: Operation,
  name: string,
  statement: UpdateStatement,
): Promise<UpdateResult> {
  const { store } = operation.services;
  const { transaction } = operation;
  const collection = writableCollection(operation, name);
  const options = { collation: statement.collation, let: statement.let ?? operation.command['let'] };
  const context = matchContextOf(operation, collection, options);
  const selection: Selection = {
    filter: statement.q,
    predicate: compileFilter(statement.q, context),
    collation: context.collation,
    sort: statement.sort,
    hint: statement.hint,
    limit: statement.multi ? 0 : 1,
  };
  const mutation = compileMutation(operation, collection, statement);
  const result: UpdateResult = { matched: 0, modified: 0 };
  if (collection) {
    for (const [key, selected] of select(collection, selection, transaction)) {
      let before: Document | undefined = selected;
      let after: Document;
      do {
        const current = store.view(collection, transaction).get(key);
        before = current === before || (current && selection.predicate(current)) ? current : undefined;
        if (!before) break;
        after = finish(before, mutation.apply(before, false), mutation.kind);
      } while (await untilFree(operation, collection, key, after));
      if (!before) continue;
      result.matched++;
      result.before = result.after = before;
      if (identical(before, after!)) {
        transaction?.checkConflict(collection, key);
        continue;
      }
      validate(operation, collection, after!);
      const kind = mutation.kind === 'replacement' ? 'replace' : 'update';
      store.write(collection, { operation: kind, key, before, after: after! }, transaction);
      result.modified++;
      result.after = after!;
    }
  }
  if (result.matched > 0 || !statement.upsert) return result;
  return upsert(operation, name, statement, mutation);
}

async function upsert(
  operation: Operation,
  name: string,
  statement: UpdateStatement,
  mutation: Mutation,
): Promise<UpdateResult> {
  const seed = seedOf(statement.q);
  const base = mutation.kind === 'replacement' ? ('_id' in seed ? { _id: seed['_id'] } : {}) : seed;
  const document = finish(base, mutation.apply(base, true), mutation.kind);
  try {
    const inserted = await insertDocument(operation, name, document);
    return { matched: 0, modified: 0, upserted: { id: inserted['_id'] }, after: inserted };
  } catch (error) {
    const isRace = error instanceof CommandError && error.code === 11000 && !operation.transaction;
    if (!isRace) throw error;
    // Another upsert came first, perhaps while this one waited: then this one is an update.
    const retried = await updateDocuments(operation, name, { ...statement, upsert: false });
    if (retried.matched === 0) throw error;
    return retried;
  }
}

function compileMutation(
  operation: Operation,
  collection: Collection | undefined,
  statement: UpdateStatement,
): Mutation {
  const { q: filter, u: update, arrayFilters } = statement;
  const options = { collation: statement.collation, let: statement.let ?? operation.command['let'] };
  const scope = scopeOf(operation, collection, options);
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined)
      throw new CommandError(9, 'Cannot specify arrayFilters and a pipeline update');
    checkPipelineUpdate(update);
    const constants = (statement.c ?? {}) as Document;
    const own = { ...scope, variables: { ...scope.variables, ...constants } };
    return { kind: 'pipeline', apply: (document) => runPipeline([document], update, own)[0]! };
  }
  if (!isDocument(update)) throw new CommandError(9, 'Update argument must be either an object or an array');
  if (statement.c !== undefined) {
    throw new CommandError(51198, 'Constant values may only be specified for pipeline updates');
  }
  if (isOperatorDocument(update)) {
    const apply = compileUpdate(update, { filter, arrayFilters, context: matchContext(scope) });
    return { kind: 'operators', apply };
  }
  checkReplacement(update, statement);
  return { kind: 'replacement', apply: () => clone(update) };
}

function checkReplacement(update: Document, { arrayFilters, multi }: UpdateStatement): void {
  for (const field of Object.keys(update)) {
    if (!field.startsWith('$') || ['$ref', '$id', '$db'].includes(field)) continue;
    throw new CommandError(
      52,
      `The dollar ($) prefixed field '${field}' in '${field}' is not allowed in the context of an update's ` +
        'replacement document. Consider using an aggregation pipeline with $replaceWith.',
    );
  }
  if (Array.isArray(arrayFilters) && arrayFilters.length) {
    throw new CommandError(9, 'arrayFilters may not be specified for replacement-style updates');
  }
  if (multi) throw new CommandError(9, 'multi update is not supported for replacement-style update');
}

/** The `_id` stays what it was: same value, same type, first place. */
function finish(before: Document, after: Document, kind: Mutation['kind']): Document {
  if (!('_id' in before)) return after;
  const isKept = '_id' in after ? equal(before['_id'], after['_id']) : kind !== 'operators';
  if (!isKept) {
    throw new CommandError(
      66,
      kind === 'operators'
        ? "Performing an update on the path '_id' would modify the immutable field '_id'"
        : `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ` +
            show(after['_id']),
    );
  }
  const result = idFirst({ ...after, _id: before['_id'] });
  const size = documentSize(result);
  if (size > MAX_DOCUMENT) {
    throw new CommandError(17419, `Resulting document after update is larger than ${MAX_DOCUMENT}`);
  }
  return result;
}

export async function deleteDocuments(
  operation: Operation,
  name: string,
  statement: DeleteStatement,
): Promise<{ deleted: number; document?: Document }> {
  const { store } = operation.services;
  const { transaction } = operation;
  const collection = writableCollection(operation, name);
  const options = { collation: statement.collation, let: statement.let ?? operation.command['let'] };
  const context = matchContextOf(operation, collection, options);
  const predicate = compileFilter(statement.q, context);
  if (!collection) return { deleted: 0 };
  const { q: filter, sort, hint, limit } = statement;
  const selection = { filter, predicate, collation: context.collation, sort, hint, limit };
  let deleted = 0;
  let document: Document | undefined;
  for (const [key, selected] of select(collection, selection, transaction)) {
    await untilFree(operation, collection, key, undefined);
    const before = store.view(collection, transaction).get(key);
    if (!before || (before !== selected && !predicate(before))) continue;
    store.write(collection, { operation: 'delete', key, before, after: undefined }, transaction);
    deleted++;
    document = before;
  }
  return document ? { deleted, document } : { deleted };
}

const UPDATE_FIELDS = ['q', 'u', 'c', 'multi', 'upsert', 'arrayFilters', 'collation', 'hint', 'sort'];
const DELETE_FIELDS = ['q', 'limit', 'collation', 'hint'];

export function parseUpdate(statement: Document): UpdateStatement {
  checkStatement('update.updates', statement, UPDATE_FIELDS, ['q', 'u']);
  return { ...statement, q: documentField(statement, 'q') } as unknown as UpdateStatement;
}

export function parseDelete(statement: Document): DeleteStatement {
  checkStatement('delete.deletes', statement, DELETE_FIELDS, ['q', 'limit']);
  const limit = Number(statement['limit']);
  if (limit === 0 || limit === 1) return { ...statement, q: documentField(statement, 'q'), limit };
  throw new CommandError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
}

function checkStatement(name: string, statement: Document, known: string[], required: string[]): void {
  for (const field of Object.keys(statement))
    if (!known.includes(field)) throw unknownField(`${name}.${field}`);
  for (const field of required) {
    if (field in statement) continue;
    throw new CommandError(40414, `BSON field '${name}.${field}' is missing but a required field`);
  }
}
