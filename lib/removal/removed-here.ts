/** Assets that this process has removed lately, or is removing. Two writes at once may drop one file, which then goes once. */
export interface RemovedHere {
  /** Assets of which a removal is under way, and how many. */
  readonly underWay: Map<string, number>;
  /** The latest ones, oldest first, and when each was removed, by `performance.now()`. */
  readonly latest: Map<string, number>;
}

const MOST_REMEMBERED = 10_000;
const REMOVED = Symbol.for('mongoose-image-cleanup:removed-here:2');

/** One for all models and all copies of this package in the process. */
function removedHere(): RemovedHere {
  const home = globalThis as { [REMOVED]?: RemovedHere };
  return (home[REMOVED] ??= { underWay: new Map(), latest: new Map() });
}

/** Removals of these assets begin. Returns what ends them, with those that were removed. */
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
 * Has this process removed the asset since a time, or is another of its writes at it? Asked while the own removal is under
 * way. What was removed before a write looked up its originals is no part of that write: the file is missing.
 */
export function isRemovedHere(identity: string, since: number): boolean {
  const { underWay, latest } = removedHere();
  return (latest.get(identity) ?? -1) >= since || (underWay.get(identity) ?? 0) > 1;
}
