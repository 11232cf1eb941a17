import { CommandError, isTransientCode } from '../errors.js';
import type { Commands, Operation } from '../operation.js';
import { collectionName, documentField, matchContextOf } from '../operation.js';
import { compileProjection } from '../project.js';
import type { Document } from '../values.js';
import { isTruthy } from '../values.js';
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
};
