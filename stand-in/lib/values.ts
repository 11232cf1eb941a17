import { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long } from 'bson';
import { MaxKey, MinKey, ObjectId, Timestamp, deserialize } from 'bson';

/** A BSON document as it is held in memory: plain objects, arrays and `bson`'s wrappers, never changed once stored. */
export type Document = Record<string, unknown>;

export function isDocument(value: unknown): value is Document {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Decodes BSON without losing types. An int32 becomes a number and a double becomes a number unless it is
 * integral: a plain 5 would be encoded as an int32 again, so 5.0 keeps its wrapper.
 */
export function decode(bytes: Uint8Array): Document {
  const options = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };
  return unwrap(deserialize(bytes, options)) as Document;
}

function unwrap(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unwrap(value[i]);
    return value;
  }
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return canStayPlain(value.value) ? value.value : value;
  if (value instanceof DBRef) return unwrap(value.toJSON());
  if (!isDocument(value)) return value;
  for (const key of Object.keys(value)) {
    const before = value[key];
    if (before === null || typeof before !== 'object') continue;
    const after = unwrap(before);
    if (after !== before) setField(value, key, after);
  }
  return value;
}

function canStayPlain(double: number): boolean {
  return !Number.isInteger(double) || Math.abs(double) > 0x7fffffff || Object.is(double, -0);
}

/** A number as a double: what a mongod computes must not turn into an int32 because it happens to be integral. */
export function asDouble(value: number): number | Double {
  return canStayPlain(value) ? value : new Double(value);
}

/** `__proto__` is a field name like any other in BSON. */
export function setField(target: Document, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

export function ownField(target: Document, key: string): unknown {
  return Object.prototype.hasOwnProperty.call(target, key) ? target[key] : undefined;
}

/** Wrappers and dates are never changed in place, so they may be shared. */
export function clone<T>(value: T): T {
  if (Array.isArray(value)) return value.map(clone) as T;
  if (!isDocument(value)) return value;
  const copy: Document = {};
  for (const key of Object.keys(value)) setField(copy, key, clone(value[key]));
  return copy as T;
}

/** `_id` stands first in every stored document. */
export function idFirst(document: Document): Document {
  if (!('_id' in document) || Object.keys(document)[0] === '_id') return document;
  const { _id, ...rest } = document;
  return { _id, ...rest };
}

export type Numeric = number | bigint | Long | Double | Int32 | Decimal128;

export function isNumeric(value: unknown): value is Numeric {
  if (typeof value === 'number') return true;
  return (
    value instanceof Long ||
    value instanceof Double ||
    value instanceof Decimal128 ||
    value instanceof Int32 ||
    typeof value === 'bigint'
  );
}

export function toNumber(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return typeof value === 'bigint' ? Number(value) : value.value;
}

/** An option that may come as any BSON number, or not at all. */
export function optionalNumber(value: unknown): number | undefined {
  return isNumeric(value) ? toNumber(value) : undefined;
}

export function isTruthy(value: unknown): boolean {
  return isNumeric(value) ? toNumber(value) !== 0 : value !== undefined && value !== null && value !== false;
}

export function isRegex(value: unknown): value is BSONRegExp {
  return value instanceof BSONRegExp;
}

export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

export function binaryBytes(value: Binary): Uint8Array {
  return value.buffer.subarray(0, value.position);
}

/** An operator document such as `{ $gt: 1 }`; a DBRef is a value. */
export function isOperatorDocument(value: unknown): value is Document {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith('$') && !['$ref', '$id', '$db'].includes(first);
}

const TYPE_NUMBERS: Record<string, number> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

export function isTypeName(name: string): boolean {
  return name in TYPE_NUMBERS;
}

export function typeNameOfNumber(code: number): string | undefined {
  return Object.keys(TYPE_NUMBERS).find((name) => TYPE_NUMBERS[name] === code);
}

export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'undefined':
      return 'missing';
    case 'number':
      return isInt32(value) ? 'int' : 'double';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Long) return 'long';
  if (value instanceof Double) return 'double';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof Code) return value.scope ? 'javascriptWithScope' : 'javascript';
  if (value instanceof BSONSymbol) return 'symbol';
  if (value instanceof MinKey) return 'minKey';
  if (value instanceof MaxKey) return 'maxKey';
  return 'object';
}

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 0x7fffffff && !Object.is(value, -0);
}

/** A value as it stands in MongoDB's messages. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  if (isNullish(value)) return 'null';
  if (Array.isArray(value)) return value.length ? `[ ${value.map(show).join(', ')} ]` : '[]';
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (isDocument(value)) {
    const fields = Object.keys(value).map((key) => `${key}: ${show(value[key])}`);
    return fields.length ? `{ ${fields.join(', ')} }` : '{}';
  }
  return value instanceof Double ? value.value.toFixed(1) : String(value);
}
