import type { Schema } from 'mongoose';

/** A schema path that holds images, in dotted form; `$*` stands for every key of a Map. */
export interface TrackedField {
  readonly path: string;
  readonly segments: readonly string[];
  /** The schema allows something else than strings there, so objects are looked for as well. */
  readonly mayHoldObjects: boolean;
  /** An array may lie directly in an array there, where no path of a query reaches. */
  readonly mayNest: boolean;
}

/** What the library reads of a schema type; the inner names are the same in Mongoose 7, 8 and 9. */
interface TypeInside {
  instance?: string;
  options?: { imageCleanup?: unknown; default?: unknown };
  schema?: Schema;
  caster?: TypeInside;
  embeddedSchemaType?: TypeInside;
  $embeddedSchemaType?: TypeInside;
  $__schemaType?: TypeInside;
}

const MAP_KEYS = '$*';

/** How often one child schema may contain itself before marks below it are no longer followed. */
const RECURSION = 4;

/** @throws TypeError when the schema has no such path. */
export function namedFields(schema: Schema, paths: readonly string[]): TrackedField[] {
  return paths.map((path) => namedField(schema, path));
}

function namedField(schema: Schema, given: string): TrackedField {
  const path = given.replace(/\.\$(?=\.|$)/g, '');
  const through: TypeInside[] = [];
  const type = typeAt(schema, path.split('.'), through);
  if (type === undefined && schema.get('strict') !== false) {
    if (schema.pathType(path) === 'virtual') {
      throw new TypeError(
        `imageCleanup: the field "${given}" is a virtual or an alias; name the path that is stored in MongoDB`,
      );
    }
    const known = Object.keys(schema.paths).filter((name) => name !== '_id' && name !== '__v');
    throw new TypeError(
      `imageCleanup: unknown field "${given}"; the schema has: ${known.join(', ') || 'no paths'}. ` +
        'Fields of a discriminator are named where its own schema gets the plugin.',
    );
  }
  return trackedField(isMap(innermost(type)) ? `${path}.${MAP_KEYS}` : path, type, through.some(isNesting));
}

/** The type stored at a path, `through` arrays, Maps and child schemas; `undefined` where the schema knows nothing. */
function typeAt(schema: Schema, segments: readonly string[], through: TypeInside[]): TypeInside | undefined {
  for (let end = segments.length; end > 0; end--) {
    const type = schema.paths[segments.slice(0, end).join('.')] as TypeInside | undefined;
    if (type) return typeWithin(type, segments.slice(end), through);
  }
  return schema.pathType(segments.join('.')) === 'nested' ? {} : undefined;
}

function typeWithin(
  type: TypeInside,
  rest: readonly string[],
  through: TypeInside[],
): TypeInside | undefined {
  through.push(type);
  if (rest.length === 0 || type.instance === 'Mixed') return type;
  if (type.schema) return typeAt(type.schema, rest, through);
  const element = elementOf(type);
  return element && typeWithin(element, isMap(type) ? rest.slice(1) : rest, through);
}

export function trackedField(path: string, type?: unknown, isNested = false): TrackedField {
  const segments = path.split('.');
  if (segments.some((name) => name.startsWith('$') && name !== MAP_KEYS)) {
    throw new TypeError(
      `imageCleanup: the field "${path}" begins with "$", which MongoDB cannot project; rename it`,
    );
  }
  const leaf = innermost(type as TypeInside | undefined);
  const held = isMap(leaf) ? innermost(elementOf(leaf)) : leaf;
  const isFree = held === undefined || held.instance === 'Mixed';
  return {
    path,
    segments,
    mayHoldObjects: held?.instance !== 'String',
    mayNest: isNested || isFree || isNesting(type as TypeInside),
  };
}

/** Paths marked `imageCleanup: true`, in child schemas, arrays, Maps and discriminators too. */
export function markedFields(schema: Schema): TrackedField[] {
  const found = new Map<string, TrackedField>();
  findMarks(schema, { prefix: '', isNested: false, above: [] }, found);
  return [...found.values()];
}

function findMarks(
  schema: Schema,
  { prefix, isNested, above }: { prefix: string; isNested: boolean; above: readonly Schema[] },
  found: Map<string, TrackedField>,
): void {
  if (above.filter((one) => one === schema).length >= RECURSION) return;
  for (const [name, type] of Object.entries(schema.paths) as [string, TypeInside][]) {
    let path = prefix + name;
    for (let inner: TypeInside | undefined = type; inner; inner = elementOf(inner)) {
      if (isMap(inner) && !path.endsWith(MAP_KEYS)) path = `${path}.${MAP_KEYS}`;
      if (inner.options?.imageCleanup === true) found.set(path, trackedField(path, type, isNested));
      if (inner.schema) {
        const below = {
          prefix: `${path}.`,
          isNested: isNested || isNesting(type),
          above: [...above, schema],
        };
        findMarks(inner.schema, below, found);
      }
    }
  }
  const discriminators = (schema as { discriminators?: Record<string, Schema> }).discriminators ?? {};
  for (const child of Object.values(discriminators)) {
    findMarks(child, { prefix, isNested, above: [...above, schema] }, found);
  }
}

function isMap(type: TypeInside | undefined): boolean {
  return type?.instance === 'Map';
}

/** What an array or a Map holds. The names differ between the majors: `caster` in 7 and 8, `embeddedSchemaType` in 9. */
function elementOf(type: TypeInside | undefined): TypeInside | undefined {
  if (isMap(type)) return type?.$__schemaType;
  if (type?.instance !== 'Array') return undefined;
  return type.embeddedSchemaType ?? type.$embeddedSchemaType ?? type.caster;
}

function isNesting(type: TypeInside): boolean {
  const isArray = (one: TypeInside | undefined): boolean => one?.instance === 'Array';
  for (let inner: TypeInside | undefined = type; inner; inner = elementOf(inner)) {
    if (isArray(inner) && isArray(elementOf(inner))) return true;
  }
  return false;
}

/** Below all arrays, down to a Map or to what is no container. */
function innermost(type: TypeInside | undefined): TypeInside | undefined {
  let inner = type;
  while (inner && !isMap(inner)) {
    const element = elementOf(inner);
    if (!element) break;
    inner = element;
  }
  return inner;
}

/** The values a raw document (as it comes from the driver, not hydrated) holds at a field, arrays and Maps opened. */
export function valuesAt(document: unknown, field: TrackedField): unknown[] {
  const values: unknown[] = [];
  collect(document, field.segments, 0, values);
  return values;
}

function collect(node: unknown, segments: readonly string[], depth: number, values: unknown[]): void {
  if (node === null || node === undefined) return;
  if (Array.isArray(node)) {
    for (const element of node) collect(element, segments, depth, values);
    return;
  }
  const segment = segments[depth];
  if (segment === undefined) {
    if (node !== '') values.push(node);
  } else if (typeof node !== 'object') {
    return;
  } else if (segment === MAP_KEYS) {
    for (const value of Object.values(node)) collect(value, segments, depth + 1, values);
  } else if (Object.hasOwn(node, segment)) {
    collect((node as Record<string, unknown>)[segment], segments, depth + 1, values);
  }
}

/** Literal defaults at tracked fields or above them: files that new documents start with. Function defaults are never called. */
export function literalDefaults(schema: Schema, fields: readonly TrackedField[]): unknown[] {
  const values: unknown[] = [];
  for (const { segments } of fields) {
    for (let end = 1; end <= segments.length; end++) {
      const type = schema.path(segments.slice(0, end).join('.')) as TypeInside | undefined;
      for (const one of [type, elementOf(type)]) {
        const value = one?.options?.default;
        if (typeof value === 'function') continue;
        collect(value instanceof Map ? Object.fromEntries(value) : value, segments, end, values);
      }
    }
  }
  return values;
}

/** The same path in two schemas over one collection: what either allows. */
export function eitherField(one: TrackedField, other: TrackedField): TrackedField {
  return {
    ...one,
    mayHoldObjects: one.mayHoldObjects || other.mayHoldObjects,
    mayNest: one.mayNest || other.mayNest,
  };
}

export function isBelowMap(field: TrackedField): boolean {
  return field.segments.includes(MAP_KEYS);
}

/** The part of the path that a query or a projection can name. */
export function queryablePath(field: TrackedField): string {
  const map = field.segments.indexOf(MAP_KEYS);
  return (map < 0 ? field.segments : field.segments.slice(0, map)).join('.');
}

/** `_id` and the tracked fields only. A path below another one is left out: MongoDB refuses such a pair. */
export function projectionOf(fields: readonly TrackedField[]): Record<string, 1> {
  const paths = [...new Set(fields.map(queryablePath))];
  const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`)));
  return Object.fromEntries([['_id', 1 as const], ...outermost.map((path) => [path, 1 as const])]);
}
