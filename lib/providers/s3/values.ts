import type { Asset, StoredForms } from '../provider.js';
import type { Addresses } from './addresses.js';
import type { Buckets } from './bucket.js';
import { formsOf } from './forms.js';
import { readValue } from './objects.js';
import { NOT_OURS, type Reader, type Reading } from './reading.js';

/** What values say about objects of the bucket that is told when they are read. */
export class S3Values {
  readonly #provider: string;
  readonly #buckets: Buckets;
  #latest: { readonly text: string; readonly reader: Reader; readonly reading: Reading } | undefined;

  constructor(provider: string, buckets: Buckets) {
    this.#provider = provider;
    this.#buckets = buckets;
  }

  read(value: unknown): Reading {
    return orElse(NOT_OURS, () => this.#read(value, this.#buckets.reader()));
  }

  identify(value: unknown): Asset | null {
    const { key } = this.read(value);
    return key === null ? null : this.#assetOf(key);
  }

  possible(value: unknown): Asset[] {
    return this.read(value).possible.map((key) => this.#assetOf(key));
  }

  forms({ key }: Asset): StoredForms {
    const target = this.#buckets.asked(key);
    return target ? formsOf(target.key, this.#buckets.addresses(target.bucket)) : { equal: [] };
  }

  hint(value: unknown): string | null {
    return orElse(null, () => hintFor(value, this.#buckets.reader().addresses));
  }

  /**
   * Remembers the reading of the last string, since `identify`, `possible` and `refusal` are called for one string
   * after another.
   */
  #read(value: unknown, reader: Reader): Reading {
    if (typeof value !== 'string') return readValue(value, reader);
    const latest = this.#latest;
    if (latest?.text === value && isSame(latest.reader, reader)) return latest.reading;
    const reading = readValue(value, reader);
    this.#latest = { text: value, reader, reading };
    return reading;
  }

  #assetOf(key: string): Asset {
    return { provider: this.#provider, key: this.#buckets.assetKeyOf(key) };
  }
}

/** If functions name the bucket or the folder, each use may have other ones. */
function isSame(one: Reader, other: Reader): boolean {
  return one.addresses === other.addresses && one.prefix === other.prefix && one.keys === other.keys;
}

/** The likely reason why a value does not name an object of the bucket, in words for the log; `null` if it is not known. */
function hintFor(value: unknown, { bucket, region, endpoint, hosts }: Addresses): string | null {
  if (typeof value !== 'string' || value.length > 8192) return null;
  const [, host] = /^(?:https?:)?\/\/(?:[^/?#@]*@)?([^/?#\\]+)/i.exec(value) ?? [];
  if (host === undefined) return null;
  const isAws = /(?:^|\.)s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/i.test(host);
  if (endpoint === null && isAws) {
    return `the bucket is "${bucket}" in ${region ?? 'a region that is not known'}; give the option "region" if documents name another`;
  }
  const known = [...(endpoint ? [endpoint.host] : []), ...hosts];
  if (known.includes(host.toLowerCase())) return `the bucket is "${bucket}"`;
  return `the host ${host} is not in the option "hosts" (${hosts.join(', ') || 'none'}); add it if it serves this bucket`;
}

/** Returns `other` if `read` throws: functions of the app name the bucket, and values may have getters. */
export function orElse<T>(other: T, read: () => T): T {
  try {
    return read();
  } catch {
    return other;
  }
}
