import { isolated } from '../../shared/isolated.js';
import {
  checkOptions,
  FUNCTION,
  isListOf,
  isText,
  refuse,
  TEXT,
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
  /**
   * The files made from an object, such as its thumbnails, by their exact keys below `prefix`, from its own: `(name) => ['thumbs/' + name]`. They go when
   * it is gone, unless something uses them. A pure function; each removal costs a look at each of them. Default: none.
   */
  readonly derived?: Derived;
  /** Unique within one schema's `provider` array. Default: `'s3'`. */
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
    unlessUnset: 'leave the option out for the whole bucket',
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

/** The prefix as keys begin with it. @throws TypeError for what a function told that is no folder. */
export function checkedPrefix(prefix: unknown): string {
  if (!isPrefix(prefix)) refuseTold('prefix', prefix);
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** @throws TypeError for what a function told that is no bucket. */
export function checkedBucket(bucket: unknown): string {
  if (!isBucket(bucket)) refuseTold('bucket', bucket);
  return bucket;
}

function refuseTold(name: 'bucket' | 'prefix', given: unknown): never {
  // of a function that is async by mistake: its rejection would end the process
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
