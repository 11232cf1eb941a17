/** So many new keys are put in their places one by one; for more of them all are sorted anew. */
const FEW = 50;

/** The keys of an index in order, made when they are first asked for; keys that are gone may still be among them. */
export class SortedKeys {
  private sorted: string[] | undefined;
  private readonly added = new Set<string>();
  private gone = 0;

  constructor(private readonly keys: { readonly size: number; keys(): Iterable<string> }) {}

  add(key: string): void {
    if (this.sorted) this.added.add(key);
  }

  delete(key: string): void {
    if (this.sorted && !this.added.delete(key)) this.gone++;
  }

  beginningWith(prefix: string): string[] {
    if (this.keys.size === 0) return [];
    const sorted = this.upToDate();
    const found: string[] = [];
    for (let at = placeOf(sorted, prefix); sorted[at]?.startsWith(prefix); at++) found.push(sorted[at]!);
    return found;
  }

  private upToDate(): string[] {
    if (!this.sorted || this.added.size > FEW || this.gone > this.sorted.length / 2) {
      this.sorted = [...this.keys.keys()].sort(inOrder);
      this.gone = 0;
    } else {
      for (const key of this.added) this.sorted.splice(placeOf(this.sorted, key), 0, key);
    }
    this.added.clear();
    return this.sorted;
  }
}

function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The first place whose key is not before `key`. */
function placeOf(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
