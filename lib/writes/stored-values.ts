import { imagesAt } from '../schema/field-values.js';
import type { Tracked } from '../schema/model-fields.js';
import type { TrackedField } from '../schema/tracked-field.js';
import type { StoredValue } from '../removal/candidates.js';
import { asSent, changesIn, isReplacement, STORING } from './update-operators.js';

/** The values that an update or a replacement certainly stores at tracked paths of the documents that it changes. */
export function storedByUpdate(
  change: unknown,
  tracked: readonly Tracked[],
  isUpsert: boolean,
): StoredValue[] {
  if (Array.isArray(change)) return change.flatMap((stage) => storedByStage(stage, tracked));
  if (isReplacement(change)) return storedByDocument(change, tracked);
  return changesIn(change).flatMap(({ operator, path, value }) => {
    if (!STORING.has(operator) || (operator === '$setOnInsert' && !isUpsert)) return [];
    const isPush = operator === '$push' || operator === '$addToSet';
    return storedAt(path, isPush ? elementsOf(value) : value, tracked);
  });
}

/** The images that whole texts in a change or a document use, including those that functions of the app return. */
export function writtenInTexts(change: unknown, tracked: readonly Tracked[]): unknown[] {
  const texts = tracked.filter(({ field }) => field.text?.isNaming === false);
  return texts.length === 0 ? [] : storedByUpdate(change, texts, true).map(({ value }) => value);
}

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
  return Object.entries({ ...$set, ...$addFields })
    .flatMap(([path, value]) => storedAt(path, value, tracked))
    .filter(({ value }) => typeof value === 'string' && !value.startsWith('$'));
}

function elementsOf(pushed: unknown): unknown {
  return typeof pushed === 'object' && pushed !== null && '$each' in pushed ? pushed.$each : pushed;
}

/** Handles `{ 'profile.avatar': 'a.png' }`, `{ profile: { avatar: 'a.png' } }` and `{ 'photos.0.url': 'a.png' }`. */
function storedAt(path: string, value: unknown, tracked: readonly Tracked[]): StoredValue[] {
  const sent = asSent(value);
  return tracked.flatMap((source) =>
    valuesBelow(sent, path, source.field).map((stored) => ({ value: stored, source })),
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
