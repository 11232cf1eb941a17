import type { Schema } from 'mongoose';
import { elementOf, isMap, isNesting, MAP_KEYS, type TypeInside } from './type-inside.js';

/** A schema that documents of another one contain, and where. */
export interface Home {
  readonly schema: Schema;
  /** What stands before its own paths: `photos.`, or nothing. */
  readonly prefix: string;
  /** An array may lie directly in an array on the way there. */
  readonly isNested: boolean;
  /** The schemas around it, outermost first, without itself. */
  readonly above: readonly Schema[];
}

/** Something that a schema declares at a path: the type of the path itself, or what its arrays, Maps and Unions hold. */
export interface Spot {
  /** In dotted form, from the outermost schema; `$*` stands for every key of a Map. */
  readonly path: string;
  readonly type: TypeInside;
  /** The whole of what the schema declares there. */
  readonly whole: TypeInside;
  readonly home: Home;
}

/** Is what lies within these sub-documents wanted, too? */
export type Descend = (spot: Spot, below: Home) => boolean;

/** How often one child schema may contain itself before what lies below it is no longer followed. */
const RECURSION = 4;

/**
 * Everything that a schema declares: sub-documents, arrays, arrays in arrays, Maps, Unions and discriminators, also the
 * embedded ones. The only walk over schemas that there is.
 */
export function* spotsOf(schema: Schema, descend: Descend): Generator<Spot> {
  yield* spotsAtHome({ schema, prefix: '', isNested: false, above: [] }, descend);
}

/** For walks that want everything: ends where a schema contains itself again and again. */
export const everywhere: Descend = (_spot, { schema, above }) =>
  above.filter((one) => one === schema).length < RECURSION;

/** Is one path the beginning of the other, or the same? `$*` stands for every key. */
export function isBeginning(path: readonly string[], whole: readonly string[]): boolean {
  return (
    path.length <= whole.length &&
    path.every((name, index) => name === whole[index] || name === MAP_KEYS || whole[index] === MAP_KEYS)
  );
}

function* spotsAtHome(home: Home, descend: Descend): Generator<Spot> {
  const { schema, prefix } = home;
  for (const [name, type] of Object.entries(schema.paths) as [string, TypeInside][]) {
    // Mongoose lists what a Map holds a second time, as a path of its own
    if (name.split('.').includes(MAP_KEYS)) continue;
    yield* spotsWithin({ path: prefix + name, type, whole: type, home }, descend);
  }
  for (const child of discriminatorsOf(schema)) {
    if (child === schema || home.above.includes(child)) continue;
    yield* spotsAtHome({ ...home, schema: child, above: [...home.above, schema] }, descend);
  }
}

function* spotsWithin(spot: Spot, descend: Descend): Generator<Spot> {
  yield spot;
  const { path, type, whole, home } = spot;
  if (type.schema) {
    const below = {
      schema: type.schema,
      prefix: `${path}.`,
      isNested: home.isNested || isNesting(whole),
      above: [...home.above, home.schema],
    };
    if (descend(spot, below)) yield* spotsAtHome(below, descend);
  }
  for (const one of type.schemaTypes ?? []) yield* spotsWithin({ ...spot, type: one }, descend);
  const element = elementOf(type);
  if (!element) return;
  const within = { ...spot, path: isMap(type) ? `${path}.${MAP_KEYS}` : path, type: element };
  // the element of an array of sub-documents has the same schema as the array
  yield* spotsWithin(within, type.schema ? () => false : descend);
}

interface Declared {
  readonly discriminators?: Readonly<Record<string, Schema>>;
  /** By `schema.discriminator()`. Mongoose 7 has them nowhere else when it says that a model is compiled. */
  readonly _applyDiscriminators?: ReadonlyMap<string, { readonly schema?: Schema }>;
}

function discriminatorsOf(schema: Schema): Schema[] {
  const { discriminators = {}, _applyDiscriminators } = schema as Declared;
  const announced = [...(_applyDiscriminators ?? [])].filter(([name]) => !(name in discriminators));
  return [...Object.values(discriminators), ...announced.flatMap(([, one]) => one.schema ?? [])];
}
