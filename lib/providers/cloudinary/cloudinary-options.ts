import {
  checkOptions,
  FLAG,
  integer,
  isListOf,
  isPlainObject,
  isText,
  oneOf,
  refuseUnknown,
  TEXT,
  type Rules,
} from '../../shared/option-rules.js';
import { DELIVERY_TYPES, RESOURCE_TYPES } from './public-id.js';
import type { DeliveryType, PublicIds, ResourceType } from './public-id.js';
import { isSdk, type CloudinarySdk } from './sdk.js';

/** Options for the calls of the SDK, passed on unchanged. They override `cloudinary.config()`. */
export interface CloudinarySdkOptions {
  /** The cloud name. */
  readonly cloud_name?: string;
  /** The API key. */
  readonly api_key?: string;
  /** The API secret. */
  readonly api_secret?: string;
  /** A token, instead of key and secret. */
  readonly oauth_token?: string;
  /** Another address of the API, such as that of a region. */
  readonly upload_prefix?: string;
  /** An `http.Agent`, for proxies. Default: each batch gets an agent of its own, so that an abort can end its requests. */
  readonly agent?: unknown;
  /** Time limit of one request in milliseconds. Default: 60,000, the SDK's own. */
  readonly timeout?: number;
  /** The algorithm of signatures. */
  readonly signature_algorithm?: 'sha1' | 'sha256';
  /** The version of signatures. */
  readonly signature_version?: number;
  /** More headers for each request. */
  readonly extra_headers?: Readonly<Record<string, string>>;
  /** URL to which Cloudinary reports a removal. */
  readonly notification_url?: string;
  /** Whether the account has a private CDN. */
  readonly private_cdn?: boolean;
  /** The domain of `https` delivery URLs. */
  readonly secure_distribution?: string;
  /** The domain of `http` delivery URLs. */
  readonly cname?: string;
}

/** Options of `cloudinaryProvider`. */
export interface CloudinaryOptions {
  /** The app's own configured `v2` object. Default: `require('cloudinary').v2`, loaded at first use. */
  readonly cloudinary?: CloudinarySdk;
  /** The name of the provider, unique within one schema's `provider` array. Default: `'cloudinary'`. */
  readonly name?: string;
  /** Passed to every SDK call: an object, or a function that is called at each use. Default: none. */
  readonly sdkOptions?: CloudinarySdkOptions | (() => CloudinarySdkOptions);
  /** Whether to invalidate the copies in the CDN, which otherwise stay for up to 30 days. Default: true. */
  readonly invalidate?: boolean;
  /**
   * The API for removals. `'upload'`: one signed request for each asset, without a rate limit; `invalidate` works on
   * every account. `'admin'`: one request for up to 100 assets, limited to 500 to 2,000 requests an hour; `invalidate`
   * works only if Cloudinary has enabled it. Default: `'upload'`.
   */
  readonly api?: 'upload' | 'admin';
  /** Maximum number of simultaneous requests within one batch, from 1 to 100. Default: 10. */
  readonly concurrency?: number;
  /**
   * Which strings that are not URLs are public ids. `'plain'`: all, except those that look like a file on disk (an
   * extension, a path below `uploads/`, 32 hexadecimal digits). `true`: all. `false`: none. An array: those below these
   * folders, such as `['products/']`. Default: `'plain'`.
   */
  readonly publicIds?: PublicIds;
  /** The resource type of values that do not name it, such as bare public ids. Default: `'image'`. */
  readonly resourceType?: ResourceType;
  /** The delivery type of values that do not name it. Default: `'upload'`. */
  readonly type?: DeliveryType;
  /**
   * More domains that deliver this cloud's assets, besides `secure_distribution` and `cname` of the configuration.
   * Default: none.
   */
  readonly hosts?: readonly string[];
  /**
   * `true`: URLs with folders and without `image/upload` are read as `folder/id`. Set it only if no such URL ends in an
   * SEO suffix, which looks the same. Default: false; such URLs are kept as ambiguous.
   */
  readonly rootPath?: boolean;
}

const SDK_OPTION_NAMES = [
  ...['cloud_name', 'api_key', 'api_secret', 'oauth_token', 'upload_prefix', 'agent', 'timeout'],
  ...['signature_algorithm', 'signature_version', 'extra_headers', 'notification_url'],
  ...['private_cdn', 'secure_distribution', 'cname'],
];

const isHost = (value: unknown) => typeof value === 'string' && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value);
const isFolder = (value: unknown) => isText(value) && /[^/]\/$/.test(value);

const RULES: Rules<Required<CloudinaryOptions>> = {
  cloudinary: {
    allowed: 'the `v2` object of the cloudinary package: import { v2 } from "cloudinary"',
    is: isSdk,
  },
  name: TEXT,
  sdkOptions: {
    allowed: 'an object or a function that returns one',
    is: (value) => typeof value === 'function' || isPlainObject(value),
  },
  invalidate: FLAG,
  api: oneOf('upload', 'admin'),
  concurrency: integer(1, 100),
  publicIds: {
    allowed: "'plain', true, false or an array of folders that end in '/'",
    is: (value) => value === 'plain' || typeof value === 'boolean' || isListOf(isFolder)(value),
  },
  resourceType: oneOf(...RESOURCE_TYPES),
  type: oneOf(...DELIVERY_TYPES),
  hosts: { allowed: 'an array of domains in lower case, without scheme or path', is: isListOf(isHost) },
  rootPath: FLAG,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkCloudinaryOptions(options: unknown): asserts options is CloudinaryOptions {
  checkOptions('cloudinaryProvider', options, RULES);
  const { sdkOptions } = options as CloudinaryOptions;
  if (typeof sdkOptions === 'object') checkSdkOptions(sdkOptions);
}

/**
 * Refuses options that would change which asset a call means, or how it answers. No value is shown, since it may be a
 * secret.
 */
export function checkSdkOptions(options: object): void {
  refuseUnknown('cloudinaryProvider: unknown option of "sdkOptions"', options, SDK_OPTION_NAMES);
}
