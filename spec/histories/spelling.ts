import { ENCODERS, lowerHex } from '../support/spellings.js';
import type { Served } from './folders.js';

/** Ways to write a name after a beginning. */
export const ENCODINGS = {
  raw: ENCODERS[0]!,
  encodeURI: ENCODERS[1]!,
  segments: ENCODERS[2]!,
  whole: ENCODERS[3]!,
  url: ENCODERS[4]!,
  rfc3986: ENCODERS[5]!,
  lower: (name: string) => lowerHex(ENCODERS[2]!(name)),
  /** In no list: a letter that needs no escape. */
  needless: (name: string) => `${ENCODERS[2]!(name.slice(0, -1))}%${name.at(-1)!.charCodeAt(0).toString(16)}`,
} as const satisfies Record<string, (name: string) => string>;

type Writer = (encoded: string, name: string, served: Served & { root: string }) => unknown;

const host = ({ hosts }: Served): string => hosts[0] ?? 'old.example';
const base = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** What may stand around a name: each of the beginnings of the closed list, others, and texts that mention it. */
export const SHAPES = {
  bare: (encoded) => encoded,
  './': (encoded) => `./${encoded}`,
  absolute: (_, name, { root }) => `${root}/${name}`,
  path: (encoded, _, served) => `${served.base}/${encoded}`,
  'path, doubled slash': (encoded, _, served) => `${served.base}//${encoded}`,
  'path without slash': (encoded, _, served) => `${served.base.slice(1)}/${encoded}`,
  './path': (encoded, _, served) => `.${served.base}/${encoded}`,
  http: (encoded, _, served) => `http://${host(served)}${served.base}/${encoded}`,
  https: (encoded, _, served) => `https://${host(served)}${served.base}/${encoded}`,
  '//host': (encoded, _, served) => `//${host(served)}${served.base}/${encoded}`,
  'https, doubled slash': (encoded, _, served) => `https://${host(served)}${served.base}//${encoded}`,
  HOST: (encoded, _, served) => `HTTP://${host(served).toUpperCase()}${served.base}/${encoded}`,
  '/./': (encoded, _, served) => `${served.base}/./${encoded}`,
  '/x/../': (encoded, _, served) => `${served.base}/x/../${encoded}`,
  'trailing space': (encoded, _, served) => `${served.base}/${encoded} `,
  'old host': (encoded) => `http://old.example/files/${encoded}`,
  html: (encoded) => `<p>Look <img src="/files/${encoded}"> here</p>`,
  sentence: (_, name) => `look at ${base(name)} please`,
} as const satisfies Record<string, Writer>;

/** Objects that only a field without a type holds. */
export const OBJECTS = {
  multer: (_, name, served) => ({
    originalname: 'holiday.jpg',
    filename: base(name),
    path: `${served.root}/${name}`,
    size: 4,
  }),
  destination: (_, name, { root }) => ({
    destination: `${root}/${name}`.slice(0, -base(name).length),
    filename: base(name),
  }),
  'key and location': (encoded, name, served) => ({
    key: name,
    location: `https://${host(served)}${served.base}/${encoded}`,
  }),
  url: (encoded, _, served) => ({ url: `${served.base}/${encoded}`, width: 40 }),
  'url with query': (encoded, _, served) => ({ url: `${served.base}/${encoded}?v=2` }),
  unknown: (encoded, _, served) => ({ src: `${served.base}/${encoded}`, alt: 'picture' }),
  nested: (encoded) => ({ blocks: [{ html: `<img src="http://old.example/${encoded}">` }] }),
} as const satisfies Record<string, Writer>;

export type Encoding = keyof typeof ENCODINGS;
export type Shape = keyof typeof SHAPES | keyof typeof OBJECTS;

/** A file, and the way in which a document names it. */
export interface Spelled {
  /** Its name below the uploads; `fresh` is uploaded just before, to the field's own folder or to one that is named. */
  readonly file: string;
  readonly shape: Shape;
  readonly encoding: Encoding;
  readonly tail?: '?v=2' | '#top';
}

/** What a document stores. A file outside of the field's folders can only be mentioned. */
export function spell(
  { file, shape, encoding, tail }: Spelled,
  served: readonly Served[],
  { root, isObjectAllowed }: { root: string; isObjectAllowed: boolean },
): unknown {
  const home = served.find(({ folder }) => folder === '' || file.startsWith(`${folder}/`));
  if (!home) return SHAPES['old host'](ENCODINGS.segments(file));
  const name = home.folder === '' ? file : file.slice(home.folder.length + 1);
  const own = { ...home, root: home.folder === '' ? root : `${root}/${home.folder}` };
  const encoded = ENCODINGS[encoding](name);
  const end = tail ?? '';
  if (shape in OBJECTS) {
    if (isObjectAllowed) return OBJECTS[shape as keyof typeof OBJECTS](encoded, name, own);
    return SHAPES.path(encoded, name, own) + end;
  }
  return SHAPES[shape as keyof typeof SHAPES](encoded, name, own) + end;
}
