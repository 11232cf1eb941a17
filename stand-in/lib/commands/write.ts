import { ResultSource } from '../cursors.js';
import { CommandError, isTransientCode, unknownField } from '../errors.js';
import type { Commands, Operation } from '../operation.js';
import { collectionName, documentField, matchContextOf } from '../operation.js';
import { compileProjection } from '../project.js';
import type { Document } from '../values.js';
import { isDocument, isTruthy, optionalNumber } from '../values.js';
import type { UpdateResult, UpdateStatement } from '../writes.js';
import {
  deleteDocuments,
  insertDocument,
  parseDelete,
  parseUpdate,
  updateDocuments,
  writableCollection,
} from '../writes.js';

const MAX_BATCH = 100_000;
/** What ends the command instead of one statement: time is up, no such name, too large, not understood. */
const TOP_LEVEL_CODES = [50, 73, 10334, 40414, 40415];

/** Runs the statements of a batch; what fails is listed under its own number. */
async function runStatements(
  operation: Operation,
  list: unknown,
  run: (statement: Document, position: number) => Promise<void>,
): Promise<Document[]> {
  const { command, transaction } = operation;
  const statements = Array.isArray(list) ? (list as Document[]) : [];
  if (statements.length === 0 || statements.length > MAX_BATCH) {
    throw new CommandError(
      16,
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
    );
  }
  const writeErrors: Document[] = [];
  for (const [position, statement] of statements.entries()) {
    try {
      await run(statement, position);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const isTopLevel = TOP_LEVEL_CODES.includes(error.code);
      if (isTopLevel || (transaction && isTransientCode(error.code))) throw error;
      writeErrors.push(error.writeError(position));
      transaction?.abort();
      if (transaction || command['ordered'] !== false) break;
    }
  }
  return writeErrors;
}

function withErrors(reply: Document, writeErrors: Document[]): Document {
  return writeErrors.length ? { ...reply, writeErrors } : reply;
}

async function insert(operation: Operation): Promise<Document> {
  const name = collectionName(operation);
  writableCollection(operation, name);
  let n = 0;
  const writeErrors = await runStatements(operation, operation.command['documents'], async (document) => {
    await insertDocument(operation, name, document);
    n++;
  });
  return withErrors({ n }, writeErrors);
}

async function update(operation: Operation): Promise<Document> {
  const name = collectionName(operation);
  const reply = { n: 0, nModified: 0 };
  const upserted: Document[] = [];
  const writeErrors = await runStatements(
    operation,
    operation.command['updates'],
    async (statement, index) => {
      const result = await updateDocuments(operation, name, parseUpdate(statement));
      reply.n += result.matched + (result.upserted ? 1 : 0);
      reply.nModified += result.modified;
      if (result.upserted) upserted.push({ index, _id: result.upserted.id });
    },
  );
  return withErrors(upserted.length ? { ...reply, upserted } : reply, writeErrors);
}

async function remove(operation: Operation): Promise<Document> {
  const name = collectionName(operation);
  let n = 0;
  const writeErrors = await runStatements(operation, operation.command['deletes'], async (statement) => {
    n += (await deleteDocuments(operation, name, parseDelete(statement))).deleted;
  });
  return withErrors({ n }, writeErrors);
}

async function findAndModify(operation: Operation): Promise<Document> {
  const { command } = operation;
  const name = collectionName(operation);
  const wantsRemove = isTruthy(command['remove']);
  const wantsNew = isTruthy(command['new']);
  if (wantsRemove && 'update' in command) {
    throw new CommandError(9, 'Cannot specify both an update and remove=true');
  }
  if (wantsRemove && wantsNew) {
    throw new CommandError(
      9,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
  if (wantsRemove && isTruthy(command['upsert'])) {
    throw new CommandError(9, 'Cannot specify both upsert=true and remove=true');
  }
  if (!wantsRemove && !('update' in command)) {
    throw new CommandError(9, 'Either an update or remove=true must be specified');
  }
  const q = documentField(command, 'query');
  const { sort, collation, hint, arrayFilters } = command;
  const context = matchContextOf(operation, writableCollection(operation, name));
  const project = compileProjection(command['fields'], context, { filter: q });
  if (wantsRemove) {
    const { deleted, document } = await deleteDocuments(operation, name, {
      q,
      limit: 1,
      sort,
      collation,
      hint,
    });
    return { lastErrorObject: { n: deleted }, value: document ? project(document) : null };
  }
  const upsert = isTruthy(command['upsert']);
  const statement: UpdateStatement = { q, u: command['update'], upsert, sort, collation, hint, arrayFilters };
  const result = await updateDocuments(operation, name, statement);
  const value = wantsNew ? result.after : result.before;
  return { lastErrorObject: lastErrorObject(result), value: value ? project(value) : null };
}

function lastErrorObject({ matched, upserted }: UpdateResult): Document {
  if (upserted) return { n: 1, updatedExisting: false, upserted: upserted.id };
  return { n: matched, updatedExisting: matched > 0 };
}

const BULK_FIELDS: Record<string, string[]> = {
  insert: ['document'],
  update: [
    'filter',
    'updateMods',
    'multi',
    'upsert',
    'arrayFilters',
    'collation',
    'hint',
    'sort',
    'constants',
  ],
  delete: ['filter', 'multi', 'collation', 'hint'],
};

/** The `bulkWrite` command of MongoDB 8: writes to several collections at once. */
async function bulkWrite(operation: Operation): Promise<Document> {
  const { command, services, session } = operation;
  const namespaces = (command['nsInfo'] as Document[]).map(({ ns }) => splitNamespace(String(ns)));
  const totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  const results: Document[] = [];
  const writeErrors = await runStatements(operation, command['ops'], async (statement, idx) => {
    const kind = ['insert', 'update', 'delete'].find((name) => name in statement);
    if (!kind) throw unknownField(`bulkWrite.ops.${Object.keys(statement)[0] ?? ''}`);
    for (const field of Object.keys(statement)) {
      if (field !== kind && !BULK_FIELDS[kind]!.includes(field)) throw unknownField(`bulkWrite.ops.${field}`);
    }
    const namespace = namespaces[optionalNumber(statement[kind]) ?? -1];
    if (!namespace) throw new CommandError(2, `BulkWrite ops entry ${idx} has an invalid nsInfo index.`);
    const own = { ...operation, database: namespace.database };
    const counts = await runBulkStatement(own, namespace.name, kind, statement, totals);
    results.push({ ok: 1, idx, ...counts });
  });
  totals.nErrors = writeErrors.length;
  for (const { index, ...error } of writeErrors) results.push({ ok: 0, idx: index, n: 0, ...error });
  results.sort((a, b) => Number(a['idx']) - Number(b['idx']));
  const shown = command['errorsOnly'] === true ? results.filter(({ ok }) => ok === 0) : results;
  return {
    ...services.cursors.reply('admin.$cmd.bulkWrite', new ResultSource(shown), command, session),
    ...totals,
  };
}

async function runBulkStatement(
  operation: Operation,
  name: string,
  kind: string,
  statement: Document,
  totals: Record<string, number>,
): Promise<Document> {
  const add = (field: string, count: number): void => void (totals[field] = (totals[field] ?? 0) + count);
  const { filter, collation, hint } = statement;
  if (kind === 'insert') {
    await insertDocument(operation, name, documentField(statement, 'document'));
    add('nInserted', 1);
    return { n: 1 };
  }
  const q = isDocument(filter) ? filter : {};
  if (kind === 'delete') {
    const limit = isTruthy(statement['multi']) ? 0 : 1;
    const { deleted } = await deleteDocuments(operation, name, { q, limit, collation, hint });
    add('nDeleted', deleted);
    return { n: deleted };
  }
  const { sort, arrayFilters } = statement;
  const own: UpdateStatement = { q, u: statement['updateMods'], collation, hint, sort, arrayFilters };
  own.multi = isTruthy(statement['multi']);
  own.upsert = isTruthy(statement['upsert']);
  own.c = statement['constants'];
  const { matched, modified, upserted } = await updateDocuments(operation, name, own);
  add('nMatched', matched);
  add('nModified', modified);
  if (!upserted) return { n: matched, nModified: modified };
  add('nUpserted', 1);
  return { n: 1, nModified: 0, upserted: { _id: upserted.id } };
}

export function splitNamespace(namespace: string): { database: string; name: string } {
  const dot = namespace.indexOf('.');
  if (dot > 0) return { database: namespace.slice(0, dot), name: namespace.slice(dot + 1) };
  throw new CommandError(73, `Invalid namespace specified '${namespace}'`);
}

const WRITE_FIELDS = ['ordered', 'bypassDocumentValidation', 'let', 'bypassEmptyTsReplacement'];

const FIND_AND_MODIFY = {
  inTransaction: true,
  fields: [
    ...WRITE_FIELDS,
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'collation',
    'hint',
  ],
  run: findAndModify,
};

export const writeCommands: Commands = {
  insert: { inTransaction: true, fields: [...WRITE_FIELDS, 'documents'], run: insert },
  update: { inTransaction: true, fields: [...WRITE_FIELDS, 'updates'], run: update },
  delete: { inTransaction: true, fields: [...WRITE_FIELDS, 'deletes'], run: remove },
  findAndModify: FIND_AND_MODIFY,
  findandmodify: FIND_AND_MODIFY,
  bulkWrite: {
    inTransaction: true,
    fields: [...WRITE_FIELDS, 'ops', 'nsInfo', 'errorsOnly', 'cursor'],
    run: bulkWrite,
  },
};
