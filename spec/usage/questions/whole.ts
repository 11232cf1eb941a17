/** The conditions of one question, as `printed`. */
export interface Whole {
  /** Of a small collection, which is searched. */
  readonly small: readonly string[];
  /** Of a large collection, where an index serves everything but texts. */
  readonly large: readonly string[];
  /** What a large collection is asked in addition, if the storage has values that only a scan finds. */
  readonly scan: readonly string[];
}

const SEARCHED = '/a\\.png/i /<needless escape>/i';
const ASKED = 'a.png /^a\\.png\\?/ /^/u/a\\.png<end or query>/';
const SCAN = '/^https://cdn//';

function plain(path: string): Whole {
  return { small: [`${path} in ${SEARCHED}`], large: [`${path} in ${ASKED}`], scan: [`${path} in ${SCAN}`] };
}

export const WHOLE = {
  string: plain('image'),
  strings: plain('gallery'),
  'sub-documents': plain('photos.url'),
  'whole sub-documents': {
    small: [
      `photos in ${SEARCHED}`,
      'photos.name in a.png',
      `photos.url in ${SEARCHED}`,
      `photos.text in ${SEARCHED}`,
    ],
    large: [`photos in ${ASKED}`, 'photos.name in a.png'],
    scan: [`photos in ${SCAN}`, `photos.url in ${SCAN}`],
  },
  // no path of a query reaches the values of a Map
  Map: { small: ['icons exists true'], large: [], scan: ['icons exists true'] },
  Mixed: {
    small: [`any in ${SEARCHED}`, 'any type object', 'any elemMatch type array'],
    large: [`any in ${ASKED}`, 'any.name in a.png', 'any elemMatch type array'],
    scan: [`any in ${SCAN}`, `any.url in ${SCAN}`],
  },
  'nested arrays': {
    small: [`rows in ${SEARCHED}`, 'rows elemMatch type array'],
    large: [`rows in ${ASKED}`, 'rows elemMatch type array'],
    scan: [`rows in ${SCAN}`],
  },
  // what a text uses is found only by a search, whatever the number of documents
  html: { small: [`body in ${SEARCHED}`], large: [`body in ${SEARCHED}`], scan: [`body in ${SCAN}`] },
  'html beside an array': {
    small: [`body in ${SEARCHED}`, `images in ${SEARCHED}`],
    large: [`and images null body in ${SEARCHED}`, `images in ${ASKED}`],
    scan: [`body in ${SCAN}`, `images in ${SCAN}`],
  },
} satisfies Record<string, Whole>;
