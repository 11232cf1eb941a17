import { Decimal128, Double, Long } from 'bson';
import type { Numeric } from './values.js';
import { asDouble, isInt32, toNumber } from './values.js';
import { CommandError } from './errors.js';

export type Arithmetic = 'add' | 'multiply';

/** MongoDB's types of a sum or product: decimal over double over long over int; an int that overflows is a long. */
export function calculate(operation: Arithmetic, a: Numeric, b: Numeric): Numeric {
  if (a instanceof Decimal128 || b instanceof Decimal128) return calculateDecimal(operation, a, b);
  if (isDouble(a) || isDouble(b)) {
    const [x, y] = [toNumber(a), toNumber(b)];
    return asDouble(operation === 'add' ? x + y : x * y);
  }
  const [x, y] = [toBigInt(a), toBigInt(b)];
  const result = operation === 'add' ? x + y : x * y;
  const isLong = a instanceof Long || b instanceof Long;
  if (!isLong && isInt32(Number(result))) return Number(result);
  if (BigInt.asIntN(64, result) !== result) {
    const verb = operation === 'add' ? '$inc' : '$mul';
    throw new CommandError(2, `Failed to apply ${verb} operations to current value: integer overflow`);
  }
  return Long.fromBigInt(result);
}

function isDouble(value: Numeric): boolean {
  return value instanceof Double || (typeof value === 'number' && !isInt32(value));
}

function toBigInt(value: Numeric): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(toNumber(value));
}

interface ScaledDecimal {
  digits: bigint;
  exponent: number;
}

function calculateDecimal(operation: Arithmetic, a: Numeric, b: Numeric): Decimal128 {
  const [x, y] = [parseDecimal(a), parseDecimal(b)];
  if (!x || !y) {
    const [p, q] = [toNumber(a), toNumber(b)];
    return Decimal128.fromString(String(operation === 'add' ? p + q : p * q));
  }
  if (operation === 'multiply') return formatDecimal(x.digits * y.digits, x.exponent + y.exponent);
  const exponent = Math.min(x.exponent, y.exponent);
  const scale = ({ digits, exponent: own }: ScaledDecimal): bigint => digits * 10n ** BigInt(own - exponent);
  return formatDecimal(scale(x) + scale(y), exponent);
}

/** Nothing for NaN and infinities. */
function parseDecimal(value: Numeric): ScaledDecimal | undefined {
  const match = /^(-?)(\d+)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(String(value));
  if (!match) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

function formatDecimal(digits: bigint, exponent: number): Decimal128 {
  return Decimal128.fromString(`${digits}E${exponent}`);
}
