/**
 * A value as documents store it: a string, or a BSON scalar such as an ObjectId, a Binary, a UUID, an Int32 or a Long.
 * It may come from any copy of the driver, since values are compared by content and not by identity.
 */
export type StoredValue = string | number | bigint | object;

/**
 * Returns something that `===` can compare: equal results for equal values. Never throws. An object that is not a
 * scalar is returned as it is.
 */
export function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return numeric(String(value));
  if (typeof value === 'number') return numeric(String(value));
  if (typeof value !== 'object' || value === null) return value;
  try {
    return scalar(value) ?? value;
  } catch {
    return value;
  }
}

export function isSameValue(one: unknown, other: unknown): boolean {
  return comparable(one) === comparable(other);
}

/** The hex digits of an ObjectId of any copy of the driver; `null` for everything else. Never throws. */
export function objectIdOf(value: unknown): string | null {
  try {
    if (typeof value !== 'object' || value === null || !isOf(value, 'ObjectId', 'ObjectID')) return null;
    const hex: unknown = (value as { toHexString(): unknown }).toHexString();
    return typeof hex === 'string' && /^[\da-f]{24}$/.test(hex) ? hex : null;
  } catch {
    return null;
  }
}

function scalar(value: object): string | null {
  if (value instanceof Uint8Array) return `\0binary 0 ${Buffer.from(value).toString('hex')}`;
  const id = objectIdOf(value);
  if (id !== null) return `\0id ${id}`;
  if (isOf(value, 'Binary', 'UUID')) {
    const { buffer, position, sub_type: type = 0 } = value as BinaryParts;
    const bytes = Buffer.from(buffer).subarray(0, position ?? buffer.length);
    return `\0binary ${String(type)} ${bytes.toString('hex')}`;
  }
  return isOf(value, 'Int32', 'Long', 'Double') ? numeric(String(value)) : null;
}

interface BinaryParts {
  readonly buffer: Uint8Array;
  readonly position?: number;
  readonly sub_type?: number;
}

/** MongoDB compares numbers of all types by their value. */
function numeric(text: string): string {
  return `\0number ${text === '-0' ? '0' : text}`;
}

/** The type is read from the prototype, since a document of the app may have a field of that name. */
function isOf(value: object, ...types: readonly string[]): boolean {
  if (Object.hasOwn(value, '_bsontype')) return false;
  const { _bsontype: type } = value as { _bsontype?: unknown };
  return typeof type === 'string' && types.includes(type);
}
