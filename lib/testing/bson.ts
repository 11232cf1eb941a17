import { comparable } from '../providers/stored-value.js';
import type { Random } from './random.js';

/** Whether a value is a BSON scalar that is compared by content, such as an ObjectId. */
export function isBson(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof comparable(value) === 'string';
}

/** Whether a value is a BSON scalar, or an object or array that contains one. */
export function hasBson(value: unknown): boolean {
  if (isBson(value)) return true;
  return isPlain(value) && Object.values(value).some(isBson);
}

/** A copy with the same content, as each reply of a database has one. Objects with members are copied, too. */
export function copyOf(value: unknown): unknown {
  if (isBson(value)) return copyOfScalar(value);
  if (!isPlain(value)) return value;
  const copies = Object.entries(value).map(([name, held]) => [
    name,
    isBson(held) ? copyOfScalar(held) : held,
  ]);
  return Object.fromEntries(copies);
}

function copyOfScalar(value: object): object {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Object.create(
    Object.getPrototypeOf(value) as object,
    Object.getOwnPropertyDescriptors(value),
  ) as object;
}

/** Whether a value is an object with data only. Objects that cannot be inspected are not. */
function isPlain(value: unknown): value is Record<string, unknown> {
  try {
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  } catch {
    return false;
  }
}

/** BSON scalars, of a driver of their own; objects that no driver creates; and data of an app that look similar. */
export function anyBson(random: Random): unknown {
  const hex = Array.from({ length: 24 }, () => random.below(16).toString(16)).join('');
  return random.oneOf<() => unknown>([
    () => scalar('ObjectId', { toHexString: () => hex, toString: () => hex }),
    () => scalar('ObjectID', { toHexString: () => hex.toUpperCase() }),
    () => scalar('ObjectId', { toHexString: refuse }),
    () => scalar('ObjectId', { toHexString: () => random.oneOf<unknown>([null, 1, '', hex.slice(1)]) }),
    () => scalar('ObjectId', {}),
    () => scalar('Binary', { buffer: Buffer.from(hex, 'hex'), position: 12, sub_type: random.below(6) }),
    () => scalar('Binary', { buffer: random.oneOf<unknown>([null, 'x', {}]) }),
    () => scalar('UUID', { buffer: Buffer.from(hex, 'hex'), sub_type: 4 }),
    () => scalar('Long', { toString: () => String(random.below(1000)) }),
    () => scalar('Long', { toString: refuse }),
    () => scalar('Timestamp', {}),
    () => scalar(random.oneOf(['', 'MinKey', 'x']), {}),
    () => Buffer.from(hex, 'hex'),
    () => ({ _bsontype: 'ObjectId', id: hex }),
    () => ({ $oid: hex }),
    () => hex,
    () => hex.toUpperCase(),
  ])();
}

const refuse = (): never => {
  throw new Error('a value that does not say what it is');
};

/** The type is on the prototype, as with every driver. */
function scalar(type: string, parts: object): unknown {
  return Object.assign(Object.create({ _bsontype: type }) as object, parts);
}
