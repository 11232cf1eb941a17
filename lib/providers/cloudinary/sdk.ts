import { join } from 'node:path';
import { isPlainObject } from '../../shared/option-rules.js';
import { loaderOf } from '../../shared/optional-peer.js';
import { here } from '../this-file.js';

/**
 * The parts of the SDK's `v2` object that this provider uses. Declared here, so that neither its types nor the package
 * are needed to compile.
 */
export interface CloudinarySdk {
  /** The current configuration. */
  config(): object;
  /** The Upload API. */
  readonly uploader: {
    /** Removes one asset. */
    destroy(publicId: string, options?: object): Promise<unknown>;
  };
  /** The Admin API. */
  readonly api: {
    /** Returns one page of a listing. */
    resources(options?: object): Promise<unknown>;
    /** Removes up to 100 assets of one resource type and delivery type. */
    delete_resources(publicIds: string[], options?: object): Promise<unknown>;
  };
}

/** The package itself has methods of the same names, from the old v1 API, with arguments in another order. */
export function isSdk(value: unknown): value is CloudinarySdk {
  if (!isPlainObject(value) || 'v2' in value) return false;
  const { config, uploader, api } = value;
  return (
    typeof config === 'function' &&
    typeof (uploader as CloudinarySdk['uploader'] | undefined)?.destroy === 'function' &&
    typeof (api as CloudinarySdk['api'] | undefined)?.resources === 'function'
  );
}

/**
 * Locates the optional peer beside this package or beside the app. It is loaded only when it is used, since the
 * variable that it reads at that moment (`CLOUDINARY_URL`) may be set later. It is never imported statically, since
 * apps that store files on disk do not have the SDK.
 * @throws Error with the install command.
 */
export function locateSdk(): () => CloudinarySdk {
  const load = loaderOf('cloudinary', [here, join(process.cwd(), 'package.json')]);
  if (load) return () => (load() as { v2: CloudinarySdk }).v2;
  throw new Error(
    'cloudinaryProvider needs the package "cloudinary", which is not installed. Run `npm install cloudinary@2`, or pass your own: ' +
      'cloudinaryProvider({ cloudinary: v2 }).',
  );
}
