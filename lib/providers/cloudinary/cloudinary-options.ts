import type { CloudinarySdk } from './client.js';
import { isDeliveryType, isResourceType } from './public-id.js';
import type { DeliveryType, ResourceType } from './public-id.js';
import type { PublicIds } from './values.js';

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

const isBoolean = (value: unknown) => typeof value === 'boolean';
const isFilled = (value: unknown) => typeof value === 'string' && value !== '';
const isHost = (value: unknown) => typeof value === 'string' && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value);
const isFolder = (value: unknown) => isFilled(value) && /[^/]\/$/.test(value as string);
const isListOf = (is: (one: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is);

const rules: Readonly<Record<keyof CloudinaryOptions, readonly [(value: unknown) => boolean, string]>> = {
  cloudinary: [isSdk, 'the `v2` object of the cloudinary package: import { v2 } from "cloudinary"'],
  name: [isFilled, 'a string that is not empty'],
  sdkOptions: [
    (value) => typeof value === 'function' || isRecord(value),
    'an object or a function that returns one',
  ],
  invalidate: [isBoolean, 'true or false'],
  api: [(value) => value === 'upload' || value === 'admin', '"upload" or "admin"'],
  concurrency: [
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100,
    'an integer from 1 to 100',
  ],
  publicIds: [
    (value) => value === 'plain' || isBoolean(value) || isListOf(isFolder)(value),
    '"plain", true, false or an array of folders that end in "/"',
  ],
  resourceType: [isResourceType, '"image", "video" or "raw"'],
  type: [isDeliveryType, '"upload", "private" or "authenticated"'],
  hosts: [isListOf(isHost), 'an array of domains in lower case, without scheme or path'],
  rootPath: [isBoolean, 'true or false'],
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkOptions(options: unknown): asserts options is CloudinaryOptions {
  if (!isRecord(options)) {
    throw new TypeError(`cloudinaryProvider: the options must be an object, not ${shown(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      throw new TypeError(
        `cloudinaryProvider: unknown option "${name}". Known options: ${Object.keys(rules).join(', ')}.`,
      );
    }
    const [isAllowed, allowed] = rules[name as keyof CloudinaryOptions];
    if (value !== undefined && !isAllowed(value)) {
      throw new TypeError(`cloudinaryProvider: option "${name}" must be ${allowed}, not ${shown(value)}.`);
    }
  }
  if (isRecord(options['sdkOptions'])) checkSdkOptions(options['sdkOptions']);
}

/** What would change which asset a call means, or how it answers, is not handed on. No value is shown: it may be a secret. */
export function checkSdkOptions(options: object): void {
  for (const name of Object.keys(options)) {
    if (!sdkOptionNames.includes(name)) {
      throw new TypeError(
        `cloudinaryProvider: unknown option "sdkOptions.${name}". Known: ${sdkOptionNames.join(', ')}.`,
      );
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The package itself has methods of the same names, of the old v1 API, whose arguments stand in another order. */
function isSdk(value: unknown): boolean {
  if (!isRecord(value) || 'v2' in value) return false;
  const { config, uploader, api } = value;
  return (
    typeof config === 'function' &&
    typeof (uploader as CloudinarySdk['uploader'] | undefined)?.destroy === 'function' &&
    typeof (api as CloudinarySdk['api'] | undefined)?.resources === 'function'
  );
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
