import type { BSONRegExp } from 'bson';
import type { Collation } from './collation.js';
import type { Collection, DocumentKey, Index, View } from './collection.js';
import { compare } from './compare.js';
import { CommandError } from './errors.js';
import type { Predicate } from './match.js';
import { literalBeginning } from './regex.js';
import { sorterOf } from './sort.js';
import type { Transaction } from './transactions.js';
import type { Document } from './values.js';
import { isDocument, isNullish, isOperatorDocument, isRegex, toNumber } from './values.js';
import { identical } from './compare.js';

export type Entry = [DocumentKey, Document];

export interface Selection {
  filter: Document;
  predicate: Predicate;
  collation: Collation | undefined;
  sort?: unknown;
  skip?: number | undefined;
  limit?: number | undefined;
  hint?: unknown;
}

/** The documents of a collection that a filter selects, in the order that the sort or the natural order gives. */
export function select(
  collection: Collection,
  selection: Selection,
  transaction: Transaction | undefined,
): Entry[] {
  const { filter, predicate, collation, sort, skip = 0, limit = 0 } = selection;
  const view = transaction ? transaction.view(collection) : collection.records;
  const hinted = hintedIndex(collection, selection.hint);
  const order = sortSpec(sort) ?? (hinted && { ...hinted.keyPattern });
  const isNatural = order === undefined || '$natural' in order;
  const enough = isNatural && limit && !isBackwards(order) ? skip + limit : Infinity;
  let found: Entry[] = [];
  const candidates = lookUp(collection, view, filter, collation, transaction) ?? view;
  for (const entry of candidates) {
    if (!predicate(entry[1]) || (hinted && hinted.keysOf(entry[1]).length === 0)) continue;
    found.push(entry);
    if (found.length >= enough) break;
  }
  if (isBackwards(order)) found.reverse();
  else if (!isNatural) found = sorterOf(order, collation)(found, ([, document]) => document);
  return skip || limit ? found.slice(skip, limit ? skip + limit : undefined) : found;
}

function sortSpec(sort: unknown): Document | undefined {
  return isDocument(sort) && Object.keys(sort).length > 0 ? sort : undefined;
}

function isBackwards(sort: Document | undefined): boolean {
  return sort !== undefined && '$natural' in sort && toNumber(sort['$natural'] as number) < 0;
}

function hintedIndex(collection: Collection, hint: unknown): Index | undefined {
  if (hint === undefined || (isDocument(hint) && (Object.keys(hint).length === 0 || '$natural' in hint))) {
    return undefined;
  }
  const index = collection.indexes.find(({ name, keyPattern }) =>
    typeof hint === 'string' ? name === hint : identical(keyPattern, hint),
  );
  if (index) return index.name === '_id_' || index.canLookUp ? index : undefined;
  throw new CommandError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** The candidates that `_id` or declared indexes give; nothing if only a scan can find them. */
function lookUp(
  collection: Collection,
  view: View,
  filter: Document,
  collation: Collation | undefined,
  transaction: Transaction | undefined,
): Entry[] | undefined {
  if (!transaction && collection.records.size === 0) return [];
  const fresh = transaction ? transaction.unindexedKeys(collection) : [];
  const keys =
    fresh && (keysOf(collection, filter, collation) ?? keysOfBranches(collection, filter, collation));
  if (!fresh || !keys) return undefined;
  for (const key of fresh) keys.add(key);
  return entriesOf(view, keys);
}

function keysOf(
  collection: Collection,
  filter: Document,
  collation: Collation | undefined,
): Set<DocumentKey> | undefined {
  const equalities = equalitiesOf(filter);
  const ids = equalities.get('_id');
  if (ids?.every((id) => !isRegex(id)) && collation === collection.collation)
    return new Set(ids.map((id) => collection.keyOf(id)));
  for (const index of collection.indexes) {
    const values = index.canLookUp && index.collation === collation && equalities.get(index.firstField);
    if (!values || (collation && values.some(isRegex))) continue;
    const keys = new Set<DocumentKey>();
    for (const value of values) {
      const holders = isRegex(value) ? holdersOf(index, value) : [...index.lookUp(value)];
      holders.sort((a, b) => collection.positionOf(a) - collection.positionOf(b));
      for (const key of holders) keys.add(key);
    }
    return keys;
  }
  return undefined;
}

/** Those that hold a string that the expression can match, and those that hold the very expression. */
function holdersOf(index: Index, expression: BSONRegExp): DocumentKey[] {
  return [...index.lookUpBeginning(literalBeginning(expression)), ...index.lookUp(expression)];
}

/** Of a filter that is one `$or`, if each of its branches can be looked up. In natural order. */
function keysOfBranches(
  collection: Collection,
  filter: Document,
  collation: Collation | undefined,
): Set<DocumentKey> | undefined {
  const branches = filter['$or'];
  if (!Array.isArray(branches)) return undefined;
  const found = branches.map((one) => (isDocument(one) ? keysOf(collection, one, collation) : undefined));
  if (!found.every((one) => one !== undefined)) return undefined;
  const keys = [...new Set(found.flatMap((one) => [...one]))];
  return new Set(keys.sort((a, b) => collection.positionOf(a) - collection.positionOf(b)));
}

function entriesOf(view: View, keys: Iterable<DocumentKey>): Entry[] {
  const entries: Entry[] = [];
  for (const key of keys) {
    const document = view.get(key);
    if (document) entries.push([key, document]);
  }
  return entries;
}

/** For each path the values that a filter demands, in index order. */
function equalitiesOf(filter: Document, found = new Map<string, unknown[]>()): Map<string, unknown[]> {
  for (const key of Object.keys(filter)) {
    const condition = filter[key];
    if (key === '$and' && Array.isArray(condition)) {
      for (const part of condition) if (isDocument(part)) equalitiesOf(part, found);
    } else if (!key.startsWith('$')) {
      const values = demandedValues(condition);
      if (values?.every(canBeLookedUp)) found.set(key, values);
    }
  }
  return found;
}

function demandedValues(condition: unknown): unknown[] | undefined {
  if (!isOperatorDocument(condition)) return [condition];
  if ('$eq' in condition) return [condition['$eq']];
  const list = condition['$in'];
  if (!Array.isArray(list)) return undefined;
  const values = list as unknown[];
  return values.some(isRegex) ? values : [...values].sort((a, b) => compare(a, b));
}

function canBeLookedUp(value: unknown): boolean {
  if (isRegex(value)) return literalBeginning(value) !== '';
  return !isNullish(value) && !Array.isArray(value);
}
