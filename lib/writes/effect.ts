import type { StoredValue } from '../removal/candidates.js';
import type { Tracked } from '../schema/model-fields.js';

/** The part of a write that says which documents it may change. */
export interface Target {
  readonly filter: unknown;
  /** The maximum number of documents that it changes: 1 for `updateOne` and the like. */
  readonly limit?: number;
  /** The sort of one of several operations; `null`: no sort, whatever the options of the call say. */
  readonly sort?: unknown;
  readonly collation?: unknown;
  readonly hint?: unknown;
}

/** What a write does to the files of the documents that it changes. */
export interface Effect {
  readonly targets: readonly Target[];
  /** The fields of which it may make a document lose a value. */
  readonly tracked: readonly Tracked[];
  /** Values that it is about to store, to compare the files named in them. */
  readonly written?: readonly unknown[];
  readonly isDelete?: boolean;
  /** The `_id`s of the documents that an insert adds. */
  readonly insertedIds?: readonly unknown[];
  readonly stored?: (result: unknown) => readonly StoredValue[];
  /** Values that it stored and replaced again within the write itself. */
  readonly storedOnTheWay?: (result: unknown) => readonly StoredValue[];
  /** Values that it has certainly stored although it failed half-way. */
  readonly storedDespite?: (error: unknown) => readonly StoredValue[];
}

/** The `_id`s of the documents that a write adds, or of the only one that it may change; `undefined`: any document. */
export function documentIdsOf({ insertedIds, targets }: Effect): ReadonlySet<string> | undefined {
  const [target, ...others] = targets;
  const isOfOne = target !== undefined && others.length === 0 && namesOneId(target);
  const ids = insertedIds ?? (isOfOne ? [(target.filter as { _id?: unknown })._id] : [undefined]);
  return ids.includes(undefined) ? undefined : new Set(ids.map(String));
}

/** Whether a filter names the document by a plain `_id`. */
export function namesOneId({ filter, collation }: { filter?: unknown; collation?: unknown }): boolean {
  const id = (filter as { _id?: unknown } | null | undefined)?._id;
  if (id === undefined || collation !== undefined) return false;
  return typeof id !== 'object' || id === null || !Object.keys(id).some((key) => key.startsWith('$'));
}

/**
 * Drivers before 6.13 do not send the `sort` of an update of one document, so the first matching document may be the
 * one that is written.
 */
export function withoutSortToo(target: Target, method: string): Target[] {
  const isDoubtful = target.sort !== undefined && ['updateOne', 'replaceOne'].includes(method);
  return isDoubtful ? [target, { ...target, sort: null }] : [target];
}
