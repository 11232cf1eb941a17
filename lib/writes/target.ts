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
