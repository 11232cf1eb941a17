import type { TrackedField } from '../schema/fields.js';
import { inBatches } from '../removal/candidates.js';
import type { StoredValue } from '../removal/writes-under-way.js';
import type { Tracked } from '../schema/tracking.js';
import { namesOneId, withoutSortToo, type Hit } from './snapshot.js';
import { plain, storedByDocument, storedByUpdate } from './stored-values.js';
import { droppable, storable, writtenValues } from './touch.js';

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

/** Does some operation store a value at a tracked field, even if none can drop one? */
export function canBulkStore(sent: readonly BulkOperation[], tracked: readonly Tracked[]): boolean {
  return sent.flatMap(stepOf).some(({ operation }) => {
    if (operation.document !== undefined) return storedByDocument(operation.document, tracked).length > 0;
    const change = changeOf(operation);
    return change !== undefined && storable(change, tracked).length > 0;
  });
}

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

/** A value that one operation of a bulk write stored. */
export interface StoredByStep extends StoredValue {
  readonly documentId: unknown;
}

/**
 * Values that one operation stored and a later one of the same bulk write may have displaced: they were in no document
 * before it. Only what was stored for certain counts, since a file that no document ever named is not ours to remove.
 */
export function storedOnTheWay(
  sent: readonly BulkOperation[],
  tracked: readonly Tracked[],
  result: unknown,
): StoredByStep[] {
  const steps = sent.flatMap(stepOf);
  const last = steps.findLastIndex((step) => canStepDrop(step, tracked));
  return storedBySteps(steps, tracked, result).slice(0, Math.max(0, last)).flat();
}

/** Everything that the operations have stored for certain. */
export function storedByBulk(
  sent: readonly BulkOperation[],
  tracked: readonly Tracked[],
  result: unknown,
): StoredByStep[] {
  return storedBySteps(sent.flatMap(stepOf), tracked, result).flat();
}

/** The operations that ran although the bulk write failed: those before the error, or all but the refused ones. */
export function ranDespite(
  sent: readonly BulkOperation[],
  error: unknown,
  isOrdered: boolean,
): BulkOperation[] {
  const { writeErrors } = error as { writeErrors?: unknown };
  const refused = [writeErrors ?? []].flat().map((one) => (one as { index?: number }).index ?? 0);
  const first = Math.min(...refused, sent.length);
  return isOrdered ? sent.slice(0, first) : sent.filter((_, index) => !refused.includes(index));
}

function storedBySteps(
  steps: readonly Step[],
  tracked: readonly Tracked[],
  result: unknown,
): StoredByStep[][] {
  const updates = steps.filter(({ operation }) => changeOf(operation) !== undefined);
  const haveAllMatched = haveAllUpdatesMatched(updates, result);
  return steps.map(({ operation }) => {
    const { document, filter } = operation;
    if (document !== undefined) {
      const documentId = plain(document)['_id'];
      return storedByDocument(document, tracked).map((stored) => ({ ...stored, documentId }));
    }
    const change = changeOf(operation);
    if (change === undefined || !haveAllMatched) return [];
    return storedByUpdate(change, tracked, false).map((stored) => ({ ...stored, documentId: filter?._id }));
  });
}

function haveAllUpdatesMatched(updates: readonly Step[], result: unknown): boolean {
  const { matchedCount = 0, upsertedCount = 0 } = (result ?? {}) as {
    matchedCount?: number;
    upsertedCount?: number;
  };
  return updates.every(({ kind }) => isSingle(kind)) && matchedCount + upsertedCount === updates.length;
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
