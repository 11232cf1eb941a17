import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import type { Collation } from './collation.js';
import type { Document, Numeric } from './values.js';
import { binaryBytes, isDocument, isNumeric, toNumber, typeName } from './values.js';

/** The place of a value's type in MongoDB's order of types. */
export function typeRank(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 10;
    case 'string':
      return 15;
    case 'boolean':
      return 40;
    case 'undefined':
      return 5;
  }
  if (value === null) return 5;
  if (Array.isArray(value)) return 25;
  if (value instanceof ObjectId) return 35;
  if (value instanceof Date) return 45;
  if (isNumeric(value)) return 10;
  if (value instanceof Binary) return 30;
  if (value instanceof Timestamp) return 47;
  if (value instanceof BSONRegExp) return 50;
  if (value instanceof BSONSymbol) return 15;
  if (value instanceof Code) return 60;
  if (value instanceof MinKey) return -1;
  if (value instanceof MaxKey) return 127;
  return 20;
}

function order<T extends number | string | bigint | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NaN stands before every other number. */
function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Long && b instanceof Long) return a.compare(b);
  if (a instanceof Decimal128 && b instanceof Decimal128 && a.toString() === b.toString()) return 0;
  const x = toNumber(a);
  const y = toNumber(b);
  if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : -1;
  if (Number.isNaN(y)) return 1;
  return order(x, y);
}

const SURROGATE = /[\ud800-\udfff]/;

/** Strings are ordered by their UTF-8 bytes; only surrogate pairs make that differ from UTF-16 order. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

function regexText(value: unknown): string {
  return value instanceof BSONRegExp ? `${value.pattern}/${value.options}` : '';
}

function text(value: unknown): string {
  return value instanceof BSONSymbol ? value.value : (value as string);
}

/** MongoDB's order over all BSON values: by type, then by value; field order counts. */
export function compare(a: unknown, b: unknown, collation?: Collation): number {
  if (a === b) return 0;
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) return difference < 0 ? -1 : 1;
  switch (rank) {
    case 10:
      return compareNumbers(a as Numeric, b as Numeric);
    case 15:
      return collation ? collation.compare(text(a), text(b)) : compareStrings(text(a), text(b));
    case 20:
      return compareDocuments(a as Document, b as Document, collation);
    case 25:
      return compareArrays(a as unknown[], b as unknown[], collation);
    case 30:
      return compareBinaries(a as Binary, b as Binary);
    case 35:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case 40:
      return order(a as boolean, b as boolean);
    case 45:
      return order((a as Date).getTime(), (b as Date).getTime());
    case 47:
      return (a as Timestamp).compare(b as Timestamp);
    case 50:
      return order(regexText(a), regexText(b));
    case 60:
      return order((a as Code).code, (b as Code).code);
    default:
      return 0;
  }
}

function compareDocuments(a: Document, b: Document, collation?: Collation): number {
  const left = Object.keys(a);
  const right = Object.keys(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = a[left[i]!];
    const y = b[right[i]!];
    const result =
      order(typeRank(x), typeRank(y)) || compareStrings(left[i]!, right[i]!) || compare(x, y, collation);
    if (result) return result;
  }
  return order(left.length, right.length);
}

function compareArrays(a: unknown[], b: unknown[], collation?: Collation): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const result = compare(a[i], b[i], collation);
    if (result) return result;
  }
  return order(a.length, b.length);
}

function compareBinaries(a: Binary, b: Binary): number {
  const left = binaryBytes(a);
  const right = binaryBytes(b);
  return order(left.length, right.length) || order(a.sub_type, b.sub_type) || Buffer.compare(left, right);
}

export function equal(a: unknown, b: unknown, collation?: Collation): boolean {
  return compare(a, b, collation) === 0;
}

/** Equal down to the BSON types and the order of fields: whether an update changed anything. */
export function identical(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Object.is(a, b);
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => identical(value, b[i]));
  }
  if (isDocument(a)) {
    if (!isDocument(b)) return false;
    const left = Object.keys(a);
    const right = Object.keys(b);
    return (
      left.length === right.length && left.every((key, i) => key === right[i] && identical(a[key], b[key]))
    );
  }
  if (a instanceof Decimal128) return b instanceof Decimal128 && a.toString() === b.toString();
  return typeName(a) === typeName(b) && compare(a, b) === 0;
}

/** A string that two values share when they are equal: the key of `_id`, of an index entry, of a set. */
export function hash(value: unknown, collation?: Collation): string {
  switch (typeof value) {
    case 'string':
      return 's' + (collation ? collation.key(value) : value);
    case 'number':
      return 'n' + (value === 0 ? 0 : value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return '0';
  }
  if (value === null) return '0';
  if (value instanceof ObjectId) return 'o' + value.toHexString();
  if (value instanceof Date) return 'd' + value.getTime();
  if (Array.isArray(value)) return '[' + value.map((item) => hash(item, collation)).join(',') + ']';
  if (value instanceof Long) {
    const number = value.toNumber();
    return 'n' + (Number.isSafeInteger(number) ? number : value.toString());
  }
  if (isNumeric(value)) return 'n' + (toNumber(value) === 0 ? 0 : toNumber(value));
  if (value instanceof Binary) return `b${value.sub_type}.${Buffer.from(binaryBytes(value)).toString('hex')}`;
  if (value instanceof Timestamp) return 'T' + value.toString();
  if (value instanceof BSONRegExp) return 'r' + regexText(value);
  if (value instanceof BSONSymbol) return hash(value.value, collation);
  if (value instanceof Code) return 'c' + value.code;
  if (!isDocument(value)) return 'x' + typeName(value);
  const fields = Object.keys(value).map((key) => `${JSON.stringify(key)}:${hash(value[key], collation)}`);
  return `{${fields.join(',')}}`;
}
