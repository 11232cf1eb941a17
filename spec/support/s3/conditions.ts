import type { Call } from './call.js';
import { noSuchKey, preconditionFailed, S3Error } from './errors.js';
import type { Version } from './store.js';

/** Throws unless the object is the one that `If-Match` names; without the header anything goes. */
export function checkCondition(condition: string | undefined, current: Version | undefined): void {
  if (condition === undefined) return;
  if (current === undefined) {
    throw condition === '*' ? preconditionFailed() : noSuchKey();
  }
  if (!matches(condition, current)) throw preconditionFailed();
}

/** The four conditions of a read, in the order of RFC 9110, 13.2.2. */
export function checkRead({ headers }: Call, version: Version): void {
  const seconds = Math.floor(version.lastModified.getTime() / 1000);
  const since = (name: string): number => Math.floor(Date.parse(headers[name] ?? '') / 1000);
  const notModified = new S3Error('NotModified', 304, 'Not Modified', { etag: version.etag });
  const match = headers['if-match'];
  if (match !== undefined) {
    if (!matches(match, version)) throw preconditionFailed();
  } else if (seconds > since('if-unmodified-since')) throw preconditionFailed();
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (matches(noneMatch, version)) throw notModified;
  } else if (seconds <= since('if-modified-since')) throw notModified;
}

/** ETags are compared with or without their quotes, as S3 does. */
export function matches(condition: string, { etag }: Version): boolean {
  return (
    condition === '*' ||
    condition.split(',').some((one) => one.trim().replaceAll('"', '') === etag.replaceAll('"', ''))
  );
}
