import { expandCollation } from '../collation.js';
import type { Collection } from '../collection.js';
import { Index } from '../collection.js';
import { identical } from '../compare.js';
import { ResultSource } from '../cursors.js';
import { CommandError } from '../errors.js';
import { leftOut } from '../match.js';
import type { Commands, Operation } from '../operation.js';
import { collectionName, findCollection, untilUnused } from '../operation.js';
import type { Document } from '../values.js';
import { isDocument, isNumeric, show, toNumber, typeName } from '../values.js';
import { collectionForInsert } from '../writes.js';

const SPEC_FIELDS = [
  'key',
  'name',
  'v',
  'unique',
  'sparse',
  'background',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'hidden',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'storageEngine',
  'wildcardProjection',
  'prepareUnique',
  'clustered',
];
const INDEX_TYPES = ['text', '2dsphere', '2d', 'hashed'];
const MAX_INDEXES = 64;

async function createIndexes(operation: Operation): Promise<Document> {
  const { command, transaction } = operation;
  const present = findCollection(operation);
  if (transaction && present && present.records.size > 0) {
    throw new CommandError(
      263,
      `Cannot create new indexes on existing collection ${present.namespace} in a multi-document transaction.`,
    );
  }
  const specs = Array.isArray(command['indexes']) ? (command['indexes'] as Document[]) : [];
  if (specs.length === 0) throw new CommandError(2, 'Must specify at least one index to create');
  specs.forEach(checkSpec);
  // Indexes that are there already need no collection for themselves.
  if (!transaction && present && specs.some((spec) => newIndex(present, spec)))
    await untilUnused(operation, present.name);
  return addIndexes(operation, specs);
}

function addIndexes(operation: Operation, specs: Document[]): Document {
  const existing = findCollection(operation);
  const collection = existing ?? collectionForInsert(operation, collectionName(operation));
  const before = collection.indexes.length;
  const added: Index[] = [];
  try {
    for (const spec of specs) {
      const index = newIndex(collection, spec);
      if (!index) continue;
      collection.addIndex(index);
      added.push(index);
    }
  } catch (error) {
    // All of a command's indexes or none.
    collection.indexes = collection.indexes.filter((index) => !added.includes(index));
    throw error;
  }
  const reply: Document = {
    numIndexesBefore: before,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically: !existing,
    commitQuorum: 'votingMembers',
  };
  if (added.length === 0) reply['note'] = 'all indexes already exist';
  return reply;
}

function checkSpec(spec: Document): void {
  for (const field of Object.keys(spec)) {
    if (SPEC_FIELDS.includes(field)) continue;
    throw new CommandError(
      197,
      `The field '${field}' is not valid for an index specification. Specification: ${show(spec)}`,
    );
  }
  const { key, name } = spec;
  if (!isDocument(key) || Object.keys(key).length === 0) {
    throw new CommandError(67, 'Index keys cannot be an empty object');
  }
  if (typeof name !== 'string') {
    throw new CommandError(9, "The 'name' field is a required property of an index specification");
  }
  for (const value of Object.values(key)) {
    if (INDEX_TYPES.includes(String(value))) throw leftOut(`an index of the type ${String(value)}`);
    if (isNumeric(value) && toNumber(value) !== 0) continue;
    if (typeof value === 'string') throw new CommandError(67, `Unknown index plugin '${value}'`);
    throw new CommandError(
      67,
      `Values in v:2 index key pattern cannot be of type ${typeName(value)}. Only numbers > 0, numbers < 0, and ` +
        'strings are allowed.',
    );
  }
  if (!identical(key, { _id: 1 })) return;
  const forbidden = ['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression'].find(
    (f) => f in spec,
  );
  if (!forbidden) return;
  throw new CommandError(
    197,
    `The field '${forbidden}' is not valid for an _id index specification. Specification: ${show(spec)}`,
  );
}

/** Nothing if the same index is there already. */
function newIndex(collection: Collection, given: Document): Index | undefined {
  const spec: Document = { v: 2, ...given };
  if (isDocument(given['collation'])) spec['collation'] = expandCollation(given['collation']);
  else if (collection.options['collation']) spec['collation'] = collection.options['collation'];
  if (identical(given['key'], { _id: 1 })) return undefined;
  for (const { spec: other } of collection.indexes) {
    if (hasSameKey(other, spec)) {
      if (hasSameOptions(other, spec)) {
        if (other['name'] === spec['name']) return undefined;
        throw new CommandError(85, `Index already exists with a different name: ${String(other['name'])}`);
      }
      if (other['name'] !== spec['name']) {
        throw new CommandError(
          85,
          'An equivalent index already exists with a different name and options. Requested index: ' +
            `${show(spec)}, existing index: ${show(other)}`,
        );
      }
    }
    if (other['name'] === spec['name']) {
      throw new CommandError(
        86,
        'An existing index has the same name as the requested index. When index names are not specified, they are ' +
          'auto generated and can cause conflicts. Please refer to our documentation. Requested index: ' +
          `${show(spec)}, existing index: ${show(other)}`,
      );
    }
  }
  if (collection.indexes.length >= MAX_INDEXES) {
    throw new CommandError(67, `add index fails, too many indexes for ${collection.namespace}`);
  }
  return new Index(spec);
}

/** Two indexes over the same key may live side by side if collation or filter differ. */
function hasSameKey(a: Document, b: Document): boolean {
  return (
    samePattern(a['key'] as Document, b['key'] as Document) &&
    identical(a['collation'], b['collation']) &&
    identical(a['partialFilterExpression'], b['partialFilterExpression'])
  );
}

function samePattern(a: Document, b: Document): boolean {
  const plain = (pattern: Document): unknown[] =>
    Object.entries(pattern).map(([path, type]) => [path, isNumeric(type) ? toNumber(type) : type]);
  return identical(plain(a), plain(b));
}

function hasSameOptions(a: Document, b: Document): boolean {
  const options = (spec: Document): unknown[] => [
    spec['unique'] === true,
    spec['sparse'] === true,
    isNumeric(spec['expireAfterSeconds']) ? toNumber(spec['expireAfterSeconds']) : null,
  ];
  return identical(options(a), options(b));
}

function findIndex(collection: Collection, nameOrKey: unknown): Index {
  const index = collection.indexes.find(({ name, keyPattern }) =>
    isDocument(nameOrKey) ? samePattern(keyPattern, nameOrKey) : name === nameOrKey,
  );
  if (index) return index;
  throw isDocument(nameOrKey)
    ? new CommandError(27, `can't find index with key: ${show(nameOrKey)}`)
    : new CommandError(27, `index not found with name [${String(nameOrKey)}]`);
}

function dropIndexes(operation: Operation): Document {
  const { command } = operation;
  const collection = findCollection(operation);
  if (!collection)
    throw new CommandError(26, `ns not found ${operation.database}.${collectionName(operation)}`);
  const nIndexesWas = collection.indexes.length;
  if (command['index'] === '*') {
    collection.indexes = collection.indexes.filter(({ name }) => name === '_id_');
    return { nIndexesWas, msg: 'non-_id indexes dropped for collection' };
  }
  const dropped = [command['index']].flat().map((nameOrKey) => findIndex(collection, nameOrKey));
  if (dropped.some(({ name }) => name === '_id_')) throw new CommandError(72, 'cannot drop _id index');
  collection.indexes = collection.indexes.filter((index) => !dropped.includes(index));
  return { nIndexesWas };
}

function listIndexes(operation: Operation): Document {
  const { command, services, session } = operation;
  const collection = findCollection(operation);
  if (!collection) {
    throw new CommandError(26, `ns does not exist: ${operation.database}.${collectionName(operation)}`);
  }
  const specs = collection.indexes.map(({ spec }) => {
    const { background: _background, ...shown } = spec;
    return shown;
  });
  return services.cursors.reply(collection.namespace, new ResultSource(specs), command, session);
}

export const indexCommands: Commands = {
  createIndexes: {
    inTransaction: true,
    fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
    run: createIndexes,
  },
  dropIndexes: { fields: ['index'], run: dropIndexes },
  listIndexes: { fields: ['cursor'], run: listIndexes },
};
