/** Random numbers that a seed repeats, so that a failed contract can be run again with the same values. */
export interface Random {
  readonly seed: number;
  /** An integer from 0 to `below` - 1. */
  below(below: number): number;
  oneOf<T>(choices: readonly T[]): T;
}

/** Mulberry32: 32 bits of state are enough for a few thousand values. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed: seed >>> 0, below, oneOf: (choices) => choices[below(choices.length)]! };
}
