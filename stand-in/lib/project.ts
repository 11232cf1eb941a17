import type { MatchContext } from './match.js';
import { matchedPosition, singleElementTest } from './match.js';
import { CommandError } from './errors.js';
import { valueAt } from './paths.js';
import type { Document } from './values.js';
import { idFirst, isDocument, isNumeric, isTruthy, setField, toNumber } from './values.js';

/** Which fields stay: a leaf says yes or no, an inner node goes on with the fields below. */
type Tree = Map<string, Tree | boolean>;

/** A change of one field after the selection: `$slice`, `$elemMatch`, a positional projection, an expression. */
type Change = (result: Document, source: Document) => Document;

export interface ProjectionOptions {
  /** The filter of the same command, for the positional projection; `$project` has none. */
  filter?: Document;
  /** `$project` knows no `$slice` of the find kind, no `$elemMatch` and no positional projection. */
  stage?: boolean;
}

type Projection = (document: Document) => Document;

export function compileProjection(
  spec: unknown,
  context: MatchContext,
  options: ProjectionOptions = {},
): Projection {
  if (!isDocument(spec) || Object.keys(spec).length === 0) return (document) => document;
  return new ProjectionCompiler(context, options).compile(spec);
}

class ProjectionCompiler {
  private readonly tree: Tree = new Map();
  private readonly changes: Change[] = [];
  private including: boolean | undefined;
  private idWanted: boolean | undefined;
  private hasSlice = false;
  private hasPosition = false;

  constructor(
    private readonly context: MatchContext,
    private readonly options: ProjectionOptions,
  ) {}

  compile(spec: Document): Projection {
    for (const path of Object.keys(spec)) this.add(path, spec[path]);
    const including = this.including ?? (this.idWanted === true && !this.hasSlice);
    if (!this.tree.has('_id')) {
      if (including) this.tree.set('_id', this.idWanted ?? true);
      else if (this.idWanted === false) this.tree.set('_id', false);
    }
    return (document) => {
      let result = including ? include(document, this.tree) : exclude(document, this.tree);
      for (const change of this.changes) result = change(result, document);
      return result;
    };
  }

  private add(path: string, value: unknown): void {
    checkPath(path);
    if (path.endsWith('.$') && !this.options.stage) this.addPositional(path.slice(0, -2));
    else if (isDocument(value)) this.addDocument(path, value);
    else if (typeof value === 'boolean' || isNumeric(value)) this.addFlag(path, isTruthy(value));
    else this.addExpression(path, value);
  }

  private addFlag(path: string, wanted: boolean): void {
    if (path === '_id') {
      this.idWanted = wanted;
      return;
    }
    this.setMode(wanted, path);
    this.plant(path, wanted);
  }

  private addDocument(path: string, value: Document): void {
    const [operator] = Object.keys(value);
    if (operator === undefined) {
      throw new CommandError(
        51270,
        'An empty sub-projection is not a valid value. Found empty object at path',
      );
    }
    if (!operator.startsWith('$')) {
      for (const key of Object.keys(value)) this.add(`${path}.${key}`, value[key]);
    } else if (operator === '$elemMatch' && !this.options.stage) {
      this.addElemMatch(path, value[operator]);
    } else if (operator === '$slice' && !this.options.stage && isSliceArgument(value[operator])) {
      this.addSlice(path, value[operator]);
    } else {
      this.addExpression(path, value);
    }
  }

  private addPositional(path: string): void {
    if (this.hasPosition) {
      throw new CommandError(31276, 'Cannot specify more than one positional projection per query.');
    }
    this.hasPosition = true;
    this.setMode(true, path);
    this.plant(path, true);
    const { filter = {} } = this.options;
    this.changes.push((result, source) => {
      const array = valueAt(source, path.split('.'));
      if (!Array.isArray(array)) return result;
      const position = matchedPosition(filter, path, source, array, this.context);
      if (position < 0) {
        throw new CommandError(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching " +
            'element in the array',
        );
      }
      return changeAt(result, path.split('.'), (value) => (Array.isArray(value) ? [value[position]] : value));
    });
  }

  private addElemMatch(path: string, argument: unknown): void {
    const test = singleElementTest(argument, this.context);
    this.setMode(true, path);
    this.plant(path, true);
    this.changes.push((result) =>
      changeAt(result, path.split('.'), (value) => {
        const found = Array.isArray(value) ? value.findIndex(test) : -1;
        return found < 0 ? undefined : [(value as unknown[])[found]];
      }),
    );
  }

  /** `$slice` alone shows all other fields; beside included fields it is one of them. */
  private addSlice(path: string, argument: unknown): void {
    this.hasSlice = true;
    this.plant(path, true);
    const [first, second] = (Array.isArray(argument) ? argument : [argument]).map((part) => toNumber(part));
    this.changes.push((result) =>
      changeAt(result, path.split('.'), (value) =>
        Array.isArray(value) ? slice(value, first!, second) : value,
      ),
    );
  }

  private addExpression(path: string, expression: unknown): void {
    if (this.including === false) {
      throw new CommandError(31252, 'Cannot use an expression other than $meta in exclusion projection');
    }
    this.including = true;
    this.plant(path, false);
    const evaluate = this.context.expression(expression);
    this.changes.push((result, source) => idFirst(assignAt(result, path.split('.'), evaluate(source))));
  }

  private setMode(including: boolean, path: string): void {
    if (this.including !== undefined && this.including !== including) {
      throw including
        ? new CommandError(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
        : new CommandError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
    }
    this.including = including;
  }

  private plant(path: string, leaf: boolean): void {
    const parts = path.split('.');
    const last = parts.pop()!;
    let node = this.tree;
    for (const [i, part] of parts.entries()) {
      const next = node.get(part) ?? new Map<string, Tree | boolean>();
      if (typeof next === 'boolean') {
        const rest = [...parts.slice(i + 1), last].join('.');
        throw new CommandError(31249, `Path collision at ${path} remaining portion ${rest}`);
      }
      node.set(part, next);
      node = next;
    }
    if (node.has(last)) throw new CommandError(31250, `Path collision at ${path}`);
    node.set(last, leaf);
  }
}

function checkPath(path: string): void {
  if (path === '' || path.split('.').includes('')) {
    throw new CommandError(40352, 'FieldPath cannot be constructed with empty string');
  }
  if (path.startsWith('$')) {
    throw new CommandError(
      16410,
      `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
    );
  }
}

function isSliceArgument(argument: unknown): boolean {
  return (
    isNumeric(argument) || (Array.isArray(argument) && argument.length <= 2 && argument.every(isNumeric))
  );
}

function slice(array: unknown[], first: number, second: number | undefined): unknown[] {
  if (second === undefined) return first < 0 ? array.slice(first) : array.slice(0, first);
  const start = first < 0 ? Math.max(0, array.length + first) : first;
  return array.slice(start, start + second);
}

/** Documents keep the order of their own fields, not that of the projection. */
function include(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const node = tree.get(key);
    if (node === undefined || node === false) continue;
    const value = node === true ? document[key] : includeBelow(document[key], node);
    if (value !== undefined) setField(result, key, value);
  }
  return result;
}

function includeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value))
    return value.map((item) => includeBelow(item, tree)).filter((item) => item !== undefined);
  return isDocument(value) ? include(value, tree) : undefined;
}

function exclude(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const node = tree.get(key);
    if (node === false) continue;
    setField(result, key, node instanceof Map ? excludeBelow(document[key], node) : document[key]);
  }
  return result;
}

function excludeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeBelow(item, tree));
  return isDocument(value) ? exclude(value, tree) : value;
}

function changeAt(value: Document, parts: string[], change: (value: unknown) => unknown): Document {
  const [part, ...rest] = parts as [string, ...string[]];
  if (!(part in value)) return value;
  const below = value[part];
  const changed = rest.length === 0 ? change(below) : changeBelow(below, rest, change);
  const { [part]: _old, ...others } = value;
  return changed === undefined ? others : { ...value, [part]: changed };
}

function changeBelow(value: unknown, parts: string[], change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => changeBelow(item, parts, change));
  return isDocument(value) ? changeAt(value, parts, change) : value;
}

/** Sets a computed field as `$addFields` does: through arrays into each element; `undefined` removes it. */
export function assignAt(target: Document, parts: string[], value: unknown): Document {
  const [part, ...rest] = parts as [string, ...string[]];
  const result = { ...target };
  if (rest.length === 0) {
    if (value === undefined) Reflect.deleteProperty(result, part);
    else setField(result, part, value);
    return result;
  }
  const below = Object.prototype.hasOwnProperty.call(result, part) ? result[part] : undefined;
  setField(result, part, assignBelow(below, rest, value));
  return result;
}

function assignBelow(value: unknown, parts: string[], assigned: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => assignBelow(item, parts, assigned));
  return assignAt(isDocument(value) ? value : {}, parts, assigned);
}
