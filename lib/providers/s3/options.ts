import { isolated } from '../../shared/isolated.js';
import type { S3Sdk } from './client.js';
import { isBucket, isKey } from './keys.js';
import { maskedText } from './mask.js';
import type { Keys } from './reading.js';
import type { Condition } from './remove.js';

/** Options of `s3Provider`. */
export interface S3ProviderOptions {
  /** The app's own `S3Client` of `@aws-sdk/client-s3`, with its region, credentials and endpoint. */
  readonly client: S3Sdk;
  /** The bucket by its name, or a function that tells it at each use. */
  readonly bucket: string | (() => string);
  /** The only folder of the bucket that may be touched: `'images'` and `'images/'` are the same. A function is called at each use. Default: none. */
  readonly prefix?: string | (() => string);
  /** Other hosts that serve the bucket from their root, such as a CDN: `['cdn.example.com']`. Default: none. */
  readonly hosts?: readonly string[];
  /**
   * Which strings that are no address are keys. `true`: all below `prefix`. `false`: none. An array: those that begin so, such as
   * `['photos/']`. What begins with `/`, `./` or a scheme never is. Default: true.
   */
  readonly keys?: Keys;
  /**
   * How a removal minds that the object was written anew since it was dropped. `'head'`: by a look immediately before. `'if-match'`: by that look
   * and a removal on condition, for servers that heed `If-Match`. Given one of them, every removal minds it, at a call or two for each
   * object. `false`: none does. Default: only those that waited (for a commit, for another try), by `'if-match'` on AWS and `'head'` elsewhere.
   */
  readonly conditional?: Condition;
  /** The endpoint under which documents know the bucket. Default: the one of the client. */
  readonly endpoint?: string;
  /** The region of the bucket in AWS's addresses. Default: the one of the client. */
  readonly region?: string;
  /** Unique within one schema's `provider` array. Default: `'s3'`. */
  readonly name?: string;
}

type Rule = readonly [isAllowed: (value: unknown) => boolean, allowed: string];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isListOf = (is: (one: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is);

const rules: Readonly<Record<keyof S3ProviderOptions, Rule>> = {
  client: [isClient, 'an S3Client of "@aws-sdk/client-s3": new S3Client({ region })'],
  bucket: [
    (value) => isBucket(value) || isFunction(value),
    'the name of a bucket or the alias of an access point (no ARN), or a function that returns it',
  ],
  prefix: [
    (value) => value === undefined || isPrefix(value) || isFunction(value),
    "a folder such as 'images/', or a function that returns it",
  ],
  hosts: [isListOf(isHost), 'an array of hosts such as "cdn.example.com", without scheme and path'],
  keys: [
    (value) => typeof value === 'boolean' || isListOf(isText)(value),
    'true, false or an array of beginnings such as "photos/"',
  ],
  conditional: [
    (value) => ['if-match', 'head', false].includes(value as string),
    '"if-match", "head" or false',
  ],
  endpoint: [isEndpoint, 'a URL such as "https://account.r2.cloudflarestorage.com"'],
  region: [
    (value) => typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
    'a region such as "eu-central-1"',
  ],
  name: [isText, 'a string that is not empty'],
};
const required = ['client', 'bucket'] as const;

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkOptions(options: unknown): asserts options is S3ProviderOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`s3Provider: the options must be an object, not ${shown(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name))
      throw new TypeError(
        `s3Provider: unknown option "${name}". Known options: ${Object.keys(rules).join(', ')}.`,
      );
  }
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, [isAllowed, allowed]] of Object.entries(rules)) {
    const isMissing = given[name] === undefined && !(required as readonly string[]).includes(name);
    if (!isMissing && !isAllowed(given[name]))
      throw new TypeError(`s3Provider: option "${name}" must be ${allowed}, not ${shown(given[name])}.`);
  }
  // an unset environment variable would open the whole bucket
  if (Object.hasOwn(given, 'prefix') && given['prefix'] === undefined) {
    throw new TypeError(
      's3Provider: option "prefix" is given and undefined, as an unset environment variable is; set the variable, or leave the option out for the whole bucket.',
    );
  }
}

/** The prefix as keys begin with it. @throws TypeError for what is no folder. */
export function checkedPrefix(prefix: unknown): string {
  isolated(() => prefix);
  if (!isPrefix(prefix))
    throw new TypeError(`s3Provider: option "prefix" must be ${rules.prefix[1]}, not ${shown(prefix)}.`);
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** @throws TypeError for what a function told that is no bucket. */
export function checkedBucket(bucket: unknown): string {
  if (isBucket(bucket)) return bucket;
  // a function that is async by mistake: its rejection would end the process
  isolated(() => bucket);
  throw new TypeError(`s3Provider: option "bucket" must be ${rules.bucket[1]}, not ${shown(bucket)}.`);
}

function isPrefix(value: unknown): value is string {
  return typeof value === 'string' && (value === '' || isKey(value.replace(/\/$/, '')));
}

function isClient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { send, config } = value as Partial<S3Sdk>;
  return typeof send === 'function' && typeof config === 'object' && config !== null;
}

function isHost(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.test(value) &&
    URL.canParse(`http://${value}`)
  );
}

function isEndpoint(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(value) && URL.canParse(value);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(maskedText(value));
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
