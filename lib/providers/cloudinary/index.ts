import type { StorageProvider, SweepableProvider } from '../provider.js';
import { checkCloud, NO_CLOUD } from './check.js';
import { cloudinaryClient } from './client.js';
import { Cloud } from './cloud.js';
import { listAssets } from './list.js';
import { masked } from './mask.js';
import { checkCloudinaryOptions } from './cloudinary-options.js';
import type { CloudinaryOptions } from './cloudinary-options.js';
import { removeAssets } from './remove.js';

export { CloudinaryError } from './errors.js';
export type { CloudinarySdk } from './sdk.js';
export type { CloudinaryOptions, CloudinarySdkOptions } from './cloudinary-options.js';
export type { DeliveryType, PublicIds, ResourceType } from './public-id.js';

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
  const { name = 'cloudinary', invalidate = true, api = 'upload', concurrency = 10 } = options;
  const client = cloudinaryClient(options);
  const cloud = new Cloud(name, options, client);
  return {
    name,
    kind: 'cloudinary',
    /** The cloud that is configured now. */
    get storage() {
      return cloud.now;
    },
    batchSize: 100,
    identify: (value) => cloud.identify(value),
    refusal: (value) => cloud.read(value)?.reason ?? null,
    hint: (value) => hintFor(value, cloud.now),
    possible: (value) => cloud.possible(value),
    forms: ({ key }) => cloud.forms(key),
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

/** The likely reason why a value does not name an asset of the cloud, in words for the log; `null` if it is not known. */
function hintFor(value: unknown, cloud: string | undefined): string | null {
  if (cloud === undefined) return NO_CLOUD;
  const isDelivered = typeof value === 'string' && /^(?:https?:)?\/\/res\.cloudinary\.com\//i.test(value);
  return isDelivered ? `the cloud that is configured is "${cloud}"` : null;
}
