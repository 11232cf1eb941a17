import type { S3Connection } from './connection.js';
import { S3ProviderError } from './errors.js';
import type { Target } from './keys.js';

/** Between the parts of a fingerprint; no ETag, number or id of a version holds it. */
const SEPARATOR = ' ';

/** What is stored now. */
export interface Content {
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: Date;
  /** ETag, last change, version and place; two objects are never the same file. */
  readonly fingerprint: string;
}

/**
 * Looks at one object. `null`: it is not there. Who may not list the bucket gets 403 for what is missing, which says nothing.
 * @throws S3ProviderError
 */
export async function contentOf(
  connection: S3Connection,
  { bucket, key }: Target,
  signal?: AbortSignal,
): Promise<Content | null> {
  try {
    const head = await connection.send('HeadObjectCommand', { Bucket: bucket, Key: key }, signal);
    const { ETag, LastModified, ContentLength, VersionId } = head;
    const modifiedAt = LastModified instanceof Date ? LastModified : new Date();
    const etag = typeof ETag === 'string' ? ETag : '';
    const version = typeof VersionId === 'string' ? VersionId : '';
    const size = typeof ContentLength === 'number' ? ContentLength : 0;
    const parts = [etag, String(modifiedAt.getTime()), version, `${bucket}/${key}`];
    return { etag, size, modifiedAt, fingerprint: parts.join(SEPARATOR) };
  } catch (error) {
    if (error instanceof S3ProviderError && error.status === 404 && error.code !== 'NoSuchBucket')
      return null;
    throw error;
  }
}
