import type { S3Connection } from './connection.js';
import { S3ProviderError } from './errors.js';
import type { Target } from './keys.js';

/** Separates the parts of a fingerprint. No ETag, number or version id contains it. */
const SEPARATOR = ' ';

/** The stored content. */
export interface Content {
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: Date;
  /** ETag, time of the last change, version and place. Two objects never count as the same file. */
  readonly fingerprint: string;
}

/**
 * Looks at one object; `null` if it does not exist. Without the permission to list the bucket, a missing object is
 * answered with 403, which says nothing.
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
