/**
 * Runs an action for every item, for at most `atATime` items simultaneously. Takes an item only when it can start on
 * it.
 */
export async function forEachOf<T>(
  items: Iterable<T>,
  atATime: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const open = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = open.next(); !next.done; next = open.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, work));
}

/** Like `forEachOf`; returns what the action returned for each item, in the order of the items. */
export async function mapOf<T, R>(
  items: readonly T[],
  atATime: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  await forEachOf(items.entries(), atATime, async ([index, item]) => {
    results[index] = await act(item);
  });
  return results;
}
