import type { StoredForms } from '../provider.js';
import { openBeginnings, type Addresses } from './addresses.js';
import { decodeOnce, mayGoOn, writingsOf } from './encodings.js';
import { addressNames, keyNames } from './objects.js';

/** Every form in which documents may store an object, for the "still used?" question: a closed list. */
export function formsOf(key: string, addresses: Addresses): StoredForms {
  const { bySegment, asWhole } = writingsOf(key);
  const written = addresses.beginnings.flatMap(({ text, isOfS3 }) =>
    [...bySegment, ...(isOfS3 ? asWhole : [])].map((one) => text + one),
  );
  const withoutScheme = addresses.hosts.flatMap((host) => bySegment.map((one) => `${host}/${one}`));
  const plain = [key, `s3://${addresses.bucket}/${key}`, ...bySegment, `/${key}`];
  const withQuery = unique([...plain, ...written, ...withoutScheme]);
  // a template that encodes nothing
  const isRaw = mayGoOn(key) && decodeOnce(key) === key;
  const raw = isRaw ? addresses.beginnings.map(({ text }) => text + key) : [];
  const equal = unique([...withQuery, ...asWhole, ...raw]);
  const open = openBeginnings(addresses);
  const scan = open.length > 0 ? { scan: open, scanObjects: addressNames } : {};
  const objects = {
    ...Object.fromEntries(keyNames.map((name) => [name, [key]])),
    ...Object.fromEntries(addressNames.map((name) => [name, equal])),
  };
  return { equal, addresses: withQuery, objects, ...scan };
}

function unique(strings: readonly string[]): string[] {
  return [...new Set(strings)];
}
