/** Names in the order of their UTF-8 bytes, sorted when they are read and no earlier. */
export class Sorted {
  readonly #names = new Set<string>();
  #list: readonly string[] | undefined;

  get list(): readonly string[] {
    this.#list ??= [...this.#names].sort(byBytes);
    return this.#list;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#list = undefined;
  }

  delete(name: string): void {
    this.#names.delete(name);
    this.#list = undefined;
  }
}

/** Compares as UTF-8 does: unlike in UTF-16, a character of two code units comes after every character of one. */
export function byBytes(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a === b) continue;
    const [high, otherHigh] = [isSurrogate(a), isSurrogate(b)];
    return high === otherHigh ? a - b : Number(high) - Number(otherHigh);
  }
  return one.length - other.length;
}

/** The place of the first name that is not before `from`. */
export function placeOf(list: readonly string[], from: string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byBytes(list[middle]!, from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
