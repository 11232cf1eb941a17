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

/** Names in one expression: MongoDB refuses expressions of more than 32 kB. */
const NAMES_IN_ONE = 100;

/**
 * An escape of a character that needs none: `%61` or `&#97;` for an `a`, `\_` of Markdown, `\61 ` of style sheets. A name
 * with it is not found by its literal, so the few values that have such escapes are read.
 */
const NEEDLESS_ESCAPE =
  /%(?:25|2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)|&#|&(?:period|lowbar)|\\u00[2-7]|\\x[2-7]|\\[._-]|\\0*(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f)/i;

/** So many names are searched for by the server; for more of them a small collection is read as a whole, which is quicker. */
const MOST_NAMES = 50;

/**
 * Behind an address: nothing, or a query or a fragment. There is no `|` in it: MongoDB gives up the bounds of an index for an
 * expression that has one, and would read the whole index for each file.
 */
const ALONE_OR_GOING_ON = '([?#][\\s\\S]*)?$';

/**
 * An expression as the server gets it. One of JavaScript would be compiled here first, fifteen of them for a file. The class
 * is that of the driver in use: another copy's would be refused.
 */
export type ExpressionClass = typeof mongo.BSONRegExp;
type Expression = InstanceType<ExpressionClass>;
type Asked = StoredValue | RegExp | Expression;

/** The strings and expressions that a batch of files is asked for, whichever field they are asked in. */
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

  /** Equality and selective beginnings, which an index serves; with `isSearched` mentions, which read the collection. */
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

  /** The server reads every text of the collection, however many files there are: the texts themselves would cost far more. */
  #inText(
    field: TrackedField,
    { isNaming, index }: Pick<TextReader, 'isNaming' | 'index'>,
    isIndexed: boolean,
  ): object[] {
    if (isIndexed && index !== undefined) {
      // what the array does not have is in documents from before there was one
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

  /** Parts that are in every form of every file; a form without the name of its file has its own. */
  get #literalsInTexts(): readonly (string | null)[] {
    return (this.#inTexts ??= this.#forms.flatMap((one, at) => [
      this.#literals[at]!,
      ...formsWithoutName(one).map((form) => searchedName(form).literal),
    ]));
  }

  /** Can the names be searched for? Not those of which every encoder changes all, and not too many at once. */
  get #areSearchable(): boolean {
    return this.#forms.length <= MOST_NAMES && !this.#literals.includes(null);
  }

  /** Looked for where they are searched for, which is not done for thousands of files. */
  get #literals(): readonly (string | null)[] {
    return (this.#named ??= this.#forms.map(
      ({ file }) => searchedName(fileNameOf(file.asset, file.provider)).literal,
    ));
  }

  get #askedStrings(): Strings {
    return (this.#asked ??= { inField: this.#allForms(), inObjects: this.#inObjects });
  }

  /** Pushed one by one: a large write has some thirty for each file, and arrays in between would double the cost. */
  #allForms(): Asked[] {
    const asked: Asked[] = [];
    for (const { equal, prefixes, addresses } of this.#forms) {
      // the expression of an address finds it alone, too; where a provider's order differs, some are asked for twice
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

  /** Merged where a field may hold objects. */
  get #inObjects(): () => ReadonlyMap<string, readonly StoredValue[]> {
    let merged: ReadonlyMap<string, readonly StoredValue[]> | undefined;
    return () => (merged ??= objectsOf(this.#forms));
  }

  /** A search for a literal finds all forms that have it, so that only the others are asked for by themselves. */
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

  /** What no equality finds: Map keys, which cannot be queried, and a cloud's URLs, which hold the id in the middle. */
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
   * An address, alone or with a query or a fragment behind it. At one place of the list all files of a folder begin alike, and
   * all addresses of one file end alike, so that neither is escaped anew each time.
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

/** What is asked for in a field that holds strings, and in the sub-paths of one that holds objects. */
interface Strings {
  readonly inField: readonly Asked[];
  readonly inObjects: () => ReadonlyMap<string, readonly StoredValue[]>;
}

function inObjects({ path, leaves }: TrackedField, strings: Strings, isSearched: boolean): object[] {
  // where anything may stand, every object is read: no expression reaches into all its paths
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

/** In the letters that an expression of MongoDB compares without regard to case; `K` (Kelvin) is none of them. */
function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Documents in which a field holds anything that could be a file. */
function holdsSomething(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true, $nin: [null, '', []] } };
}

function exists(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true } };
}

/** A path of a query opens an array, not an array in it: such documents are read and compared here. */
function nestedArrays({ segments }: TrackedField): object[] {
  return segments.map((_, end) => ({
    [segments.slice(0, end + 1).join('.')]: { $elemMatch: { $type: 'array' } },
  }));
}

/** A `|` by its number: MongoDB before 8 gives up the bounds of an index for an escaped one as well. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()[\]\\]/g, '\\$&').replaceAll('|', '\\x7c');
}
