import type { Schema } from 'mongoose';

/** What this library reads of a schema type. The internal names are the same in Mongoose 7, 8 and 9, unless noted. */
export interface TypeInside {
  instance?: string;
  options?: { imageCleanup?: unknown; default?: unknown };
  /** Only sub-documents have it. */
  schema?: Schema;
  /** Only Unions have it, which exist since Mongoose 8. */
  schemaTypes?: readonly TypeInside[];
  caster?: TypeInside;
  embeddedSchemaType?: TypeInside;
  $embeddedSchemaType?: TypeInside;
  $__schemaType?: TypeInside;
}

/** Stands for every key of a Map in a path, as in Mongoose. */
export const MAP_KEYS = '$*';

export function isMap(type: TypeInside | undefined): boolean {
  return type?.instance === 'Map';
}

/** The type of the elements of an array or a Map: `caster` in Mongoose 7 and 8, `embeddedSchemaType` in 9. */
export function elementOf(type: TypeInside | undefined): TypeInside | undefined {
  if (isMap(type)) return type?.$__schemaType;
  if (type?.instance !== 'Array') return undefined;
  return type.embeddedSchemaType ?? type.$embeddedSchemaType ?? type.caster;
}

/** Whether an array may be nested directly in an array. */
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

/** The types that a path may hold once its arrays, Maps and Unions are opened; `undefined` means any value. */
export function heldBy(type: TypeInside | undefined): (TypeInside | undefined)[] {
  if (type === undefined || type.instance === 'Mixed') return [undefined];
  if (type.schema) return [type];
  if (type.schemaTypes) return type.schemaTypes.flatMap(heldBy);
  return isMap(type) || type.instance === 'Array' ? heldBy(elementOf(type)) : [type];
}

/** How many Maps are nested in each other, also through arrays. Each adds a key to the path. */
export function mapDepth(type: TypeInside | undefined): number {
  if (type === undefined || type.schema) return 0;
  return (isMap(type) ? 1 : 0) + mapDepth(elementOf(type));
}
