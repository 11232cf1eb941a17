import type { Schema } from 'mongoose';

/** What the library reads of a schema type; the inner names are the same in Mongoose 7, 8 and 9, unless said otherwise. */
export interface TypeInside {
  instance?: string;
  options?: { imageCleanup?: unknown; default?: unknown };
  /** Of sub-documents. */
  schema?: Schema;
  /** Of a Union, which Mongoose has since 8. */
  schemaTypes?: readonly TypeInside[];
  caster?: TypeInside;
  embeddedSchemaType?: TypeInside;
  $embeddedSchemaType?: TypeInside;
  $__schemaType?: TypeInside;
}

/** Stands in a path for every key of a Map, as it does in Mongoose. */
export const MAP_KEYS = '$*';

export function isMap(type: TypeInside | undefined): boolean {
  return type?.instance === 'Map';
}

/** What an array or a Map holds. The names differ between the majors: `caster` in 7 and 8, `embeddedSchemaType` in 9. */
export function elementOf(type: TypeInside | undefined): TypeInside | undefined {
  if (isMap(type)) return type?.$__schemaType;
  if (type?.instance !== 'Array') return undefined;
  return type.embeddedSchemaType ?? type.$embeddedSchemaType ?? type.caster;
}

/** May an array lie directly in an array there? */
export function isNesting(type: TypeInside | undefined): boolean {
  if (type === undefined) return false;
  if (type.schemaTypes) return type.schemaTypes.some(isNesting);
  const element = elementOf(type);
  if (element === undefined) return false;
  return (type.instance === 'Array' && mayBeArray(element)) || isNesting(element);
}

function mayBeArray(type: TypeInside): boolean {
  return type.instance === 'Array' || (type.schemaTypes ?? []).some(mayBeArray);
}

/** What may stand at a path once its arrays, Maps and Unions are opened; `undefined`: anything. */
export function heldBy(type: TypeInside | undefined): (TypeInside | undefined)[] {
  if (type === undefined || type.instance === 'Mixed') return [undefined];
  if (type.schema) return [type];
  if (type.schemaTypes) return type.schemaTypes.flatMap(heldBy);
  return isMap(type) || type.instance === 'Array' ? heldBy(elementOf(type)) : [type];
}

/** How many Maps lie within each other there, seen through arrays: each adds a key to the path. */
export function mapDepth(type: TypeInside | undefined): number {
  if (type === undefined || type.schema) return 0;
  return (isMap(type) ? 1 : 0) + mapDepth(elementOf(type));
}
