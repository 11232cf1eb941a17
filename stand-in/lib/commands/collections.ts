import { Long } from 'bson';
import { expandCollation } from '../collation.js';
import { identical } from '../compare.js';
import { ResultSource } from '../cursors.js';
import { CommandError, wrongType } from '../errors.js';
import { compileFilter, leftOut } from '../match.js';
import type { Commands, Operation } from '../operation.js';
import {
  collectionName,
  findCollection,
  matchContextOf,
  untilUnused,
  withoutGenericFields,
} from '../operation.js';
import type { Document } from '../values.js';
import { isDocument, isNumeric, isTruthy, typeName } from '../values.js';

const LEFT_OUT = [
  'timeseries',
  'encryptedFields',
  'clusteredIndex',
  'expireAfterSeconds',
  'storageEngine',
  'indexOptionDefaults',
  'idIndex',
  'max',
];

function create(operation: Operation): Document {
  const { command, database, services, transaction } = operation;
  const name = collectionName(operation);
  const options = withoutGenericFields(command, 'create');
  for (const option of LEFT_OUT) if (option in options) throw leftOut(`create.${option}`);
  if (isDocument(options['collation'])) options['collation'] = expandCollation(options['collation']);
  if ('capped' in options) options['capped'] = isCapped(options['capped']);
  const existing = findCollection(operation);
  if (existing && identical(existing.options, options)) return {};
  if (existing) throw new CommandError(48, `Collection ${existing.namespace} already exists.`);
  if (options['capped'] === true && options['size'] === undefined) {
    throw new CommandError(72, "the 'size' field is required when 'capped' is true");
  }
  if (isDocument(options['validator']))
    compileFilter(options['validator'], matchContextOf(operation, undefined, {}));
  services.store.create(database, name, options, transaction);
  return {};
}

/** A number stands for yes or no. */
function isCapped(option: unknown): boolean {
  if (typeof option === 'boolean' || isNumeric(option)) return isTruthy(option);
  throw wrongType('create.capped', typeName(option), 'bool');
}

async function drop(operation: Operation): Promise<Document> {
  await untilUnused(operation, collectionName(operation));
  const collection = findCollection(operation);
  if (!collection) return {};
  operation.services.store.drop(collection);
  return { nIndexesWas: collection.indexes.length, ns: collection.namespace };
}

async function dropDatabase(operation: Operation): Promise<Document> {
  await untilUnused(operation);
  const {
    database,
    services: { store },
  } = operation;
  if (!store.databases.has(database)) return {};
  for (const collection of store.collections(database)) store.drop(collection);
  store.databases.delete(database);
  store.log({ operation: 'dropDatabase', ns: { db: database } });
  return { dropped: database };
}

const COLLECTION_OPTIONS = [
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'viewOn',
  'pipeline',
];

function collMod(operation: Operation): Document {
  const { command } = operation;
  if ('index' in command) throw leftOut('collMod.index');
  const collection = findCollection(operation);
  if (!collection)
    throw new CommandError(26, `ns does not exist: ${operation.database}.${collectionName(operation)}`);
  for (const option of COLLECTION_OPTIONS) {
    if (option in command) collection.options = { ...collection.options, [option]: command[option] };
  }
  return {};
}

function listCollections(operation: Operation): Document {
  const { command, database, services, session } = operation;
  const all = services.store.collections(database).map((collection): Document => {
    const { name, options, uuid, isView } = collection;
    const type = isView ? 'view' : 'collection';
    if (isView) return { name, type, options, info: { readOnly: true } };
    const idIndex = { v: 2, key: { _id: 1 }, name: '_id_' };
    return { name, type, options, info: { readOnly: false, uuid }, idIndex };
  });
  const filter = compileFilter(command['filter'] ?? {}, matchContextOf(operation, undefined, {}));
  let listed = all.filter(filter);
  if (command['nameOnly'] === true) listed = listed.map(({ name, type }) => ({ name, type }));
  return services.cursors.reply(
    `${database}.$cmd.listCollections`,
    new ResultSource(listed),
    command,
    session,
  );
}

const SYSTEM_DATABASES = ['admin', 'config', 'local'];

function listDatabases(operation: Operation): Document {
  const { command, services } = operation;
  const filled = [...services.store.databases].filter(([, collections]) => collections.size > 0);
  const names = [...new Set([...SYSTEM_DATABASES, ...filled.map(([name]) => name)])].sort();
  const all = names.map((name): Document => ({ name, sizeOnDisk: Long.fromNumber(8192), empty: false }));
  const databases = all.filter(
    compileFilter(command['filter'] ?? {}, matchContextOf(operation, undefined, {})),
  );
  if (command['nameOnly'] === true) return { databases: databases.map(({ name }) => ({ name })) };
  return { databases, totalSize: Long.fromNumber(8192 * databases.length) };
}

export const collectionCommands: Commands = {
  create: {
    inTransaction: true,
    fields: [...COLLECTION_OPTIONS, ...LEFT_OUT, 'capped', 'size', 'collation'],
    run: create,
  },
  drop: { fields: [], run: drop },
  dropDatabase: { fields: [], run: dropDatabase },
  collMod: { fields: [...COLLECTION_OPTIONS, 'index', 'expireAfterSeconds'], run: collMod },
  listCollections: {
    fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
    run: listCollections,
  },
  listDatabases: { fields: ['filter', 'nameOnly', 'authorizedDatabases'], run: listDatabases },
};
