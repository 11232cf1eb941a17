import type { StoredValue } from '../removal/candidates.js';
import type { Tracked } from '../schema/tracked.js';

/** The part of a write that says which documents it may change. */
export interface Target {
  readonly filter: unknown;
  /** Most documents that it changes: 1 for `updateOne` and the like. */
  readonly limit?: number;
  /** Where one of several operations has its own; `null`: none, whatever the options of the call say. */
  readonly sort?: unknown;
  readonly collation?: unknown;
  readonly hint?: unknown;
}

/** What a write does to the files of the documents that it changes. */
export interface Effect {
  /** The documents that it may change. */
  readonly targets: readonly Target[];
  /** The fields of which it may make a document lose a value. */
  readonly tracked: readonly Tracked[];
  /** What it is about to store, for comparing the files named there. */
  readonly written?: readonly unknown[];
  readonly isDelete?: boolean;
  /** The `_id`s of the documents that an insert adds. */
  readonly insertedIds?: readonly unknown[];
  /** Values that it has stored for certain. */
  readonly stored?: (result: unknown) => readonly StoredValue[];
  /** Values that came and went within the write itself. */
  readonly storedOnTheWay?: (result: unknown) => readonly StoredValue[];
  /** Values that it has stored for certain although it failed half-way. */
  readonly storedDespite?: (error: unknown) => readonly StoredValue[];
}

/** Does a filter name the document by a plain `_id`? */
export function namesOneId({ filter, collation }: { filter?: unknown; collation?: unknown }): boolean {
  const id = (filter as { _id?: unknown } | null | undefined)?._id;
  if (id === undefined || collation !== undefined) return false;
  return typeof id !== 'object' || id === null || !Object.keys(id).some((key) => key.startsWith('$'));
}

/** Drivers before 6.13 do not send the `sort` of an update of one document, so it may be the first one that is written. */
export function withoutSortToo(target: Target, method: string): Target[] {
  const isDoubtful = target.sort !== undefined && ['updateOne', 'replaceOne'].includes(method);
  return isDoubtful ? [target, { ...target, sort: null }] : [target];
}
