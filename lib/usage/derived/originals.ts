import type { Asset, StorageProvider, SweepableProvider } from '../../providers/provider.js';
import { addTo } from '../../shared/groups.js';
import { folded } from '../names.js';
import { identityOf, kindOf, type Reading } from '../meaning.js';
import type { Scope } from '../scope.js';
import { derivationOf } from './derivation.js';

/** How many texts before a name are tried in each storage. */
const MOST_BEGINNINGS = 4;

/** Finds the files that are derived from an original, among those that are asked about. */
export class Originals<T extends Reading> {
  readonly files: readonly T[];
  readonly #byIdentity = new Map<string, T[]>();
  /** Providers with derived files, by their kind. */
  readonly #derivers = new Map<string, StorageProvider[]>();

  constructor(files: readonly T[], { collections }: Scope) {
    this.files = files;
    const readers = collections.flatMap(({ fields }) => fields.flatMap((field) => field.readers));
    const kinds = new Set(files.map(({ provider }) => kindOf(provider)));
    for (const one of new Set([...readers, ...files.map(({ provider }) => provider)]))
      if (one.derivedOf && kinds.has(kindOf(one))) addTo(this.#derivers, kindOf(one), one);
    if (this.#derivers.size === 0) return;
    for (const file of files) addTo(this.#byIdentity, folded(identityOf(file)), file);
  }

  get derivers(): readonly StorageProvider[] {
    return [...this.#derivers.values()].flat();
  }

  /** Like `madeBy`, for every provider that reaches the storage of the original. */
  madeFrom({ asset, provider }: Reading): readonly Made<T>[] {
    return (this.#derivers.get(kindOf(provider)) ?? []).map((deriver) => this.madeBy(deriver, asset));
  }

  madeBy(provider: StorageProvider, original: Asset): Made<T> {
    const { assets, problem } = derivationOf({ asset: original, provider });
    const files = assets.flatMap(
      (asset) => this.#byIdentity.get(folded(identityOf({ asset, provider }))) ?? [],
    );
    return assets.length === 0 ? { files, problem } : { files };
  }

  /**
   * The texts that precede a name in the storages of these files, the shortest first, such as an empty one or
   * `s3://bucket/`.
   */
  beginnings(): readonly string[] {
    const beginnings = new Set(['']);
    for (const [kind, [provider]] of this.#derivers) {
      const { asset } = this.files.find((one) => kindOf(one.provider) === kind)!;
      const { nameOf } = provider as SweepableProvider;
      const name = nameOf?.call(provider, asset) ?? asset.key;
      const shortest = provider!
        .forms(asset)
        .equal.flatMap((form) =>
          typeof form === 'string' && form.endsWith(name) ? form.slice(0, form.length - name.length) : [],
        )
        .sort((a, b) => a.length - b.length);
      for (const one of shortest.slice(0, MOST_BEGINNINGS)) beginnings.add(one);
    }
    return [...beginnings];
  }
}

/** Those of the files that are derived from one original. */
interface Made<T> {
  readonly files: readonly T[];
  /** Set if it is not known what is derived from it. */
  readonly problem?: Error | undefined;
}
