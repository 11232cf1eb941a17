import { derivationOf } from '../usage/derivation.js';
import { kindOf, type Reading } from '../usage/reading.js';
import { comparableKey, KeyTable } from './key-table.js';

/** What is made from files that stay, and so stays as well. Costs nothing where no provider makes anything. */
export class Derivatives {
  readonly #derivers: readonly Reading['provider'][];
  readonly #table = new KeyTable();
  /** Of the first original of which nobody knows what is made from it. */
  problem: Error | undefined;

  constructor(swept: readonly Reading['provider'][]) {
    this.#derivers = swept.filter(({ derivedOf }) => derivedOf);
  }

  get areAny(): boolean {
    return this.#derivers.length > 0;
  }

  /** A file stays, for whichever reason. Answers what is made from it. */
  stayWith(original: Reading): readonly Reading[] {
    const derived = this.of(original);
    for (const one of derived) this.#table.add(comparableKey(one));
    return derived;
  }

  /** Is it made from a file that stays? */
  has(reading: Reading): boolean {
    return this.areAny && this.#table.has(comparableKey(reading));
  }

  of({ asset, provider }: Reading): readonly Reading[] {
    return this.#derivers
      .filter((one) => kindOf(one) === kindOf(provider))
      .flatMap((deriver) => {
        const { assets, problem } = derivationOf({ asset, provider: deriver });
        if (assets.length === 0) this.problem ??= problem;
        return assets.map((one) => ({ asset: one, provider: deriver }));
      });
  }
}
