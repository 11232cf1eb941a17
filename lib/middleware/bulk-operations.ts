import { valuesAt, type TrackedField } from '../fields.js';
import { inBatches, type Candidate } from '../removal/candidates.js';
import type { Tracked } from '../tracking.js';
import { namesOneId, withoutSortToo, type Hit } from './snapshot.js';
import { droppable, isReplacement, writtenValues } from './touch.js';

interface Operation {
  readonly filter?: { _id?: unknown };
  readonly update?: unknown;
  readonly replacement?: unknown;
  readonly document?: unknown;
  readonly collation?: unknown;
  readonly hint?: unknown;
  readonly sort?: unknown;
}

/** One operation of a bulk write, such as `{ updateOne: { filter, update } }`. */
export type BulkOperation = Readonly<Record<string, Operation>>;

interface Step {
  readonly kind: string;
  readonly operation: Operation;
}

const IDS = 1000;

/** The fields of which some operation can make a document drop a value. */
export function droppableByBulk(sent: readonly BulkOperation[], tracked: readonly Tracked[]): Tracked[] {
  const steps = sent.flatMap(stepOf);
  return tracked.filter((one) => steps.some((step) => canStepDrop(step, [one])));
}

/**
 * The documents that a bulk write can make drop something. Where only `_id`s are named these documents
 * are known beforehand. Otherwise one operation may bring a document into the filter of the next, so all operations count.
 */
export function hitsOf(sent: readonly BulkOperation[], tracked: readonly Tracked[]): Hit[] {
  const steps = sent.flatMap(stepOf);
  const dropping = steps.filter((step) => canStepDrop(step, tracked));
  const filtered = dropping.every(({ operation }) => namesOneId(operation))
    ? dropping
    : steps.filter(({ operation }) => operation.filter);
  const byId = filtered
    .filter(({ operation }) => namesOneId(operation))
    .map(({ operation }) => operation.filter?._id);
  const others = filtered.filter((step) => !namesOneId(step.operation));
  // a step before may take the first documents away: `deleteOne` three times with one filter hits three of them
  const writes = steps.filter(({ operation }) => operation.filter);
  const limit = writes.every(({ kind }) => isSingle(kind)) ? { limit: writes.length } : {};
  return [
    ...[...inBatches(byId, IDS)].map((ids) => ({ filter: { _id: { $in: ids } } })),
    ...others.flatMap(({ kind, operation: { filter, collation, hint, sort } }) => {
      const hit = { filter, collation, hint, ...(isSingle(kind) && limit) };
      return withoutSortToo(hit, kind, sort);
    }),
  ];
}

export function writtenByBulk(sent: readonly BulkOperation[], fields: readonly TrackedField[]): unknown[] {
  return sent.flatMap(stepOf).flatMap(({ operation }) => {
    const stored = operation.document === undefined ? changeOf(operation) : plain(operation.document);
    return writtenValues(stored, fields);
  });
}

/**
 * Values that one operation stored and a later one of the same bulk write may have displaced: they were in no document
 * before it. Only what was stored for certain counts, since a file that no document ever named is not ours to remove.
 */
export function storedOnTheWay(
  sent: readonly BulkOperation[],
  tracked: readonly Tracked[],
  outcome: { result?: unknown; error?: unknown },
): Candidate[] {
  const steps = sent.flatMap(stepOf);
  const fields = tracked.map(({ field }) => field);
  const last = steps.findLastIndex((step) => canStepDrop(step, tracked));
  const updates = steps.filter(
    ({ operation }) => operation.update !== undefined || operation.replacement !== undefined,
  );
  const haveAllMatched = haveAllUpdatesMatched(updates, outcome.result);
  return steps.flatMap((step, index) => {
    const isInsert = step.operation.document !== undefined;
    if (!isInsert && !updates.includes(step)) return [];
    if (index >= last || outcome.error !== undefined || (!isInsert && !haveAllMatched)) return [];
    const stored = isInsert ? plain(step.operation.document) : storedBy(changeOf(step.operation), fields);
    const documentId = isInsert ? stored['_id'] : step.operation.filter?._id;
    return tracked.flatMap((one) =>
      valuesAt(stored, one.field).map((value) => ({ value, tracked: one, documentId })),
    );
  });
}

function haveAllUpdatesMatched(updates: readonly Step[], result: unknown): boolean {
  const { matchedCount = 0, upsertedCount = 0 } = (result ?? {}) as {
    matchedCount?: number;
    upsertedCount?: number;
  };
  return updates.every(({ kind }) => isSingle(kind)) && matchedCount + upsertedCount === updates.length;
}

/** What an update surely leaves at whole tracked paths; a replacement as it is. */
function storedBy(change: unknown, fields: readonly TrackedField[]): Record<string, unknown> {
  if (isReplacement(change)) return plain(change);
  const set = ((change as { $set?: Record<string, unknown> } | null)?.$set ?? {}) as Record<string, unknown>;
  const stored: Record<string, unknown> = {};
  for (const { path, segments } of fields) {
    if (!Object.hasOwn(set, path)) continue;
    let node = stored;
    for (const segment of segments.slice(0, -1)) node = (node[segment] ??= {}) as Record<string, unknown>;
    node[segments.at(-1)!] = set[path];
  }
  return stored;
}

/** Mongoose puts hydrated documents into the operations; `toBSON` is what the driver would store. */
function plain(document: unknown): Record<string, unknown> {
  const { toBSON } = document as { toBSON?: () => unknown };
  return (typeof toBSON === 'function' ? toBSON.call(document) : document) as Record<string, unknown>;
}

function stepOf(one: BulkOperation): Step[] {
  return Object.entries(one)
    .filter(([, operation]) => typeof operation === 'object')
    .slice(0, 1)
    .map(([kind, operation]) => ({ kind, operation }));
}

function canStepDrop({ kind, operation }: Step, tracked: readonly Tracked[]): boolean {
  if (kind.startsWith('delete')) return true;
  const change = changeOf(operation);
  return change !== undefined && droppable(change, tracked).length > 0;
}

function changeOf(operation: Operation): unknown {
  return operation.update ?? operation.replacement;
}

function isSingle(kind: string): boolean {
  return kind.endsWith('One');
}
