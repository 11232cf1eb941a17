import { decodeOnce } from '../address.js';
import type { StoredForms } from '../provider.js';
import { openBeginnings, type Addresses } from './addresses.js';
import { mayGoOn, writingsOf } from './encodings.js';
import { ADDRESS_NAMES, type KEY_NAMES } from './objects.js';

/** Every form in which documents may store an object, for the "still used?" question. The list is complete. */
export function formsOf(key: string, addresses: Addresses): StoredForms {
  const { bySegment, asWhole } = writingsOf(key);
  const written = [key, `s3://${addresses.bucket}/${key}`, `/${key}`];
  for (const one of bySegment) if (one !== key) written.push(one);
  for (const { text, isOfS3 } of addresses.beginnings) {
    for (const one of bySegment) written.push(text + one);
    if (isOfS3) for (const one of asWhole) written.push(text + one);
  }
  // without a scheme, before which a template writes one
  for (const host of addresses.hosts) for (const one of bySegment) written.push(`${host}/${one}`);
  // a key with one spelling makes no duplicates, and a question may have thousands of keys
  const withQuery = bySegment.length === 1 ? written : unique(written);
  // written by a template that does not encode
  const isRaw = mayGoOn(key) && decodeOnce(key) === key;
  const raw = isRaw ? addresses.beginnings.map(({ text }) => text + key) : [];
  const all = [...withQuery, ...asWhole, ...raw];
  const equal = isRaw || bySegment.length > 1 ? unique(all) : all;
  const open = openBeginnings(addresses);
  const scan = open.length > 0 ? { scan: open, scanObjects: ADDRESS_NAMES } : {};
  return {
    equal,
    addresses: withQuery,
    objects: objectsOf(key, equal),
    ...scan,
  };
}

function objectsOf(key: string, equal: readonly string[]): StoredForms['objects'] {
  return { key: [key], Key: [key], location: equal, Location: equal, url: equal } satisfies Record<
    (typeof KEY_NAMES)[number] | (typeof ADDRESS_NAMES)[number],
    readonly string[]
  >;
}

function unique(strings: readonly string[]): string[] {
  return [...new Set(strings)];
}
