import { imagesAt } from '../schema/field-values.js';
import type { Tracked } from '../schema/tracked.js';
import type { TrackedField } from '../schema/tracked-field.js';
import type { StoredValue } from '../removal/candidates.js';
import { asSent, isReplacement } from './update-operators.js';

/** The values that an update or a replacement certainly stores at tracked paths of the documents that it changes. */
export function storedByUpdate(
  change: unknown,
  tracked: readonly Tracked[],
  isUpsert: boolean,
): StoredValue[] {
  if (Array.isArray(change)) return change.flatMap((stage) => storedByStage(stage, tracked));
  if (isReplacement(change)) return storedByDocument(change, tracked);
  const operators = change as Record<string, Record<string, unknown> | undefined>;
  return [
    ...storedByPaths(operators['$set'], tracked),
    ...storedByPaths(isUpsert ? operators['$setOnInsert'] : undefined, tracked),
    ...storedByPaths(elementsOf(operators['$push']), tracked),
    ...storedByPaths(elementsOf(operators['$addToSet']), tracked),
  ];
}

/** The values of a whole document at tracked paths. */
export function storedByDocument(document: unknown, tracked: readonly Tracked[]): StoredValue[] {
  const stored = plain(document);
  return tracked.flatMap((source) => imagesAt(stored, source.field).map((value) => ({ value, source })));
}

/** Mongoose puts hydrated documents into the operations of a bulk write. */
export function plain(document: unknown): Record<string, unknown> {
  return asSent(document) as Record<string, unknown>;
}

/** Literals that a pipeline sets. Only the server knows the results of expressions. */
function storedByStage(stage: unknown, tracked: readonly Tracked[]): StoredValue[] {
  const { $set, $addFields } = stage as Record<string, Record<string, unknown> | undefined>;
  return storedByPaths({ ...$set, ...$addFields }, tracked).filter(
    ({ value }) => typeof value === 'string' && !value.startsWith('$'),
  );
}

function elementsOf(pushed: Record<string, unknown> | undefined): Record<string, unknown> {
  const each = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && '$each' in value ? value.$each : value;
  return Object.fromEntries(Object.entries(pushed ?? {}).map(([path, value]) => [path, each(value)]));
}

/** Handles `{ 'profile.avatar': 'a.png' }`, `{ profile: { avatar: 'a.png' } }` and `{ 'photos.0.url': 'a.png' }`. */
function storedByPaths(
  values: Record<string, unknown> | undefined,
  tracked: readonly Tracked[],
): StoredValue[] {
  return Object.entries(values ?? {}).flatMap(([path, value]) =>
    tracked.flatMap((source) =>
      valuesBelow(asSent(value), path, source.field).map((stored) => ({ value: stored, source })),
    ),
  );
}

/** The values at a tracked field within a value that is stored at the path of the field or above it. */
function valuesBelow(value: unknown, path: string, field: TrackedField): unknown[] {
  const segments = path.split('.');
  // `$[]` and `$[name]` may match no element
  if (segments.some((segment) => segment.startsWith('$'))) return [];
  const names = segments.filter((segment) => !/^\d+$/.test(segment));
  const isAbove = names.every((name, at) => field.segments[at] === name || field.segments[at] === '$*');
  if (!isAbove || names.length > field.segments.length) return [];
  return imagesAt(value, { ...field, segments: field.segments.slice(names.length) });
}
