/** How often a text may have been encoded, such as `%2520` for a space. */
const ROUNDS = 3;

/**
 * The text, and its readings with escapes decoded: those of JSON and JavaScript, HTML, URLs, forms (`+`), Markdown and
 * style sheets. Characters that are not escapes stay.
 */
export function decodings(text: string): string[] {
  const found = new Set([text]);
  let current = text;
  for (let round = 0; round < ROUNDS; round++) {
    const plain = scriptDecoded(current);
    const unescaped = entityDecoded(plain);
    // a name may contain what looks like an escape, so each step keeps the undecoded text, too
    for (const one of new Set([plain, unescaped])) {
      for (const other of [one, ...backslashDecoded(one)]) found.add(other).add(percentDecoded(other));
    }
    const next = percentDecoded(unescaped);
    if (next === current) break;
    found.add(percentDecoded(current)).add(next);
    current = next;
  }
  if (current.includes('+')) found.add(current.replaceAll('+', ' '));
  return [...found];
}

function scriptDecoded(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long?: string, short?: string) =>
      String.fromCharCode(parseInt(long ?? short ?? '', 16)),
    )
    .replace(/\\([/"'\\])/g, '$1');
}

/**
 * `\(` of Markdown and style sheets, `\n` of JSON, `\28 ` of style sheets. Each is an additional reading, since in a
 * path of Windows the same characters separate folders.
 */
function* backslashDecoded(text: string): Generator<string> {
  if (!text.includes('\\')) return;
  const unmarked = text.replace(/\\[bfnrtv]/g, ' ').replace(/\\([!-/:-@[-`{-~])/g, '$1');
  if (unmarked !== text) yield unmarked;
  const numbered = text.replace(/\\([0-9a-f]{1,6})\s?/gi, (whole, hex: string) => {
    const code = parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  if (numbered !== text) yield numbered.replace(/\\([^0-9a-f\n])/gi, '$1');
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  nbsp: ' ',
  num: '#',
  percnt: '%',
  plus: '+',
  comma: ',',
  excl: '!',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  lbrack: '[',
  rbrack: ']',
  period: '.',
  lowbar: '_',
  sol: '/',
  bsol: '\\',
  quest: '?',
  equals: '=',
  semi: ';',
  colon: ':',
  commat: '@',
  dollar: '$',
  ast: '*',
  szlig: 'ß',
  aelig: 'æ',
  oelig: 'œ',
  oslash: 'ø',
  eth: 'ð',
  thorn: 'þ',
};

/** Decodes numeric entities and the names of characters in file names, including letters such as `eacute`. */
function entityDecoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi, (whole, ...groups) => {
    const [decimal, hex, name] = groups as (string | undefined)[];
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? accented(name) ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Combining marks by the ending of an entity's name: `&eacute;` is e with an acute accent. */
const ACCENTS: Readonly<Record<string, string>> = {
  acute: '\u0301',
  grave: '\u0300',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030a',
  cedil: '\u0327',
  caron: '\u030c',
};

function accented(name: string): string | undefined {
  const mark = ACCENTS[name.slice(1).toLowerCase()];
  return mark && (name[0]! + mark).normalize('NFC');
}

/**
 * Decodes escapes that are UTF-8, and single bytes as Latin-1, which older software wrote. One broken escape among
 * those of UTF-8 must not change how the others are read.
 */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      const isMostlyUtf8 = /%[c-f][0-9a-f]%[89ab][0-9a-f]/i.test(escapes);
      return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(isMostlyUtf8 ? 'utf8' : 'latin1');
    }
  });
}
