/** A generator of random numbers that a seed repeats. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Is it so, one time in `times`? */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}

const PIECES = [
  ...['holiday', 'IMG_2024', 'a-b', 'x.y', '7', 'Photo', 'cat~1'],
  ...[
    ' ',
    '  ',
    ' copy ',
    '\u00e9',
    'e\u0301',
    '\u00fc\u00df',
    '\u5199\u771f',
    '\ud83d\ude00',
    '\ud83d\udc68\u200d\ud83d\udc69',
  ],
  ...['%', '%20', '%41', '%zz', '#', '#1', '?', '?v=1', '+', '&', '&amp;', '=', ';', ',', '@', ':', '*', '|'],
  ...["'", '"', '`', '(1)', '[1]', '{1}', '<1>', '!', '$', '^', '~'],
];
const FOLDERS = [
  '2024',
  '2024/05',
  'my photos',
  'caf\u00e9',
  'e\u0301t',
  'a%41b',
  'x#y',
  'w?z',
  'p+q',
  '[dir]',
  'A',
];

/** A name of a file below a folder of uploads, with `/`. */
export function randomName(dice: Dice, number: number): string {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(PIECES));
  if (!dice.oneIn(6)) parts.splice(dice.below(parts.length + 1), 0, String(number));
  let base = parts.join('').replace(/^\.+/, '');
  if (dice.oneIn(20)) base = base.padEnd(200 - 4, 'long-');
  while (Buffer.byteLength(base) > 196) base = [...base].slice(0, -1).join('');
  const file = `f${base}${dice.pick(['.png', '.jpg', '.JPEG', '.tar.gz'])}`;
  return dice.oneIn(3) ? `${dice.pick(FOLDERS)}/${file}` : file;
}

const bySegment =
  (encode: (segment: string) => string) =>
  (name: string): string =>
    name.split('/').map(encode).join('/');

export const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** As a browser writes the path of a URL. */
export function whatwg(name: string): string {
  const url = new URL('http://host');
  url.pathname = `/${name}`;
  return url.pathname.slice(1);
}

export const lowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase());

/** The encoders of the closed list. */
export const ENCODERS: readonly ((name: string) => string)[] = [
  (name) => name,
  encodeURI,
  bySegment(encodeURIComponent),
  encodeURIComponent,
  whatwg,
  bySegment(rfc3986),
];

/** Where the folder is served. */
export interface Served {
  readonly base: string;
  readonly host: string;
  /** Absolute. */
  readonly root: string;
}

/** The list of issue and README, written down a second time: strings that name the file, without query and fragment. */
export function closedList(name: string, { base, host, root }: Served): string[] {
  const encoded = [...new Set(ENCODERS.flatMap((encode) => [encode(name), lowerHex(encode(name))]))];
  const paths = encoded.flatMap((one) => [`${base}/${one}`, `${base}//${one}`]);
  const urls = ['http:', 'https:', ''].flatMap((scheme) => paths.map((path) => `${scheme}//${host}${path}`));
  const withoutSlash = encoded.map((one) => `${base.slice(1)}/${one}`);
  return [
    ...new Set([
      name,
      `./${name}`,
      `.${base}/${name}`,
      `${root}/${name}`,
      ...paths,
      ...urls,
      ...withoutSlash,
    ]),
  ];
}

/** What a random spelling is made of. */
export function randomSpelling(dice: Dice, name: string, served: Served): string {
  const { base, host } = served;
  const suffix = dice.oneIn(4) ? dice.pick(['?v=2', '#top', '?', '?a=1#b', '#', '?x=/../y', '?q=a//b']) : '';
  if (dice.oneIn(3)) return dice.pick(closedList(name, served)) + suffix;
  const path = disturbed(
    dice,
    name.split('/').map((segment) => encodedSegment(dice, segment)),
  );
  if (dice.oneIn(6)) return ends(dice, path);
  const shownBase = dice.oneIn(5)
    ? dice.pick([base.toUpperCase(), base.replace('u', 'U'), base.replace('u', '%75')])
    : base;
  const hosts = [
    '',
    `http://${host}`,
    `https://${host}`,
    `//${host}`,
    `HTTP://${host.toUpperCase()}`,
    `Http://u:p@${host}`,
  ];
  const start = dice.oneIn(12) ? 'http://old.example' : dice.oneIn(2) ? '' : dice.pick(hosts);
  const seam = dice.oneIn(4) ? dice.pick(['//', '///', '/./', '/%2e/', '/x/../', '\\', '/y/%2E%2e/']) : '/';
  const whole = start === '' && dice.oneIn(6) ? shownBase.slice(1) : start + shownBase;
  return ends(dice, `${whole}${seam}${path}${suffix}`);
}

function encodedSegment(dice: Dice, segment: string): string {
  if (dice.oneIn(2)) {
    const text = dice.pick(ENCODERS)(segment);
    return dice.oneIn(3) ? lowerHex(text) : text;
  }
  // each letter on its own, in any encoding
  return [...segment]
    .map((letter) => {
      if (dice.oneIn(3)) return dice.pick(['%', '#', '?'].includes(letter) ? [rfc3986] : ENCODERS)(letter);
      if (!dice.oneIn(4)) return letter;
      const hex = Buffer.from(letter).toString('hex').replace(/../g, '%$&');
      return dice.oneIn(2) ? hex : hex.toUpperCase();
    })
    .join('');
}

function disturbed(dice: Dice, segments: readonly string[]): string {
  return segments.reduce(
    (path, segment) =>
      path + (dice.oneIn(4) ? dice.pick(['//', '/./', '%2F', '%2f', '\\', '/z/../']) : '/') + segment,
  );
}

function ends(dice: Dice, text: string): string {
  if (!dice.oneIn(12)) return text;
  return dice.pick([
    `${text} `,
    ` ${text}`,
    `${text}\n`,
    `\t${text}`,
    `${text}\r\n`,
    `${text}/`,
    `${text}\u00a0`,
  ]);
}
