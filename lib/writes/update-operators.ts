import type { Tracked } from '../schema/model-fields.js';
import type { TrackedField } from '../schema/tracked-field.js';

/** Operators that change no existing value. `$push` depends on its modifiers. */
const ADDING = new Set(['$addToSet', '$setOnInsert']);
/** Operators that certainly store the value that they are given. */
export const STORING = new Set(['$set', '$setOnInsert', '$push', '$addToSet']);
const MAY_STORE = new Set([...STORING, '$min', '$max']);
/** Stages that change only the paths they name; any other stage may change everything. */
const NAMING_STAGES = new Set(['$set', '$addFields', '$unset']);

/** How many strings of one write are collected. Further ones are read in its documents. */
const MOST_WRITTEN = 10_000;

/** What an operator of an update does at a path. */
interface Change {
  readonly operator: string;
  readonly path: string;
  readonly value: unknown;
}

/** What an update does that consists of operators. */
export function changesIn(update: unknown): Change[] {
  const changes: Change[] = [];
  for (const [operator, paths] of Object.entries((update ?? {}) as Record<string, object | null>))
    for (const [path, value] of Object.entries(paths ?? {}))
      changes.push({ operator, path, value: value as unknown });
  return changes;
}

/** The fields of which an update, as it is sent to MongoDB, may make a document lose a value. */
export function fieldsDropped(update: unknown, tracked: readonly Tracked[]): Tracked[] {
  if (Array.isArray(update)) {
    const stages = update as Record<string, unknown>[];
    return tracked.filter(({ field }) => stages.some((stage) => stageCanDrop(stage, field)));
  }
  if (isReplacement(update)) return [...tracked];
  const changes = changesIn(update);
  return tracked.filter(({ field }) => changes.some((change) => canDrop(change, field)));
}

function canDrop({ operator, path, value }: Change, field: TrackedField): boolean {
  if (ADDING.has(operator)) return false;
  if (operator === '$rename' && touches(String(value), field)) return true;
  return touches(path, field) && !(operator === '$push' && onlyAppends(value));
}

export function isReplacement(update: unknown): boolean {
  return !Array.isArray(update) && !Object.keys((update ?? {}) as object).some((key) => key.startsWith('$'));
}

/** A `$push` drops elements only with `$slice`. */
function onlyAppends(change: unknown): boolean {
  return typeof change !== 'object' || change === null || !('$slice' in change);
}

function stageCanDrop(stage: Record<string, unknown>, field: TrackedField): boolean {
  return Object.entries(stage).some(([name, body]) => {
    if (!NAMING_STAGES.has(name)) return true;
    const paths = name === '$unset' ? [body].flat().map(String) : Object.keys((body ?? {}) as object);
    return paths.some((path) => touches(path, field));
  });
}

/** Whether one path is the beginning of the other, ignoring positions in arrays, and with any key for a Map. */
function touches(path: string, field: TrackedField): boolean {
  const segments = path.split('.').filter((segment) => !isPosition(segment));
  const tracked = field.segments.filter((segment) => !isPosition(segment));
  const shared = Math.min(segments.length, tracked.length);
  return tracked.slice(0, shared).every((name, index) => name === '$*' || name === segments[index]);
}

/**
 * `$`, `$[]`, `$[name]` and numbers are positions in arrays. A Map key that is a number is also taken for one, which
 * only costs a look-up.
 */
function isPosition(segment: string): boolean {
  return /^(\d+|\$|\$\[.*\])$/.test(segment);
}

/** The fields in which an update may store a new value. */
export function fieldsStored(update: unknown, tracked: readonly Tracked[]): Tracked[] {
  if (Array.isArray(update) || isReplacement(update)) return [...tracked];
  const changes = changesIn(update).filter(({ operator }) => MAY_STORE.has(operator));
  return tracked.filter(({ field }) => changes.some(({ path }) => touches(path, field)));
}

/** Strings that an update stores at tracked paths, and what its texts use, to compare the files they name. */
export function writtenValues(update: unknown, tracked: readonly Tracked[]): unknown[] {
  const strings = writtenStrings(update, tracked);
  const texts = new Set(tracked.flatMap(({ field }) => field.text ?? []));
  return [...strings, ...[...texts].flatMap((text) => strings.flatMap((one) => text.readPart(one)))];
}

function writtenStrings(update: unknown, tracked: readonly Tracked[]): string[] {
  const values: string[] = [];
  // literals and expressions alike: a string that is not the name of a file is ignored later
  if (Array.isArray(update)) gather(update, values);
  else if (isReplacement(update)) gather(asSent(update), values);
  else
    for (const { operator, path, value } of changesIn(update))
      if (MAY_STORE.has(operator) && tracked.some(({ field }) => touches(path, field)))
        gather(asSent(value), values);
  return values;
}

function gather(node: unknown, values: string[]): void {
  if (values.length >= MOST_WRITTEN) return;
  if (typeof node === 'string') values.push(node);
  else if (Array.isArray(node)) for (const element of node) gather(element, values);
  else if (isPlain(node)) for (const element of Object.values(node)) gather(element, values);
}

/** Not an ObjectId, a Buffer or another object that names no file. */
function isPlain(node: unknown): node is Record<string, unknown> {
  if (typeof node !== 'object' || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

/** What the driver stores for a value: Mongoose passes hydrated sub-documents and Maps to it. */
export function asSent(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value as unknown[], asSent);
  if (value instanceof Map) return asSent(Object.fromEntries(value as Map<string, unknown>));
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return value;
  if (isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asSent(one)]));
  }
  const { toBSON } = value as { toBSON?: () => unknown };
  const sent = typeof toBSON === 'function' ? toBSON.call(value) : value;
  return sent === value ? value : asSent(sent);
}
