import type { Connection } from 'mongoose';

const OBJECT_ID = /^[0-9a-f]{24}$/i;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;
/** The BSON subtype of UUIDs. */
const OF_UUID = 4;

/**
 * The `_id` values that a text may mean: the text itself, an ObjectId, a UUID or a number. Any other value means only
 * itself.
 */
export function formsOfId(id: unknown, { mongo }: Connection['base']): unknown[] {
  if (typeof id !== 'string') return [id];
  const forms: unknown[] = [id];
  if (OBJECT_ID.test(id)) forms.push(new mongo.ObjectId(id));
  if (UUID.test(id)) forms.push(new mongo.Binary(Buffer.from(id.replaceAll('-', ''), 'hex'), OF_UUID));
  if (INTEGER.test(id)) forms.push(mongo.Long.fromString(id));
  else if (id.trim() !== '' && String(Number(id)) === id && Number.isFinite(Number(id)))
    forms.push(Number(id));
  return forms;
}

/** An `_id` as a person writes it. */
export function textOfId(id: unknown): string {
  if (typeof id === 'string') return id;
  const {
    sub_type: subtype,
    buffer,
    position,
  } = (id ?? {}) as { sub_type?: number; buffer?: Uint8Array; position?: number };
  if (subtype === OF_UUID && buffer !== undefined) {
    const hex = Buffer.from(buffer)
      .subarray(0, position ?? buffer.length)
      .toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  if (isNumber(id)) return String(id);
  const { toHexString } = (id ?? {}) as { toHexString?: unknown };
  if (typeof toHexString === 'function') return (toHexString as () => string).call(id);
  return typeof id === 'object' && id !== null ? JSON.stringify(id) : String(id);
}

/** Whether the id is of one of MongoDB's number types that the driver does not convert to a number. */
function isNumber(id: unknown): boolean {
  const { _bsontype: type } = (id ?? {}) as { _bsontype?: unknown };
  return type === 'Long' || type === 'Int32' || type === 'Double' || type === 'Decimal128';
}
