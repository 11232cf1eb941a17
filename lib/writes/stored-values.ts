import { imagesAt } from '../schema/field-values.js';
import type { Tracked } from '../schema/tracked.js';
import type { TrackedField } from '../schema/tracked-field.js';
import type { StoredValue } from '../removal/candidates.js';
import { asSent, isReplacement } from './update-operators.js';

/** What an update or a replacement surely stores at tracked paths where it hits a document. */
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

/** What a whole document holds at tracked paths. */
export function storedByDocument(document: unknown, tracked: readonly Tracked[]): StoredValue[] {
  const stored = plain(document);
  return tracked.flatMap((source) => imagesAt(stored, source.field).map((value) => ({ value, source })));
}

/** Mongoose puts hydrated documents into the operations of a bulk write. */
export function plain(document: unknown): Record<string, unknown> {
  return asSent(document) as Record<string, unknown>;
}

/** Literals that a pipeline sets; what an expression makes only the server knows. */
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

/** `{ 'profile.avatar': 'a.png' }`, `{ profile: { avatar: 'a.png' } }` and `{ 'photos.0.url': 'a.png' }` alike. */
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

/** What a value holds at a tracked field, when it is stored at a path that is the field or lies above it. */
function valuesBelow(value: unknown, path: string, field: TrackedField): unknown[] {
  const segments = path.split('.');
  // `$[]` and `$[name]` may hit no element
  if (segments.some((segment) => segment.startsWith('$'))) return [];
  const names = segments.filter((segment) => !/^\d+$/.test(segment));
  const isAbove = names.every((name, at) => field.segments[at] === name || field.segments[at] === '$*');
  if (!isAbove || names.length > field.segments.length) return [];
  return imagesAt(value, { ...field, segments: field.segments.slice(names.length) });
}
