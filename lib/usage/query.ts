import type { mongo } from 'mongoose';
import type { StoredValue } from '../providers/stored-value.js';
import { isBelowMap, queryablePath } from '../schema/field-values.js';
import type { TrackedField } from '../schema/tracked-field.js';
import type { Reading } from './reading.js';
import type { FormsOf } from './forms.js';
import { fileNameOf, searchedName } from './names.js';
import type { AskedField } from './scope.js';
import type { TextReader } from '../texts/text-reader.js';
import { formsWithoutName } from './unnamed-forms.js';

/** How many names one expression has: MongoDB refuses expressions of more than 32 kB. */
const NAMES_IN_ONE = 100;

/**
 * An escape of a character that needs none: `%61` or `&#97;` for an `a`, `\_` of Markdown, `\61 ` of style sheets. A
 * search for the literal of a name does not find such a spelling, so the few values with such escapes are read.
 */
const NEEDLESS_ESCAPE =
  /%(?:25|2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)|&#|&(?:period|lowbar)|\\u00[2-7]|\\x[2-7]|\\[._-]|\\0*(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)/i;

/** Up to this many names are searched for by the server. For more of them, reading the whole small collection is faster. */
const MOST_NAMES = 50;

/**
 * Follows an address: nothing, or a query or a fragment. It contains no `|`: for an expression with one, MongoDB does not
 * use the bounds of an index, and would read the whole index for each file.
 */
const ALONE_OR_GOING_ON = '([?#][\\s\\S]*)?$';

/**
 * An expression as the server gets it. An expression of JavaScript would first be compiled here, fifteen of them for
 * each file. The class is that of the driver in use, which refuses the class of another copy.
 */
export type ExpressionClass = typeof mongo.BSONRegExp;
type Expression = InstanceType<ExpressionClass>;
type Asked = StoredValue | RegExp | Expression;

/** The strings and expressions by which a batch of files is asked for, in any field. */
export class QueryParts {
  readonly #forms: readonly FormsOf<Reading>[];
  readonly #scans: readonly Expression[];
  readonly #Expression: ExpressionClass;
  readonly #scanObjects: readonly string[];
  readonly #folders: { readonly text: string; readonly pattern: string }[] = [];
  #name = { text: '', pattern: ALONE_OR_GOING_ON };
  #named: readonly (string | null)[] | undefined;
  #inTexts: readonly (string | null)[] | undefined;
  #asked: Strings | undefined;
  #searched: Strings | undefined;

  constructor(forms: readonly FormsOf<Reading>[], Expression: ExpressionClass) {
    this.#forms = forms;
    this.#Expression = Expression;
    this.#scans = [...new Set(forms.flatMap(({ scan }) => scan))].map((one) => this.#startsWith(one));
    this.#scanObjects = [...new Set(forms.flatMap(({ scanObjects }) => scanObjects))];
  }

  /**
   * Equality and selective beginnings, which an index serves; with `isSearched`, also mentions, which read the
   * collection.
   */
  inField({ field }: AskedField, isSearched: boolean, isIndexed = false): object[] {
    if (field.text && isSearched) return this.#inText(field, field.text, isIndexed);
    if (isSearched && !this.#areSearchable) return [holdsSomething(field)];
    if (isBelowMap(field)) return isSearched ? [exists(field)] : [];
    const strings = isSearched ? this.#searchedStrings : this.#askedStrings;
    return [
      { [field.path]: { $in: strings.inField } },
      ...(field.mayHoldObjects ? inObjects(field, strings, isSearched) : []),
      ...(field.mayNest ? nestedArrays(field) : []),
    ];
  }

  /**
   * The server reads every text of the collection once, whatever the number of files; sending the texts here would cost
   * far more.
   */
  #inText(
    field: TrackedField,
    { isNaming, index }: Pick<TextReader, 'isNaming' | 'index'>,
    isIndexed: boolean,
  ): object[] {
    if (isIndexed && index !== undefined) {
      // documents from before the array existed may have images that it lacks
      return this.#inText(field, { isNaming, index }, false).map((one) => ({
        $and: [{ [index]: null }, one],
      }));
    }
    const literals = this.#literalsInTexts;
    if (!isNaming || isBelowMap(field) || literals.includes(null)) return [holdsSomething(field)];
    const expressions = mentionExpressions(literals);
    const { path, leaves, mayHoldObjects, mayNest } = field;
    const inLeaves = (leaves ?? []).map((leaf) => ({ [`${path}.${leaf}`]: { $in: expressions } }));
    return [
      { [path]: { $in: expressions } },
      ...(mayHoldObjects && !leaves ? [{ [path]: { $type: 'object' } }] : inLeaves),
      ...(mayNest ? nestedArrays(field) : []),
    ];
  }

  /** Literals that are in every form of each file. A form without the name of its file is asked for separately. */
  get #literalsInTexts(): readonly (string | null)[] {
    return (this.#inTexts ??= this.#forms.flatMap((one, at) => [
      this.#literals[at]!,
      ...formsWithoutName(one).map((form) => searchedName(form).literal),
    ]));
  }

  /** Whether the server can search for the names: each has a literal, and there are not too many. */
  get #areSearchable(): boolean {
    return this.#forms.length <= MOST_NAMES && !this.#literals.includes(null);
  }

  /** Computed only if the names are searched for, which is not so for thousands of files. */
  get #literals(): readonly (string | null)[] {
    return (this.#named ??= this.#forms.map(
      ({ file }) => searchedName(fileNameOf(file.asset, file.provider)).literal,
    ));
  }

  get #askedStrings(): Strings {
    return (this.#asked ??= { inField: this.#allForms(), inObjects: this.#inObjects });
  }

  /** Added one by one: a large write has about thirty for each file, and intermediate arrays would double the cost. */
  #allForms(): Asked[] {
    const asked: Asked[] = [];
    for (const { equal, prefixes, addresses } of this.#forms) {
      // the expression of an address also finds the address alone; if a provider's order differs, some are asked for
      // twice
      let next = 0;
      for (const form of equal) {
        if (form === addresses[next]) next++;
        else asked.push(form);
      }
      for (const prefix of prefixes) asked.push(this.#startsWith(prefix));
      addresses.forEach((address, place) => asked.push(this.#goesOn(address, place)));
    }
    return asked;
  }

  /** Merged only if a field may hold objects. */
  get #inObjects(): () => ReadonlyMap<string, readonly StoredValue[]> {
    let merged: ReadonlyMap<string, readonly StoredValue[]> | undefined;
    return () => (merged ??= objectsOf(this.#forms));
  }

  /** A search for a literal finds all forms that contain it, so only the other forms are asked for separately. */
  get #searchedStrings(): Strings {
    return (this.#searched ??= { inField: this.#searchesAndOthers(), inObjects: this.#inObjects });
  }

  #searchesAndOthers(): Asked[] {
    const others = this.#forms.flatMap(({ equal, prefixes, addresses }, at) => {
      const literal = this.#literals[at]!;
      const isOther = (form: StoredValue): boolean =>
        typeof form !== 'string' || (!form.includes(literal) && !lowered(form).includes(literal));
      return [
        ...equal.filter(isOther),
        ...this.#beginnings(prefixes.filter(isOther), addresses.filter(isOther)),
      ];
    });
    return [...others, ...mentionExpressions(this.#literals), ...this.#scans];
  }

  /**
   * Values that equality does not find: keys of Maps, which cannot be queried, and URLs of a cloud, which have the id
   * in the middle.
   */
  scanOf({ field }: AskedField): object[] {
    if (isBelowMap(field)) return [exists(field)];
    if (this.#scans.length === 0) return [];
    const objects = field.mayHoldObjects ? this.#scanObjects : [];
    return [field.path, ...objects.map((path) => `${field.path}.${path}`)].map((path) => ({
      [path]: { $in: this.#scans },
    }));
  }

  /** Anchored and case-sensitive, so that an index serves them by their literal beginnings. */
  #beginnings(prefixes: readonly string[], addresses: readonly string[]): Expression[] {
    return [
      ...prefixes.map((prefix) => this.#startsWith(prefix)),
      ...addresses.map((address, place) => this.#goesOn(address, place)),
    ];
  }

  /**
   * An address, alone or with a query or a fragment. At the same position of the list, the addresses of all files in a
   * folder begin alike, and all addresses of one file end alike, so that neither part is escaped again each time.
   */
  #goesOn(address: string, place: number): Expression {
    let folder = this.#folders[place];
    if (!folder || !address.startsWith(folder.text) || address.includes('/', folder.text.length)) {
      const text = address.slice(0, address.lastIndexOf('/') + 1);
      this.#folders[place] = folder = { text, pattern: `^${escaped(text)}` };
    }
    const { text: name } = this.#name;
    if (address.length !== folder.text.length + name.length || !address.endsWith(name)) {
      const text = address.slice(folder.text.length);
      this.#name = { text, pattern: escaped(text) + ALONE_OR_GOING_ON };
    }
    return new this.#Expression(folder.pattern + this.#name.pattern);
  }

  #startsWith(beginning: string): Expression {
    return new this.#Expression(`^${escaped(beginning)}`);
  }
}

/** What is asked for in a field that holds strings, and at the sub-paths of one that holds objects. */
interface Strings {
  readonly inField: readonly Asked[];
  readonly inObjects: () => ReadonlyMap<string, readonly StoredValue[]>;
}

function inObjects({ path, leaves }: TrackedField, strings: Strings, isSearched: boolean): object[] {
  // if any value may be at any path, every object is read, since no expression reaches all its paths
  if (isSearched && !leaves) return [{ [path]: { $type: 'object' } }];
  const known = [...strings.inObjects()].map(([name, values]) => ({ [`${path}.${name}`]: { $in: values } }));
  if (!isSearched || !leaves) return known;
  return [...known, ...leaves.map((leaf) => ({ [`${path}.${leaf}`]: { $in: strings.inField } }))];
}

function objectsOf(forms: readonly FormsOf<Reading>[]): Map<string, StoredValue[]> {
  const merged = new Map<string, StoredValue[]>();
  for (const { objects } of forms) {
    for (const [path, values] of Object.entries(objects)) {
      const known = merged.get(path);
      if (known) for (const value of values) known.push(value);
      else merged.set(path, [...values]);
    }
  }
  return merged;
}

function mentionExpressions(literals: readonly (string | null)[]): RegExp[] {
  const all = [...new Set(literals)].filter((literal) => literal !== null).map(escaped);
  const expressions: RegExp[] = [];
  for (let at = 0; at < all.length; at += NAMES_IN_ONE) {
    expressions.push(new RegExp(all.slice(at, at + NAMES_IN_ONE).join('|'), 'i'));
  }
  return all.length > 0 ? [...expressions, NEEDLESS_ESCAPE] : [];
}

/**
 * Converts only the letters that an expression of MongoDB compares without regard to case; `K` (Kelvin) is not among
 * them.
 */
function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Documents in which a field has a value that could be a file. */
function holdsSomething(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true, $nin: [null, '', []] } };
}

function exists(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true } };
}

/** A path of a query opens an array, but not an array within it. Such documents are read and compared here. */
function nestedArrays({ segments }: TrackedField): object[] {
  return segments.map((_, end) => ({
    [segments.slice(0, end + 1).join('.')]: { $elemMatch: { $type: 'array' } },
  }));
}

/** A `|` by its number: MongoDB before 8 gives up the bounds of an index for an escaped one as well. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()[\]\\]/g, '\\$&').replaceAll('|', '\\x7c');
}
