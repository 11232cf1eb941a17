import { addressesOf, type Addresses } from './addresses.js';
import { assetKeyOf, targetOf, type Target } from './keys.js';
import type { Reader } from './reading.js';
import { checkedBucket, checkedPrefix, type S3ProviderOptions } from './s3-options.js';
import type { Whereabouts } from './whereabouts.js';

/** Addresses of so many buckets are kept; an app of many tenants has one bucket for each. */
const MOST_KEPT = 100;

/** The bucket and the folder of now, and the addresses of the buckets there were. */
export class Buckets {
  readonly #options: S3ProviderOptions;
  readonly #whereabouts: () => Whereabouts;
  readonly #hosts: readonly string[];
  /** Every name that the option told: assets in them are still ours when it tells another. */
  readonly #told = new Set<string>();
  readonly #addresses = new Map<string, { readonly at: Whereabouts; readonly addresses: Addresses }>();

  constructor(options: S3ProviderOptions, whereabouts: () => Whereabouts) {
    this.#options = options;
    this.#whereabouts = whereabouts;
    this.#hosts = [...new Set((options.hosts ?? []).map((one) => one.toLowerCase()))];
  }

  /** @throws TypeError where a function tells no bucket, and whatever it throws. */
  now(): string {
    const { bucket } = this.#options;
    const name = checkedBucket(typeof bucket === 'function' ? bucket() : bucket);
    this.#told.add(name);
    return name;
  }

  /** `''`, or with a slash at its end. @throws TypeError where a function tells no folder, and whatever it throws. */
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
   * The object of an asset about which documents are asked, wherever in the bucket; `null`: of another bucket. Where functions
   * tell the bucket they may tell another one by now, and to ask for more keeps more.
   */
  asked(assetKey: string): Target | null {
    const target = targetOf(assetKey);
    const { bucket } = this.#options;
    return target && (typeof bucket === 'function' || target.bucket === bucket) ? target : null;
  }

  /** The object of an asset that may be removed; `null`: it is not in this bucket and this folder. */
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
