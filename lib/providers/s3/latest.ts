import type { Reader, Reading } from './reading.js';

type Read = (value: unknown, reader: Reader) => Reading;

/**
 * Remembers the reading of the last string, since `identify`, `possible` and `refusal` are called for one string after
 * another.
 */
export function latestOf(read: Read): Read {
  let latest: { readonly text: string; readonly reader: Reader; readonly reading: Reading } | undefined;
  return (value, reader) => {
    if (typeof value !== 'string') return read(value, reader);
    if (latest?.text === value && isSame(latest.reader, reader)) return latest.reading;
    const reading = read(value, reader);
    latest = { text: value, reader, reading };
    return reading;
  };
}

/** If functions name the bucket or the folder, each use may have other ones. */
function isSame(one: Reader, other: Reader): boolean {
  return one.addresses === other.addresses && one.prefix === other.prefix && one.keys === other.keys;
}
