import { addressesOf, type Addresses } from './addresses.js';
import { assetKeyOf, targetOf, type Target } from './keys.js';
import type { Reader } from './reading.js';
import { checkedBucket, checkedPrefix, type S3ProviderOptions } from './s3-options.js';
import type { Whereabouts } from './whereabouts.js';

/** For how many buckets the addresses are kept; an app may have one bucket for each tenant. */
const MOST_KEPT = 100;

/** The current bucket and folder, and the addresses of all buckets so far. */
export class Buckets {
  readonly #options: S3ProviderOptions;
  readonly #whereabouts: () => Whereabouts;
  readonly #hosts: readonly string[];
  /**
   * All names that the option returned. Assets in these buckets still belong to this provider when the option returns
   * another name.
   */
  readonly #told = new Set<string>();
  readonly #addresses = new Map<string, { readonly at: Whereabouts; readonly addresses: Addresses }>();

  constructor(options: S3ProviderOptions, whereabouts: () => Whereabouts) {
    this.#options = options;
    this.#whereabouts = whereabouts;
    this.#hosts = [...new Set((options.hosts ?? []).map((one) => one.toLowerCase()))];
  }

  /** @throws TypeError if a function returns no bucket, and whatever the function throws. */
  now(): string {
    const { bucket } = this.#options;
    const name = checkedBucket(typeof bucket === 'function' ? bucket() : bucket);
    this.#told.add(name);
    return name;
  }

  /**
   * `''`, or a folder with a slash at its end. @throws TypeError if a function returns no folder, and whatever the
   * function throws.
   */
  prefix(): string {
    const { prefix = '' } = this.#options;
    return checkedPrefix(typeof prefix === 'function' ? prefix() : prefix);
  }

  /** @throws TypeError like `now`. */
  reader(): Reader {
    const { keys = true } = this.#options;
    return { addresses: this.addresses(this.now()), prefix: this.prefix(), keys };
  }

  addresses(bucket: string): Addresses {
    const at = this.#whereabouts();
    const kept = this.#addresses.get(bucket);
    if (kept?.at === at) return kept.addresses;
    const addresses = addressesOf(bucket, at, this.#hosts);
    if (this.#addresses.size >= MOST_KEPT) this.#addresses.clear();
    this.#addresses.set(bucket, { at, addresses });
    return addresses;
  }

  /**
   * The object about which documents are asked, anywhere in the bucket; `null` if it is in another bucket. A function
   * may have returned another bucket since then; asking for more forms only keeps more files.
   */
  asked(assetKey: string): Target | null {
    const target = targetOf(assetKey);
    const { bucket } = this.#options;
    return target && (typeof bucket === 'function' || target.bucket === bucket) ? target : null;
  }

  /** The object of an asset that may be removed; `null` if it is not in this bucket and this folder. */
  owned(assetKey: string): Target | null {
    const target = targetOf(assetKey);
    if (!target || !this.#isOurs(target.bucket)) return null;
    const { prefix } = this.#options;
    return typeof prefix === 'function' || target.key.startsWith(this.prefix()) ? target : null;
  }

  assetKeyOf(key: string): string {
    return assetKeyOf({ bucket: this.now(), key });
  }

  #isOurs(bucket: string): boolean {
    if (this.#told.has(bucket)) return true;
    try {
      return this.now() === bucket;
    } catch {
      return false;
    }
  }
}
