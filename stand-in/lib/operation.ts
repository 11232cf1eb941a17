import type { PipelineScope } from './aggregate.js';
import { matchContext, runPipeline } from './aggregate.js';
import { collationOf } from './collation.js';
import type { Collection } from './collection.js';
import type { Cursors } from './cursors.js';
import { CommandError, unknownField } from './errors.js';
import { compileExpression } from './expressions.js';
import type { FailPoints } from './fail-points.js';
import type { MatchContext } from './match.js';
import type { Sessions } from './sessions.js';
import type { Store } from './store.js';
import type { Session, Transaction } from './transactions.js';
import type { Document } from './values.js';
import { isDocument, optionalNumber } from './values.js';

/** What the commands of one server work on. */
export interface Services {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly sessions: Sessions;
  readonly failPoints: FailPoints;
  /** `host:port` as the only member of the replica set. */
  readonly address: string;
}

export interface Connection {
  readonly id: number;
  applicationName: string | undefined;
  readonly closed: Promise<void>;
  readonly isClosed: boolean;
}

/** One command on its way. */
export interface Operation {
  readonly services: Services;
  readonly connection: Connection;
  readonly name: string;
  readonly database: string;
  readonly command: Document;
  readonly session: Session | undefined;
  readonly transaction: Transaction | undefined;
}

export interface CommandDefinition {
  /** The fields that the command knows, besides those that every command has. Left out: it takes any. */
  fields?: string[];
  /** MongoDB refuses many commands in a transaction. */
  inTransaction?: boolean;
  run(operation: Operation): Promise<Document> | Document;
}

export type Commands = Record<string, CommandDefinition>;

const GENERIC_FIELDS = [
  'lsid',
  '$db',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'txnNumber',
  'stmtId',
  'startTransaction',
  'autocommit',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
];

export function checkFields(name: string, command: Document, known: string[]): void {
  for (const field of Object.keys(command)) {
    if (field !== name && !known.includes(field) && !GENERIC_FIELDS.includes(field)) {
      throw unknownField(`${name}.${field}`);
    }
  }
}

export function withoutGenericFields(command: Document, ...others: string[]): Document {
  const entries = Object.entries(command);
  return Object.fromEntries(
    entries.filter(([field]) => !GENERIC_FIELDS.includes(field) && !others.includes(field)),
  );
}

/** The collection that a command names in its first field. */
export function collectionName({ command, database, name }: Operation): string {
  const value = command[name];
  if (typeof value !== 'string') throw new CommandError(73, `collection name has invalid type`);
  if (value !== '' && !value.startsWith('.') && !value.includes('\0')) return value;
  throw new CommandError(73, `Invalid namespace specified '${database}.${value}'`);
}

export function findCollection(
  operation: Operation,
  name = collectionName(operation),
): Collection | undefined {
  operation.transaction?.uses(operation.database, name);
  return operation.services.store.collection(operation.database, name, operation.transaction);
}

/** What expressions, filters and pipelines of a command may use. */
export function scopeOf(
  operation: Operation,
  collection: Collection | undefined,
  options: { collation?: unknown; let?: unknown } = operation.command,
): PipelineScope {
  return {
    collation: collationOf(options.collation ?? collection?.options['collation']),
    variables: variablesOf(options.let),
  };
}

function variablesOf(definitions: unknown): Document {
  const variables: Document = {};
  for (const [name, expression] of Object.entries((definitions ?? {}) as Document)) {
    variables[name] = compileExpression(expression, { variables })({});
  }
  return variables;
}

export function matchContextOf(
  operation: Operation,
  collection: Collection | undefined,
  options?: { collation?: unknown; let?: unknown },
): MatchContext {
  return matchContext(scopeOf(operation, collection, options));
}

/** All documents of a collection or a view, as the operation sees them. */
export function documentsOf(operation: Operation, name: string): Document[] {
  const collection = findCollection(operation, name);
  if (!collection) return [];
  if (!collection.isView)
    return [...operation.services.store.view(collection, operation.transaction).values()];
  const base = documentsOf(operation, String(collection.options['viewOn']));
  return runPipeline(base, collection.options['pipeline'] ?? [], scopeOf(operation, collection, {}));
}

/** Waits, at most as long as the command may take. */
export async function waitFor(promise: Promise<void>, command: Document): Promise<void> {
  const limit = optionalNumber(command['maxTimeMS']);
  if (!limit) return promise;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CommandError(50, 'operation exceeded time limit')), limit);
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** What needs a collection, or all of a database, for itself waits for the transactions that have used it. */
export async function untilUnused(operation: Operation, name?: string): Promise<void> {
  const { command, database, services } = operation;
  for (;;) {
    const user = services.store.transactionUsing(database, name);
    if (!user) return;
    await waitFor(user.ended, command);
  }
}

export function documentField(command: Document, field: string): Document {
  const value = command[field] ?? {};
  if (isDocument(value)) return value;
  throw new CommandError(14, `BSON field '${field}' is the wrong type, expected type 'object'`);
}
