/** Times of two ways to do the same, taken in turn in one run, so that a slow moment of the machine hits both. */
export interface Pair {
  readonly ours: number[];
  readonly theirs: number[];
}

/** Runs both in turn, the order changing each time, after one warm-up of each. Milliseconds. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Pair> {
  await ours();
  await theirs();
  const pair: Pair = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) pair.ours.push(await ours());
    pair.theirs.push(await theirs());
    if (round % 2 === 1) pair.ours.push(await ours());
  }
  return pair;
}

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Ours divided by theirs, round by round. */
export function ratioOf({ ours, theirs }: Pair): Ratio {
  const ratios = ours.map((one, round) => one / theirs[round]!).sort((a, b) => a - b);
  return { median: median(ratios), lowest: ratios[0]!, highest: ratios.at(-1)! };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
