import type { Collation } from './collation.js';
import { compare } from './compare.js';
import { CommandError } from './errors.js';
import { isArrayIndex } from './paths.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, ownField, toNumber, typeName } from './values.js';

interface SortKey {
  parts: string[];
  direction: 1 | -1;
}

/** An empty array stands before null, which its missing value says. */
const EMPTY_ARRAY = undefined;

export type Sorter = <T>(items: T[], documentOf?: (item: T) => Document) => T[];

/** Sorts by a sort specification; equal documents keep their order. */
export function sorterOf(spec: unknown, collation?: Collation): Sorter {
  const keys = parse(spec);
  return (items, documentOf = (item) => item as Document) => {
    const keyed = items.map((item) => {
      const document = documentOf(item);
      return {
        item,
        values: keys.map(({ parts, direction }) => sortValue(document, parts, direction, collation)),
      };
    });
    keyed.sort((a, b) => {
      for (const [i, { direction }] of keys.entries()) {
        const result = compareKeys(a.values[i], b.values[i], collation);
        if (result) return result * direction;
      }
      return 0;
    });
    return keyed.map(({ item }) => item);
  };
}

function parse(spec: unknown): SortKey[] {
  if (!isDocument(spec)) {
    throw new CommandError(
      14,
      `BSON field 'sort' is the wrong type '${typeName(spec)}', expected type 'object'`,
    );
  }
  return Object.keys(spec).map((path) => {
    const direction = spec[path];
    if (path === '') throw new CommandError(40352, 'FieldPath cannot be constructed with empty string');
    if (path.startsWith('$')) {
      throw new CommandError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    }
    if (isDocument(direction)) {
      const [operator] = Object.keys(direction);
      throw new CommandError(
        17312,
        `$meta is the only expression supported by $sort right now, found: ${operator}`,
      );
    }
    const number = isNumeric(direction) ? toNumber(direction) : 0;
    if (number !== 1 && number !== -1) {
      throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return { parts: path.split('.'), direction: number };
  });
}

function compareKeys(a: unknown, b: unknown, collation?: Collation): number {
  if (a === EMPTY_ARRAY || b === EMPTY_ARRAY) return a === b ? 0 : a === EMPTY_ARRAY ? -1 : 1;
  return compare(a, b, collation);
}

/** Of an array the smallest element counts when sorting upwards, the greatest when sorting downwards. */
function sortValue(document: Document, parts: string[], direction: 1 | -1, collation?: Collation): unknown {
  let best: unknown;
  let found = false;
  const take = (value: unknown): void => {
    if (!found || compareKeys(value, best, collation) * direction < 0) best = value;
    found = true;
  };
  const visit = (value: unknown, depth: number): void => {
    if (depth === parts.length) {
      if (!Array.isArray(value)) take(value ?? null);
      else if (value.length === 0) take(EMPTY_ARRAY);
      else value.forEach((element) => take(element ?? null));
    } else if (Array.isArray(value)) {
      if (isArrayIndex(parts[depth]!)) {
        if (Number(parts[depth]) < value.length) visit(value[Number(parts[depth])], depth + 1);
      } else {
        for (const element of value) if (isDocument(element)) visit(element, depth);
      }
    } else if (isDocument(value)) {
      visit(ownField(value, parts[depth]!), depth + 1);
    } else {
      take(null);
    }
  };
  visit(document, 0);
  return found ? best : null;
}
