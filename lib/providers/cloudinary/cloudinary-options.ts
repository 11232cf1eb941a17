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
import { deliveryTypes, resourceTypes } from './public-id.js';
import type { DeliveryType, ResourceType } from './public-id.js';
import { isSdk, type CloudinarySdk } from './sdk.js';
import type { PublicIds } from './reader.js';

/** Options of single SDK calls, handed on as they are. They win over `cloudinary.config()`. */
export interface CloudinarySdkOptions {
  readonly cloud_name?: string;
  readonly api_key?: string;
  readonly api_secret?: string;
  readonly oauth_token?: string;
  /** Another address of the API, e.g. of a region. */
  readonly upload_prefix?: string;
  /** An `http.Agent`: for proxies. Without one, each batch gets an agent of its own, so that an abort can end its requests. */
  readonly agent?: unknown;
  /** Milliseconds of one request. Default: 60,000, the SDK's own. */
  readonly timeout?: number;
  readonly signature_algorithm?: 'sha1' | 'sha256';
  readonly signature_version?: number;
  readonly extra_headers?: Readonly<Record<string, string>>;
  /** Where Cloudinary reports a removal. */
  readonly notification_url?: string;
  readonly private_cdn?: boolean;
  readonly secure_distribution?: string;
  readonly cname?: string;
}

/** Options of `cloudinaryProvider`. */
export interface CloudinaryOptions {
  /** The app's own configured `v2` object. Default: `require('cloudinary').v2`, loaded at first use. */
  readonly cloudinary?: CloudinarySdk;
  /** Unique within one schema's `provider` array. Default: `'cloudinary'`. */
  readonly name?: string;
  /** Handed to every SDK call, as an object or as a function that is called at each use. Default: none. */
  readonly sdkOptions?: CloudinarySdkOptions | (() => CloudinarySdkOptions);
  /** Whether the copies in the CDN are dropped as well, which else live on for up to 30 days. Default: true. */
  readonly invalidate?: boolean;
  /**
   * `'upload'`: one signed request an asset; not rate-limited, and `invalidate` works on every account. `'admin'`: one request for up to
   * 100 assets; 500 to 2,000 requests an hour, and `invalidate` works only where Cloudinary has switched it on. Default: `'upload'`.
   */
  readonly api?: 'upload' | 'admin';
  /** Requests at a time, within one batch. 1 to 100. Default: 10. */
  readonly concurrency?: number;
  /**
   * Which strings that are no URL are public ids. `'plain'`: all but those that look like a file on disk (an extension, below `uploads/`,
   * 32 hexadecimal digits). `true`: all. `false`: none. An array: those below these folders, e.g. `['products/']`. Default: `'plain'`.
   */
  readonly publicIds?: PublicIds;
  /** The resource type of values that do not say it: bare public ids. Default: `'image'`. */
  readonly resourceType?: ResourceType;
  /** The delivery type of values that do not say it. Default: `'upload'`. */
  readonly type?: DeliveryType;
  /** More domains that deliver this cloud's assets, beside `secure_distribution` and `cname` of the configuration. Default: none. */
  readonly hosts?: readonly string[];
  /**
   * URLs without `image/upload` and with folders are read as `folder/id`: say so only where no such URL ends in an SEO suffix, which
   * looks the same. Default: false, they are kept as ambiguous.
   */
  readonly rootPath?: boolean;
}

const sdkOptionNames = [
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
  resourceType: oneOf(...resourceTypes),
  type: oneOf(...deliveryTypes),
  hosts: { allowed: 'an array of domains in lower case, without scheme or path', is: isListOf(isHost) },
  rootPath: FLAG,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkCloudinaryOptions(options: unknown): asserts options is CloudinaryOptions {
  checkOptions('cloudinaryProvider', options, RULES);
  const { sdkOptions } = options as CloudinaryOptions;
  if (typeof sdkOptions === 'object') checkSdkOptions(sdkOptions);
}

/** What would change which asset a call means, or how it answers, is not handed on. No value is shown: it may be a secret. */
export function checkSdkOptions(options: object): void {
  refuseUnknown('cloudinaryProvider: unknown option of "sdkOptions"', options, sdkOptionNames);
}
