/**
 * Assets that this process has removed lately, or is removing. If two writes drop one file at the same time, it is
 * removed once.
 */
export interface RemovedHere {
  /** Assets that are being removed, and how often. */
  readonly underWay: Map<string, number>;
  /** The latest removed assets, oldest first, and the time of each removal, by `performance.now()`. */
  readonly latest: Map<string, number>;
}

const MOST_REMEMBERED = 10_000;
const REMOVED = Symbol.for('mongoose-image-cleanup:removed-here:2');

/** One for all models and all copies of this package in the process. */
function removedHere(): RemovedHere {
  const home = globalThis as { [REMOVED]?: RemovedHere };
  return (home[REMOVED] ??= { underWay: new Map(), latest: new Map() });
}

/** Records that removals of these assets begin. Returns a function that ends them, with the assets that were removed. */
export function noteRemovals(identities: readonly string[]): (removed: readonly string[]) => void {
  const { underWay, latest } = removedHere();
  for (const one of identities) underWay.set(one, (underWay.get(one) ?? 0) + 1);
  return (removed) => {
    const now = performance.now();
    for (const one of removed) latest.delete(one);
    for (const one of removed) latest.set(one, now);
    for (const one of latest.keys()) {
      if (latest.size <= MOST_REMEMBERED) break;
      latest.delete(one);
    }
    for (const one of identities) {
      const left = underWay.get(one)! - 1;
      if (left > 0) underWay.set(one, left);
      else underWay.delete(one);
    }
  };
}

/**
 * Whether this process has removed the asset since a time, or another of its writes is removing it. Asked while the own
 * removal is under way. An asset that was removed before a write looked up its documents does not count: for that
 * write, the file is missing.
 */
export function isRemovedHere(identity: string, since: number): boolean {
  const { underWay, latest } = removedHere();
  return (latest.get(identity) ?? -1) >= since || (underWay.get(identity) ?? 0) > 1;
}
