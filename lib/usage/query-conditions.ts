import type { StoredValue } from '../providers/stored-value.js';
import { isBelowMap, queryablePath } from '../schema/field-values.js';
import type { TrackedField } from '../schema/tracked-field.js';
import { addTo } from '../shared/groups.js';
import { Beginnings, mentionExpressions, type Expression, type ExpressionClass } from './expressions.js';
import type { FormsOf } from './forms.js';
import { searchedName } from './names.js';
import type { Reading } from './meaning.js';
import type { AskedField } from './scope.js';

/** Up to this many names are searched for by the server. For more of them, reading the whole small collection is faster. */
const MOST_NAMES = 50;

type Asked = StoredValue | RegExp | Expression;

/** The strings and expressions by which a batch of files is asked for, in any field. */
export class QueryParts {
  readonly #forms: readonly FormsOf<Reading>[];
  readonly #scans: readonly Expression[];
  readonly #beginnings: Beginnings;
  #asked: readonly Asked[] | undefined;
  #searched: readonly Asked[] | undefined;
  #inTexts: readonly (string | null)[] | undefined;
  #objects: ReadonlyMap<string, readonly StoredValue[]> | undefined;

  constructor(forms: readonly FormsOf<Reading>[], Expression: ExpressionClass) {
    this.#forms = forms;
    this.#beginnings = new Beginnings(Expression);
    const scans = new Set(forms.flatMap(({ scan }) => scan));
    this.#scans = [...scans].map((one) => this.#beginnings.startsWith(one));
  }

  /**
   * Equality and selective beginnings, which an index serves; with `isSearched`, also mentions, which read the
   * collection.
   */
  inField({ field }: AskedField, isSearched: boolean, isIndexed = false): object[] {
    if (field.text && isSearched) return this.#inText(field, isIndexed ? field.text.index : undefined);
    if (isSearched && !this.#areSearchable) return [holdsSomething(field)];
    if (isBelowMap(field)) return isSearched ? [exists(field)] : [];
    const strings = isSearched
      ? (this.#searched ??= this.#searchesAndOthers())
      : (this.#asked ??= this.#allForms());
    return [
      { [field.path]: { $in: strings } },
      ...(field.mayHoldObjects ? this.#inObjects(field, strings, isSearched) : []),
      ...nestedArrays(field),
    ];
  }

  /**
   * Values that equality does not find: keys of Maps, which cannot be queried, and URLs of a cloud, which have the id
   * in the middle.
   */
  scanOf({ field }: AskedField): object[] {
    if (isBelowMap(field)) return [exists(field)];
    if (this.#scans.length === 0) return [];
    const below = field.mayHoldObjects ? this.#forms.flatMap(({ scanObjects }) => scanObjects) : [];
    const paths = [field.path, ...[...new Set(below)].map((path) => `${field.path}.${path}`)];
    return paths.map((path) => ({ [path]: { $in: this.#scans } }));
  }

  /**
   * The server reads every text of the collection once, whatever the number of files; sending the texts here would cost
   * far more. `index`: the path of the array that is asked instead.
   */
  #inText(field: TrackedField, index: string | undefined): object[] {
    // documents from before the array existed may have images that it lacks
    if (index !== undefined)
      return this.#inText(field, undefined).map((one) => ({ $and: [{ [index]: null }, one] }));
    const literals = (this.#inTexts ??= this.#forms.flatMap(({ searched, withoutName }) =>
      [searched, ...withoutName.map(searchedName)].map(({ literal }) => literal),
    ));
    if (!field.text?.isNaming || isBelowMap(field) || literals.includes(null)) return [holdsSomething(field)];
    const { path, leaves, mayHoldObjects } = field;
    const expressions = { $in: mentionExpressions(literals) };
    return [
      { [path]: expressions },
      ...(leaves ?? []).map((leaf) => ({ [`${path}.${leaf}`]: expressions })),
      ...(mayHoldObjects && !leaves ? [{ [path]: { $type: 'object' } }] : []),
      ...nestedArrays(field),
    ];
  }

  /** Whether the server can search for the names: each has a literal, and there are not too many. */
  get #areSearchable(): boolean {
    return this.#forms.length <= MOST_NAMES && this.#forms.every(({ searched }) => searched.literal !== null);
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
      for (const prefix of prefixes) asked.push(this.#beginnings.startsWith(prefix));
      addresses.forEach((address, place) => asked.push(this.#beginnings.goesOn(address, place)));
    }
    return asked;
  }

  /** A search for a literal finds all forms that contain it, so only the other forms are asked for separately. */
  #searchesAndOthers(): Asked[] {
    const others = this.#forms.flatMap((one): Asked[] => {
      const isOther = (form: StoredValue): boolean => !one.isNamedIn(form);
      return [
        ...one.equal.filter(isOther),
        ...one.prefixes.filter(isOther).map((prefix) => this.#beginnings.startsWith(prefix)),
        ...one.addresses.filter(isOther).map((address, place) => this.#beginnings.goesOn(address, place)),
      ];
    });
    const literals = this.#forms.map(({ searched }) => searched.literal);
    return [...others, ...mentionExpressions(literals), ...this.#scans];
  }

  #inObjects({ path, leaves }: TrackedField, strings: readonly Asked[], isSearched: boolean): object[] {
    // if any value may be at any path, every object is read, since no expression reaches all its paths
    if (isSearched && !leaves) return [{ [path]: { $type: 'object' } }];
    this.#objects ??= objectsOf(this.#forms);
    const known = [...this.#objects].map(([name, values]) => ({ [`${path}.${name}`]: { $in: values } }));
    const searched = isSearched ? (leaves ?? []) : [];
    return [...known, ...searched.map((leaf) => ({ [`${path}.${leaf}`]: { $in: strings } }))];
  }
}

function objectsOf(forms: readonly FormsOf<Reading>[]): Map<string, StoredValue[]> {
  const merged = new Map<string, StoredValue[]>();
  for (const { objects } of forms) {
    for (const [path, values] of Object.entries(objects)) {
      for (const value of values) addTo(merged, path, value);
    }
  }
  return merged;
}

/** Documents in which a field has a value that could be a file. */
export function holdsSomething(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true, $nin: [null, '', []] } };
}

function exists(field: TrackedField): object {
  return { [queryablePath(field)]: { $exists: true } };
}

/** A path of a query opens an array, but not an array within it. Such documents are read and compared here. */
function nestedArrays({ segments, mayNest }: TrackedField): object[] {
  if (!mayNest) return [];
  return segments.map((_, end) => ({
    [segments.slice(0, end + 1).join('.')]: { $elemMatch: { $type: 'array' } },
  }));
}
