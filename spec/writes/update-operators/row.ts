const photos = [
  { url: 'a.png', text: 'A' },
  { url: 'b.png', text: 'B' },
];

/** Fields that hold images, by their paths, and for each a document that has two images where it can. */
export const SHAPES = {
  image: { definition: { image: String }, document: { image: 'a.png' } },
  'profile.avatar': {
    definition: { profile: { avatar: String, name: String } },
    document: { profile: { avatar: 'a.png', name: 'n' } },
  },
  gallery: { definition: { gallery: [String] }, document: { gallery: ['a.png', 'b.png'] } },
  'photos.url': { definition: { photos: [{ url: String, text: String }] }, document: { photos } },
  'albums.photos.url': {
    definition: { albums: [{ photos: [{ url: String }] }] },
    document: { albums: [{ photos }] },
  },
  icons: {
    definition: { icons: { type: Map, of: String } },
    document: { icons: { home: 'a.png', 2024: 'b.png' } },
  },
  any: { definition: { any: {} }, document: { any: 'a.png' } },
};

type Change = Record<string, unknown> | Record<string, unknown>[];

/** What an update is applied to, if not simply to the document of the shape. */
interface On {
  readonly document?: Readonly<Record<string, unknown>>;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly arrayFilters?: Record<string, unknown>[];
}

/**
 * `may drop`: the code looks documents up, although this one loses nothing. `stores a.png`: the strings that the code
 * compares with the names of files. `unseen`: the field gets a value that the code does not expect; the document that
 * then holds it is found by the question. `refused`: by MongoDB.
 */
type Says = `${'drops' | 'may drop' | 'keeps'}${string}`;

export interface Row {
  readonly title: string;
  readonly field: keyof typeof SHAPES;
  readonly update: Change;
  readonly on: On;
  readonly loss: string;
  readonly stores: boolean;
  readonly written: readonly string[];
  readonly isUnseen: boolean;
  readonly isRefused: boolean;
}

export function row(field: keyof typeof SHAPES, update: Change, says: Says, on: On = {}): Row {
  const [loss = '', ...more] = says.split('; ');
  const stores = more.find((one) => one.startsWith('stores'));
  const document = on.document ? ` to ${JSON.stringify(on.document)}` : '';
  return {
    title: `${field}: ${JSON.stringify(update).replaceAll('"', '')}${document}: ${says}`,
    field,
    update,
    on,
    loss,
    stores: stores !== undefined,
    written: stores?.split(' ').slice(1) ?? [],
    isUnseen: more.includes('unseen'),
    isRefused: more.includes('refused'),
  };
}
