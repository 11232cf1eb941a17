import type { Asset } from '../../lib/index.js';
import { nameOf, ORDINARY, PROTECTED, OUTSIDE } from './files.js';
import { IN_FOLDERS, PROTECTED_IN_FOLDERS, servedAt, servedBy } from './folders.js';
import { FolderReading, type Said } from './reading.js';
import { spell, type Spelled } from './spelling.js';
import type { ModelName } from './steps.js';
import { readArticle } from './text.js';

/** Where a value stands; `field: null`: handed over, for no field. */
export interface Place {
  readonly model: ModelName;
  readonly field: string | null;
}

/** How files are named in one kind of world. */
export interface Naming {
  /** Files that are there when a history begins. */
  readonly ordinary: readonly string[];
  /** Files that never go. */
  readonly protected: readonly string[];
  /** What a value says; `known` are all files that are or were there. */
  read(value: unknown, place: Place, known: readonly string[]): Said;
  /** The name of an asset. */
  nameOf(asset: Asset): string;
  /** Where a file for a field is uploaded: the name with the folder. */
  home(name: string, place: Place): string;
  /** A name for an upload, with what needs to be escaped where such names are known. */
  fresh(number: number): string;
  /** What a document stores for a file. */
  spell(spelled: Spelled, place: Place): unknown;
}

const HANDED: Place = { model: 'Album', field: null };

/** One provider, and few forms. */
export const plainNaming: Naming = {
  ordinary: ORDINARY,
  protected: [...PROTECTED, ...OUTSIDE],
  read(value, { field }, known) {
    if (field === 'body') return readArticle(value, (image) => this.read(image, HANDED, known));
    const name = nameIn(value);
    const names = new Set(name === undefined ? [] : [name]);
    return { meant: names, listed: names, mentioned: new Set(), elsewhere: new Set() };
  },
  nameOf: ({ key }) => key.replace(/^.*\//, ''),
  home: (name) => name.replace(/^.*\//, ''),
  fresh: (number) => `fresh-${String(number)}.png`,
  spell({ file }) {
    if (file.includes('fresh')) return `/uploads/${file.replace(/^.*\//, '')}`;
    return `/uploads/${ORDINARY[file.length % 4]!}?v=2`;
  },
};

function nameIn(value: unknown): string | undefined {
  if (typeof value === 'string') return nameOf(value);
  const strings = Object.values((value ?? {}) as object).filter((one) => typeof one === 'string');
  return strings.map(nameOf).find((name) => name !== undefined);
}

/** Several providers over one folder, in every spelling. */
export function folderNaming(root: string): Naming {
  const reading = new FolderReading(root);
  const served = ({ model, field }: Place) => (field === null ? servedBy(model) : servedAt(model, field));
  return {
    ordinary: IN_FOLDERS,
    protected: [...PROTECTED_IN_FOLDERS, ...OUTSIDE],
    read(value, place, known) {
      const read = (one: unknown): Said => reading.read(one, served(place), known);
      return place.field === 'body' ? readArticle(value, read) : read(value);
    },
    nameOf: ({ key }) => key.slice(root.length + 1),
    home(name, place) {
      const [{ folder } = { folder: '' }] = served(place);
      return folder === '' || name.includes('/') ? name : `${folder}/${name}`;
    },
    fresh: (number) => `fresh${['-', ' ', '-é(', "-'["][number % 4]!}${String(number)}.png`,
    spell: (spelled, place) =>
      spell(spelled, served(place), { root, isObjectAllowed: place.field === 'card' }),
  };
}
