import { rfc3986, type Dice } from '../../support/spellings.js';

const PIECES = [
  ...['holiday', 'IMG_2024', 'a-b', 'x.y', 'Photo', 'cat~1', ' ', '  ', 'é', 'e\u0301', 'ß', '写真', '😀'],
  ...[
    '%',
    '%20',
    '%41',
    '#',
    '?',
    '+',
    '&',
    '&amp;',
    '&lt',
    '&copy',
    '=',
    ';',
    ',',
    ', ',
    '@',
    ':',
    '*',
    '|',
  ],
  ...[
    "'",
    '"',
    '`',
    '(1)',
    '(',
    ')',
    '[1]',
    ']',
    '{1}',
    '<1>',
    '<',
    '>',
    '!',
    '$',
    '^',
    '~',
    '_',
    '__x_',
    '\\',
  ],
];

/** A file's name with whatever an address, an attribute, a style sheet or Markdown has to escape. */
export function awkwardName(dice: Dice, number: number): string {
  const parts = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(PIECES));
  return `${String(number)}-${parts.join('')}n${dice.pick(['.png', '.jpg', '.JPEG', '.webp'])}`;
}

/** What an address must not hold as it is, as it would end there or begin an escape. */
const UNSAFE = /[%?#\\]/g;

/** The address of a file as apps, browsers and people write it. `taboo` must be encoded as well. */
export function address(dice: Dice, path: string, taboo = /(?!)/g): string {
  const encoded = dice.pick([bySegment(rfc3986), bySegment(encodeURIComponent), raw(taboo), raw(taboo)])(
    path,
  );
  const url = encoded.replace(taboo, (char) => rfc3986(char).replace(char, percent(char)));
  return url + (dice.oneIn(8) ? dice.pick(['?v=2', '?w=300&h=2', '#top', '?']) : '');
}

function bySegment(encode: (part: string) => string): (path: string) => string {
  return (path) => path.split('/').map(encode).join('/');
}

function raw(taboo: RegExp): (path: string) => string {
  return (path) => path.replace(UNSAFE, percent).replace(taboo, percent);
}

export function percent(char: string): string {
  return [...Buffer.from(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

const NAMED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  ' ': '&#x20;',
  é: '&eacute;',
  '(': '&lpar;',
  ',': '&comma;',
};

/** A character as a reference: by name, in decimal, in hexadecimal. */
export function reference(dice: Dice, char: string): string {
  const code = char.codePointAt(0)!;
  const forms = [`&#${String(code)};`, `&#x${code.toString(16)};`, `&#X${code.toString(16).toUpperCase()};`];
  return NAMED[char] !== undefined && !dice.oneIn(4) ? NAMED[char] : dice.pick(forms);
}

/** A value within an attribute in quotes; what need not be a reference is one at times. */
export function quoted(dice: Dice, value: string): string {
  const quote = dice.pick(['"', '"', "'"]);
  const isEager = dice.oneIn(3);
  const escaped = [...value].map((char) => {
    if (char === '&' || char === quote) return reference(dice, char);
    return isEager && dice.oneIn(6) ? reference(dice, char) : char;
  });
  return quote + escaped.join('') + quote;
}

/** An attribute, with or without quotes, in some case. */
export function attribute(dice: Dice, name: string, value: string): string {
  const written = dice.oneIn(5) ? name.toUpperCase() : name;
  const equals = dice.oneIn(8) ? dice.pick([' = ', '=\n', ' =']) : '=';
  const canBeBare = value !== '' && !/[\s"'=<>`&]/.test(value) && !value.endsWith('/');
  return written + equals + (canBeBare && dice.oneIn(4) ? value : quoted(dice, value));
}

/** `url(…)` in one of its three ways, with the escapes of a style sheet. */
export function cssUrl(dice: Dice, url: string): string {
  const hex = (char: string): string => `\\${char.codePointAt(0)!.toString(16)} `;
  const escape = (char: string): string => (dice.oneIn(2) ? `\\${char}` : hex(char));
  const isEager = dice.oneIn(4);
  const eagerly = (text: string): string =>
    isEager ? text.replace(/[a-z0-9._-]/gi, (char) => (dice.oneIn(6) ? hex(char) : char)) : text;
  const space = dice.oneIn(5) ? ' ' : '';
  const quote = dice.pick(['"', "'", '']);
  const needed = quote === '' ? /[\s"'()\\]/g : quote === '"' ? /["\\]/g : /['\\]/g;
  const parts = url.split(needed);
  const between = [...url.matchAll(needed)].map(([char]) => (/\s/.test(char) ? hex(char) : escape(char)));
  const inner = parts.map((part, at) => eagerly(part) + (between[at] ?? '')).join('');
  return `${dice.oneIn(6) ? 'URL' : 'url'}(${space}${quote}${inner}${quote}${space})`;
}
