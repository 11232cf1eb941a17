import { anyBson, copyOf, isBson } from './bson.js';
import type { Random } from './random.js';

const PIECES = [
  ...[
    'a',
    'B',
    '0',
    '_',
    '-',
    '.',
    '..',
    '/',
    '//',
    '\\',
    ' ',
    '%',
    '%20',
    '%2e%2e',
    '%2F',
    '%00',
    '%zz',
    '?',
    '?v=1',
    '#x',
    '&',
    '+',
  ],
  ...[
    ':',
    '@',
    '~',
    '*',
    '"',
    "'",
    '<',
    '\0',
    '\n',
    '\t',
    '\u200b',
    '\u202e',
    '\ufeff',
    'é',
    'e\u0301',
    '日本',
    '😀',
    '\ud800',
    '\udc00',
  ],
  ...[
    'http://',
    'https://',
    '//',
    'file:///',
    'data:image/png;base64,',
    'javascript:',
    'C:',
    'C:\\',
    '\\\\host\\',
    '/etc/passwd',
  ],
  ...[
    'uploads',
    '/uploads/',
    'image',
    'upload',
    'v1',
    '.png',
    '.jpg',
    'null',
    'undefined',
    'NaN',
    '__proto__',
    'constructor',
  ],
];

/** A value as a document may hold it, or an unexpected one. */
export function anyValue(random: Random): unknown {
  return random.oneOf(kinds)(random);
}

const kinds: ((random: Random) => unknown)[] = [
  text,
  text,
  text,
  text,
  (random) => 'x'.repeat(random.below(5000)),
  (random) => random.oneOf([undefined, null, true, false, 0, -0, NaN, 1e21, 5n, Symbol('s'), '']),
  (random) => [text(random)],
  (random) => ({
    [random.oneOf(['url', 'public_id', 'path', 'key', '__proto__', text(random)])]: text(random),
  }),
  (random) =>
    random.oneOf([new Date(NaN), /x/, new Map([['url', 'x']]), new Set(['x']), Buffer.from('x'), () => 'x']),
  (random) => new String(text(random)),
  anyBson,
  anyBson,
  (random) => ({ [random.oneOf(['id', '_id', 'file', 'key'])]: anyBson(random) }),
  () => Object.create(null) as unknown,
  cycle,
  () => THROWING,
];

function text(random: Random): string {
  return Array.from({ length: random.below(8) }, () => random.oneOf(PIECES)).join('');
}

function cycle(): object {
  const object: Record<string, unknown> = { url: 'x' };
  object['self'] = object;
  return object;
}

const refuse = () => {
  throw new Error('reading this value throws');
};

/** Throws at every access. */
const THROWING: unknown = new Proxy(
  {},
  { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse },
);

/** A value that is nearly the given one. */
export function mutated(value: unknown, random: Random): unknown {
  if (typeof value === 'string') {
    const once = random.oneOf(changes)(value, random);
    return random.below(3) === 0 ? random.oneOf(changes)(once, random) : once;
  }
  if (isBson(value))
    return random.oneOf([copyOf, String, () => mutated(String(value), random), () => anyBson(random)])(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anyValue(random);
  const copy: Record<string, unknown> = { ...value };
  const name = random.oneOf([...Object.keys(copy), 'other']);
  if (random.below(5) === 0) return Object.fromEntries(Object.entries(copy).filter(([one]) => one !== name));
  const isNear = typeof copy[name] === 'string' || isBson(copy[name]);
  copy[name] = isNear ? mutated(copy[name], random) : anyValue(random);
  return copy;
}

const changes: ((given: string, random: Random) => string)[] = [
  (given, random) => cut(given, random, () => random.oneOf(PIECES)),
  (given, random) => cut(given, random, () => ''),
  (given, random) => cut(given, random, (one) => one + one),
  (given, random) =>
    cut(given, random, (one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())),
  (given, random) => cut(given, random, escaped),
  (given, random) =>
    random.oneOf(['/', './', '../', ' ', '\0', '//', '\\', 'x', 'https://example.com/']) + given,
  (given, random) =>
    given + random.oneOf(['/', '/.', '/..', ' ', '\0', '.bak', '?', '?x=1', '#x', 'x', '%00', '\n']),
  (given) => given.replaceAll('/', '\\'),
  (given) => given.replace('/', '//'),
  (given) => given.replace('/', '/./'),
  (given) => given.replace('/', '/x/../'),
  (given) => given.replace('/', '%2F'),
  (given) => given.replace(/^https:/, 'http:'),
  (given) => given.replace(/^https?:/, ''),
  (given) => given.toUpperCase(),
  (given) => given.toLowerCase(),
  (given) => given.normalize('NFD'),
  (given) => given.normalize('NFC'),
  (given) => encodeURI(wellFormed(given)),
  (given) => [...given].map(escaped).join(''),
];

/** The text with one position changed. */
function cut(given: string, random: Random, change: (one: string) => string): string {
  const at = random.below(given.length + 1);
  return given.slice(0, at) + change(given.slice(at, at + 1)) + given.slice(at + 1);
}

function escaped(one: string): string {
  return [...Buffer.from(one)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Without halves of surrogate pairs, for which `encodeURI` throws. */
function wellFormed(given: string): string {
  return Buffer.from(given).toString();
}
