import { ENCODERS } from '../support/spellings.js';

export type Format = 'html' | 'markdown' | 'json';

/** A text, what it shows as images, and what else it names. */
export interface Generated {
  readonly format: Format;
  readonly value: unknown;
  /** Addresses that a page of it would load, as they are once read. */
  readonly shown: readonly string[];
  /** The names of their files. */
  readonly images: readonly string[];
  /** Names of files that it shows or mentions, in whatever way. */
  readonly named: readonly string[];
}

type Random = () => number;

/** What names of real uploads have in them, and what reports of lost files had. */
const SIGNS = [
  'a',
  'b',
  '7',
  '-',
  '_',
  '.',
  ' ',
  ',',
  '&',
  "'",
  '{',
  '}',
  '(',
  ')',
  '+',
  'é',
  '日',
  '%',
  '#',
  '!',
  ';',
  '=',
];

export function nameOf(random: Random, n: number): string {
  const signs = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(random, SIGNS)).join('');
  return `f${String(n)}${signs}x.png`;
}

/** An address as an app stores it: the name encoded for a path. */
function addressOf(name: string, random: Random): string {
  // a raw `%`, `#` or `?` in an address means something else
  const encoders = /[%#?]/.test(name) ? ENCODERS.slice(2, 4) : ENCODERS.slice(0, 4);
  return `/uploads/${pick(random, encoders)(name)}`;
}

const ESCAPES: Record<string, readonly ((char: string) => string)[]> = {
  '&': [() => '&amp;', () => '&#38;', () => '&#x26;'],
  '"': [() => '&quot;', () => '&#34;'],
  "'": [() => '&#39;', () => '&apos;'],
  '<': [() => '&lt;'],
};

/** For an attribute in double quotes; sometimes a character is escaped that needs none. */
function attribute(text: string, random: Random): string {
  return [...text]
    .map((char) => {
      if (char === '&' || char === '"') return pick(random, ESCAPES[char]!)(char);
      if (random() < 0.03) return `&#${String(char.codePointAt(0))};`;
      return ESCAPES[char] && random() < 0.5 ? pick(random, ESCAPES[char])(char) : char;
    })
    .join('');
}

/** How HTML shows an image; each answers with the markup and with the address as it is read. */
const SHOWS: readonly ((address: string, random: Random) => readonly [markup: string, read: string])[] = [
  (address, random) => [`<img src="${attribute(address, random)}" alt="x">`, address],
  (address, random) => [`<IMG\n data-id=7 SRC = "${attribute(address, random)}"/>`, address],
  (address) => [`<img src='${address.replaceAll('&', '&amp;').replaceAll("'", '&#39;')}'>`, address],
  (address, random) => [
    `<img srcset="/uploads/other.png 1x, ${attribute(spaceless(address), random)} 2x">`,
    spaceless(address),
  ],
  (address, random) => [
    `<picture><source srcset="${attribute(spaceless(address), random)}"></picture>`,
    spaceless(address),
  ],
  (address, random) => [`<video poster="${attribute(address, random)}"></video>`, address],
  (address, random) => [
    `<p style="background:url(&quot;${attribute(css(address), random)}&quot;)">`,
    address,
  ],
  (address) => [`<style>.x{background:url("${css(address)}")}</style>`, address],
  (address, random) => [`<svg><image href="${attribute(address, random)}"/></svg>`, address],
  (address, random) => [`<noscript><img src="${attribute(address, random)}"></noscript>`, address],
  (address, random) => [`<a href="${attribute(address, random)}">big</a>`, address],
  (address, random) => [`<div data-src="${attribute(address, random)}"></div>`, address],
];

/** A space ends an address in a srcset; one that is encoded in parts only is in no list of spellings. */
function spaceless(address: string): string {
  return address.includes(' ') ? encodeURI(address) : address;
}

function css(address: string): string {
  return address.replace(/["\\]/g, '\\$&');
}

/** How a text names a file without showing it. */
const MENTIONS: readonly ((name: string, random: Random) => string)[] = [
  (name) => `<code>${name.replaceAll('&', '&amp;')}</code>`,
  (name) => `<!-- <img src="/uploads/${encodeURIComponent(name)}"> -->`,
  (name, random) => `<p title="${attribute(name, random)}">`,
  (name) => `https://cdn.example.org/w_100/${encodeURIComponent(name)}?v=1`,
  (name) => `&lt;img src=&quot;${encodeURIComponent(name)}&quot;&gt;`,
];

const WORDS = [
  'word',
  'a longer sentence.',
  '<b>bold</b>',
  '<br>',
  '&nbsp;',
  '<p>',
  '</div>',
  '< 3',
  '100 %',
  '"',
  '\n\n',
];

export function generated(random: Random, names: readonly string[]): Generated {
  const format = pick(random, ['html', 'html', 'markdown', 'json'] as const);
  const shown: string[] = [];
  const named = new Set<string>();
  const images = new Set<string>();
  const parts = Array.from({ length: Math.floor(random() * 8) }, () => {
    const kind = random();
    if (kind < 0.35) return pick(random, format === 'html' ? WORDS : ['word', 'a sentence.']);
    const name = pick(random, names);
    named.add(name);
    if (kind < 0.55 && format !== 'markdown') return pick(random, MENTIONS)(name, random);
    images.add(name);
    return show(format, name, { random, shown });
  });
  return { format, value: whole(format, parts, random), shown, images: [...images], named: [...named] };
}

function show(format: Format, name: string, { random, shown }: { random: Random; shown: string[] }): string {
  if (format === 'markdown') {
    // Markdown ends an address at spaces and brackets that are not escaped
    const plain = `/uploads/${ENCODERS[5]!(name)}`;
    shown.push(plain);
    return pick(random, [
      `![x](${plain})`,
      `![x](<${plain}> "title")`,
      `[![x](${plain})](${plain})`,
      `<img src="${plain}">`,
    ]);
  }
  const address = addressOf(name, random);
  if (format === 'json') {
    shown.push(address);
    return address;
  }
  const [markup, read] = pick(random, SHOWS)(address, random);
  shown.push(read);
  return markup;
}

function whole(format: Format, parts: readonly string[], random: Random): unknown {
  if (format === 'html') return parts.join(pick(random, ['', ' ', '\n']));
  if (format === 'markdown') return parts.join('\n\n');
  const document = { type: 'doc', content: parts.map((part) => ({ type: 'node', attrs: { src: part } })) };
  return random() < 0.5 ? document : JSON.stringify(document);
}

function pick<T>(random: Random, all: readonly T[]): T {
  return all[Math.floor(random() * all.length)]!;
}
