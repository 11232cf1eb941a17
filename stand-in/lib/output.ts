import { ObjectId } from 'bson';
import { Index } from './collection.js';
import { runPipeline } from './aggregate.js';
import { compare, identical } from './compare.js';
import { CommandError, unknownField } from './errors.js';
import type { Operation } from './operation.js';
import { scopeOf } from './operation.js';
import { valueAt } from './paths.js';
import type { Document } from './values.js';
import { idFirst, isDocument, show } from './values.js';

/** `$out`: the documents take the place of a whole collection. */
export function replaceCollection(operation: Operation, argument: unknown, documents: Document[]): void {
  const { store } = operation.services;
  const target = targetOf(argument, operation.database);
  const old = store.collection(target.database, target.name);
  if (old) store.drop(old, false);
  const collection = store.create(target.database, target.name, old?.options ?? {});
  for (const index of old?.indexes ?? []) {
    if (index.name !== '_id_') collection.addIndex(new Index(index.spec));
  }
  for (const document of documents) {
    const after = withId(document);
    const key = collection.keyOf(after['_id']);
    if (collection.records.has(key)) throw collection.duplicate(collection.indexes[0]!, after);
    store.write(collection, { operation: 'insert', key, before: undefined, after }, undefined);
  }
}

const MERGE_FIELDS = ['into', 'on', 'let', 'whenMatched', 'whenNotMatched'];

export function mergeInto(operation: Operation, argument: unknown, documents: Document[]): void {
  const { store } = operation.services;
  const spec = isDocument(argument) ? argument : { into: argument };
  for (const field of Object.keys(spec))
    if (!MERGE_FIELDS.includes(field)) throw unknownField(`$merge.${field}`);
  const { whenMatched = 'merge', whenNotMatched = 'insert' } = spec;
  const target = targetOf(spec['into'], operation.database);
  const collection =
    store.collection(target.database, target.name) ?? store.create(target.database, target.name);
  const on = spec['on'] === undefined ? ['_id'] : ([spec['on']].flat() as string[]);
  const paths = on.map((path) => path.split('.'));
  for (const document of documents.map(withId)) {
    const isSame = (other: Document): boolean =>
      paths.every((parts) => compare(valueAt(other, parts), valueAt(document, parts)) === 0);
    const byId = on.length === 1 && on[0] === '_id';
    const before = byId
      ? collection.records.get(collection.keyOf(document['_id']))
      : [...collection.records.values()].find(isSame);
    if (!before) {
      if (whenNotMatched === 'discard') continue;
      if (whenNotMatched === 'fail') {
        throw new CommandError(13113, '$merge could not find a matching document in the target collection');
      }
      const key = collection.keyOf(document['_id']);
      store.write(collection, { operation: 'insert', key, before: undefined, after: document }, undefined);
      continue;
    }
    if (whenMatched === 'keepExisting') continue;
    if (whenMatched === 'fail') throw collection.duplicate(collection.indexes[0]!, document);
    const after = idFirst({ ...merged(operation, spec, before, document), _id: before['_id'] });
    if (identical(before, after)) continue;
    const kind = whenMatched === 'replace' ? 'replace' : 'update';
    store.write(
      collection,
      { operation: kind, key: collection.keyOf(before['_id']), before, after },
      undefined,
    );
  }
}

function merged(operation: Operation, spec: Document, before: Document, document: Document): Document {
  const { whenMatched = 'merge' } = spec;
  if (whenMatched === 'replace') return document;
  if (whenMatched === 'merge') return { ...before, ...document };
  if (!Array.isArray(whenMatched)) {
    throw new CommandError(
      2,
      `Enumeration value '${show(whenMatched)}' for field 'whenMatched' is not a valid value.`,
    );
  }
  const scope = scopeOf(operation, undefined);
  return runPipeline([before], whenMatched, {
    ...scope,
    variables: { ...scope.variables, new: document },
  })[0]!;
}

function targetOf(argument: unknown, database: string): { database: string; name: string } {
  if (typeof argument === 'string') return { database, name: argument };
  if (!isDocument(argument)) throw new CommandError(16990, 'the target must be a string or an object');
  return { database: String(argument['db'] ?? database), name: String(argument['coll']) };
}

function withId(document: Document): Document {
  return '_id' in document ? document : { _id: new ObjectId(), ...document };
}
