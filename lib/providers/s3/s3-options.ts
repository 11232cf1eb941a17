import { isolated } from '../../shared/isolated.js';
import {
  checkOptions,
  FUNCTION,
  isListOf,
  isText,
  refuse,
  TEXT,
  unlessUnset,
  type Rules,
} from '../../shared/option-rules.js';
import type { Derived } from '../derived.js';
import type { S3Sdk } from './client.js';
import { isBucket, isKey } from './keys.js';
import type { Keys } from './reading.js';
import type { Condition } from './remove.js';

/** Options of `s3Provider`. */
export interface S3ProviderOptions {
  /** The app's own `S3Client` of `@aws-sdk/client-s3`, with its region, credentials and endpoint. */
  readonly client: S3Sdk;
  /** The name of the bucket, or a function that returns it at each use. */
  readonly bucket: string | (() => string);
  /**
   * The only folder of the bucket that may be touched; `'images'` and `'images/'` are the same. A function is called at
   * each use. Default: the whole bucket.
   */
  readonly prefix?: string | (() => string);
  /** Other hosts that serve the bucket from their root, such as a CDN: `['cdn.example.com']`. Default: none. */
  readonly hosts?: readonly string[];
  /**
   * Which strings that are not addresses are keys. `true`: all below `prefix`. `false`: none. An array: those with one
   * of these beginnings, such as `['photos/']`. Strings that begin with `/`, `./` or a scheme are never keys. Default:
   * true.
   */
  readonly keys?: Keys;
  /**
   * How a removal detects that the object was written anew after it was dropped. `'head'`: it looks at the object
   * immediately before. `'if-match'`: it also makes the removal conditional, for servers that support `If-Match`. If
   * one of these is given, every removal does so, at one or two calls for each object. `false`: no removal does so.
   * Default: only removals that waited (for a commit, or for another attempt) do so, with `'if-match'` on AWS and
   * `'head'` elsewhere.
   */
  readonly conditional?: Condition;
  /** The endpoint in the addresses that documents store. Default: the endpoint of the client. */
  readonly endpoint?: string;
  /** The region in the AWS addresses that documents store. Default: the region of the client. */
  readonly region?: string;
  /**
   * Returns the files derived from an object, such as its thumbnails, as exact keys below `prefix`, given the object's
   * own: `(name) => ['thumbs/' + name]`. They are removed with the object, unless something uses them. It must be a
   * pure function; each removal looks at each derived file. Default: none.
   */
  readonly derived?: Derived;
  /** The name of the provider, unique within one schema's `provider` array. Default: `'s3'`. */
  readonly name?: string;
}

const RULES: Rules<S3ProviderOptions> = {
  client: {
    allowed: 'an S3Client of "@aws-sdk/client-s3": new S3Client({ region })',
    is: isClient,
    isRequired: true,
  },
  bucket: {
    allowed: 'the name of a bucket or the alias of an access point (no ARN), or a function that returns it',
    is: (value) => isBucket(value) || typeof value === 'function',
    isRequired: true,
  },
  prefix: {
    allowed: "a folder such as 'images/', or a function that returns it",
    is: (value) => isPrefix(value) || typeof value === 'function',
    ifUndefined: unlessUnset('leave the option out for the whole bucket'),
  },
  hosts: {
    allowed: "an array of hosts such as 'cdn.example.com', without scheme and path",
    is: isListOf(isHost),
  },
  keys: {
    allowed: "true, false or an array of beginnings such as 'photos/'",
    is: (value) => typeof value === 'boolean' || isListOf(isText)(value),
  },
  conditional: {
    allowed: "'if-match', 'head' or false",
    is: (value) => ['if-match', 'head', false].includes(value as string),
  },
  endpoint: { allowed: "a URL such as 'https://account.r2.cloudflarestorage.com'", is: isEndpoint },
  region: {
    allowed: "a region such as 'eu-central-1'",
    is: (value) => typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
  },
  derived: FUNCTION,
  name: TEXT,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkS3Options(options: unknown): asserts options is S3ProviderOptions {
  checkOptions('s3Provider', options, RULES);
}

/** The prefix as keys begin with it. @throws TypeError if a function returned something that is not a folder. */
export function checkedPrefix(prefix: unknown): string {
  if (!isPrefix(prefix)) refuseTold('prefix', prefix);
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** @throws TypeError if a function returned something that is not a bucket. */
export function checkedBucket(bucket: unknown): string {
  if (!isBucket(bucket)) refuseTold('bucket', bucket);
  return bucket;
}

function refuseTold(name: 'bucket' | 'prefix', given: unknown): never {
  // if the function is async by mistake, its rejection would end the process
  isolated(() => given);
  const advice = 'let the function return it';
  refuse({ owner: 's3Provider', name, given, allowed: RULES[name].allowed, advice });
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
