import type { Schema } from 'mongoose';
import { elementOf, isMap, isNesting, MAP_KEYS, type TypeInside } from './type-inside.js';

/** A schema of sub-documents, and where they are. */
export interface Home {
  readonly schema: Schema;
  /** The beginning of its paths, such as `photos.` or nothing. */
  readonly prefix: string;
  /** Whether an array may be nested directly in an array on the way. */
  readonly isNested: boolean;
  /** The schemas around it, outermost first, without itself. */
  readonly above: readonly Schema[];
}

/**
 * A type that a schema declares at a path: the type of the path itself, or of the elements of its arrays, Maps and
 * Unions.
 */
export interface Spot {
  /** In dotted form, from the outermost schema; `$*` means every key of a Map. */
  readonly path: string;
  readonly type: TypeInside;
  /** The whole type that the schema declares at the path. */
  readonly whole: TypeInside;
  readonly home: Home;
}

/** Whether the types within these sub-documents are wanted, too. */
export type Descend = (spot: Spot, below: Home) => boolean;

/** How often one child schema may contain itself before the walk stops there. */
const RECURSION = 4;

/**
 * Yields everything that a schema declares: sub-documents, arrays, nested arrays, Maps, Unions and discriminators,
 * including embedded ones. All code that walks over schemas uses this function.
 */
export function* spotsOf(schema: Schema, descend: Descend): Generator<Spot> {
  yield* spotsAtHome({ schema, prefix: '', isNested: false, above: [] }, descend);
}

/** For walks over everything: stops at a schema that contains itself repeatedly. */
export const everywhere: Descend = (_spot, { schema, above }) =>
  above.filter((one) => one === schema).length < RECURSION;

/** For walks over each schema once: stops at a schema that contains itself. */
export const once: Descend = (_spot, { schema, above }) => !above.includes(schema);

/** Whether one path is the beginning of the other, or equal. `$*` matches every key. */
export function isBeginning(path: readonly string[], whole: readonly string[]): boolean {
  return (
    path.length <= whole.length &&
    path.every((name, index) => name === whole[index] || name === MAP_KEYS || whole[index] === MAP_KEYS)
  );
}

function* spotsAtHome(home: Home, descend: Descend): Generator<Spot> {
  const { schema, prefix } = home;
  for (const [name, type] of Object.entries(schema.paths) as [string, TypeInside][]) {
    // Mongoose lists the elements of a Map a second time, as a path of their own
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
  /**
   * Set by `schema.discriminator()`. Mongoose 7 has the discriminators only here when it announces that a model is
   * compiled.
   */
  readonly _applyDiscriminators?: ReadonlyMap<string, { readonly schema?: Schema }>;
}

function discriminatorsOf(schema: Schema): Schema[] {
  const { discriminators = {}, _applyDiscriminators } = schema as Declared;
  const announced = [...(_applyDiscriminators ?? [])].filter(([name]) => !(name in discriminators));
  return [...Object.values(discriminators), ...announced.flatMap(([, one]) => one.schema ?? [])];
}
