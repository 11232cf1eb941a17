import type { Asset, StorageProvider, SweepableProvider } from '../provider.js';
import { checkCloud } from './check.js';
import { cloudinaryClient } from './client.js';
import { urlPrefixes } from './hosts.js';
import type { Delivery } from './hosts.js';
import { listAssets } from './list.js';
import { masked } from './mask.js';
import { checkCloudinaryOptions } from './cloudinary-options.js';
import type { CloudinaryOptions } from './cloudinary-options.js';
import { keyOf, readKey } from './public-id.js';
import { removeAssets } from './remove.js';
import { urlNames } from './objects.js';
import { barePrefixes, readValue } from './values.js';
import type { UrlReading } from './url.js';

export { CloudinaryError } from './errors.js';
export type { CloudinarySdk } from './sdk.js';
export type { CloudinaryOptions, CloudinarySdkOptions } from './cloudinary-options.js';
export type { DeliveryType, ResourceType } from './public-id.js';
export type { PublicIds } from './reader.js';

/**
 * A provider for one Cloudinary cloud. It has everything that `StorageProvider` defines, except for fingerprints, which
 * would cost a request of the Admin API.
 */
export type CloudinaryProvider = Required<
  Omit<StorageProvider, 'fingerprint' | 'fingerprintWhen' | 'machine' | 'derivedOf'>
> &
  Pick<SweepableProvider, 'storage'>;

/**
 * Images on Cloudinary. Values are `secure_url`, `url`, a `public_id`, or an object that holds these: an upload result,
 * `{ url }`, `{ url, publicId }`, or `{ path, filename }` of multer-storage-cloudinary.
 *
 * The cloud name and the credentials are taken from the SDK's configuration or from `sdkOptions` at the time of use.
 * For several clouds, create several providers, each with its own `name` and `sdkOptions`.
 *
 * @example
 * import { v2 as cloudinary } from 'cloudinary';
 * schema.plugin(imageCleanup, { fields: ['image'], provider: cloudinaryProvider({ cloudinary }) });
 *
 * @throws TypeError if an option is wrong or unknown; Error with the install command if the SDK is neither given nor
 * installed.
 */
export function cloudinaryProvider(options: CloudinaryOptions = {}): CloudinaryProvider {
  checkCloudinaryOptions(options);
  const { name = 'cloudinary', publicIds = 'plain', rootPath = false, invalidate = true } = options;
  const { api = 'upload', concurrency = 10, resourceType = 'image', type = 'upload', hosts = [] } = options;
  const client = cloudinaryClient(options);

  const read = (value: unknown): (UrlReading & { readonly cloud: string }) | null => {
    try {
      const delivery = client.delivery();
      if (!delivery) return null;
      const reading = readValue(value, { delivery, publicIds, rootPath, resourceType, type });
      return { ...reading, cloud: delivery.cloud };
    } catch {
      // a configuration that cannot be read, or an object whose getters throw
      return null;
    }
  };
  // also while the configuration is missing: a question that asks for fewer forms would find fewer uses
  const deliveryOf = (cloud: string): Delivery => {
    try {
      return { domains: hosts, privateCdn: false, ...client.delivery(), cloud };
    } catch {
      return { domains: hosts, privateCdn: false, cloud };
    }
  };
  const isOtherCloud = (cloud: string): boolean => {
    try {
      const configured = client.delivery()?.cloud;
      return configured !== undefined && configured !== cloud;
    } catch {
      return false;
    }
  };
  const cloudNow = (): string | undefined => {
    try {
      return client.delivery()?.cloud;
    } catch {
      return undefined;
    }
  };
  const assetOf = (cloud: string, target: Parameters<typeof keyOf>[1]): Asset => ({
    provider: name,
    key: keyOf(cloud, target),
  });

  return {
    name,
    kind: 'cloudinary',
    /** The cloud that is configured now. */
    get storage() {
      return cloudNow();
    },
    batchSize: 100,
    identify(value) {
      const reading = read(value);
      return reading?.target ? assetOf(reading.cloud, reading.target) : null;
    },
    refusal: (value) => read(value)?.reason ?? null,
    hint(value) {
      const cloud = cloudNow();
      if (cloud === undefined)
        return 'Cloudinary has no cloud_name: call cloudinary.config() or set CLOUDINARY_URL';
      const isDelivered = typeof value === 'string' && /^(?:https?:)?\/\/res\.cloudinary\.com\//i.test(value);
      return isDelivered ? `the cloud that is configured is "${cloud}"` : null;
    },
    possible(value) {
      const reading = read(value);
      return reading ? reading.possible.map((target) => assetOf(reading.cloud, target)) : [];
    },
    forms({ key }) {
      const target = readKey(key);
      if (!target || isOtherCloud(target.cloud)) return { equal: [] };
      const id = [target.publicId];
      return {
        equal: id,
        objects: { public_id: id, publicId: id, filename: id },
        scan: [...urlPrefixes(target, deliveryOf(target.cloud)), ...barePrefixes(target)],
        scanObjects: urlNames,
      };
    },
    remove: (assets, { signal }) =>
      removeAssets(assets, { client, name, invalidate, api, concurrency }, signal),
    check: ({ signal }) => checkCloud(client, signal),
    mask: (value) => {
      try {
        return masked(value);
      } catch {
        return '…';
      }
    },
    list: (listOptions) => listAssets(client, name, listOptions),
  };
}
