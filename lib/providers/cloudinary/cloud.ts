import type { Asset, StoredForms } from '../provider.js';
import type { CloudinaryClient } from './client.js';
import type { CloudinaryOptions } from './cloudinary-options.js';
import { urlPrefixes, type Delivery } from './hosts.js';
import { URL_NAMES } from './objects.js';
import { keyOf, readKey, type Target } from './public-id.js';
import type { UrlReading } from './url.js';
import { barePrefixes, readValue } from './values.js';

/** The assets of the cloud that is configured when they are asked for. Never throws. */
export class Cloud {
  readonly #provider: string;
  readonly #options: CloudinaryOptions;
  readonly #client: CloudinaryClient;

  constructor(provider: string, options: CloudinaryOptions, client: CloudinaryClient) {
    this.#provider = provider;
    this.#options = options;
    this.#client = client;
  }

  /** The name of the cloud; `undefined` while none is configured, or the configuration cannot be read. */
  get now(): string | undefined {
    return this.#delivery()?.cloud;
  }

  /** `null` while no cloud is configured, and for objects whose getters throw. */
  read(value: unknown): (UrlReading & { readonly cloud: string }) | null {
    const { publicIds = 'plain', rootPath = false, resourceType = 'image', type = 'upload' } = this.#options;
    const delivery = this.#delivery();
    if (!delivery) return null;
    try {
      const reading = readValue(value, { delivery, publicIds, rootPath, resourceType, type });
      return { ...reading, cloud: delivery.cloud };
    } catch {
      return null;
    }
  }

  identify(value: unknown): Asset | null {
    const reading = this.read(value);
    return reading?.target ? this.#assetOf(reading.cloud, reading.target) : null;
  }

  possible(value: unknown): Asset[] {
    const reading = this.read(value);
    return reading ? reading.possible.map((target) => this.#assetOf(reading.cloud, target)) : [];
  }

  forms(key: string): StoredForms {
    const target = readKey(key);
    if (!target || (this.now ?? target.cloud) !== target.cloud) return { equal: [] };
    const { hosts = [] } = this.#options;
    // also while the configuration is missing: a question that asks for fewer forms would find fewer uses
    const delivery = { domains: hosts, privateCdn: false, ...this.#delivery(), cloud: target.cloud };
    const id = [target.publicId];
    return {
      equal: id,
      objects: { public_id: id, publicId: id, filename: id },
      scan: [...urlPrefixes(target, delivery), ...barePrefixes(target)],
      scanObjects: URL_NAMES,
    };
  }

  #delivery(): Delivery | null {
    try {
      return this.#client.delivery();
    } catch {
      return null;
    }
  }

  #assetOf(cloud: string, target: Target): Asset {
    return { provider: this.#provider, key: keyOf(cloud, target) };
  }
}
