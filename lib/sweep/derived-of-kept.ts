import { derivationOf } from '../usage/derived/derivation.js';
import { kindOf, type Reading } from '../usage/meaning.js';
import { comparableKey, KeyTable } from './key-table.js';

/** The files derived from files that stay, which stay, too. Costs nothing if no provider has derived files. */
export class Derivatives {
  readonly #derivers: readonly Reading['provider'][];
  readonly #table = new KeyTable();
  /** Set at the first original whose derived files are not known. */
  problem: Error | undefined;

  constructor(swept: readonly Reading['provider'][]) {
    this.#derivers = swept.filter(({ derivedOf }) => derivedOf);
  }

  get areAny(): boolean {
    return this.#derivers.length > 0;
  }

  /** Called for a file that stays, for any reason. Returns its derived files. */
  stayWith(original: Reading): readonly Reading[] {
    const derived = this.of(original);
    for (const one of derived) this.#table.add(comparableKey(one));
    return derived;
  }

  /** Whether the file is derived from a file that stays. */
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
