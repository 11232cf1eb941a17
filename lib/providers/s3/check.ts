import type { Buckets } from './bucket.js';
import type { S3Connection } from './connection.js';
import { maskedText } from './mask.js';

const LONGEST_MS = 15_000;

/**
 * Returns what is wrong with the bucket, in a sentence; `null` if nothing is. Lists one page with one object. Never
 * rejects, and reveals no secret.
 */
export async function checkBucket(
  connection: S3Connection,
  buckets: Buckets,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return await problemOf(connection, { bucket: buckets.now(), prefix: buckets.prefix() }, signal);
  } catch (thrown) {
    return thrown instanceof Error ? maskedText(thrown.message) : 'the option "bucket" or "prefix" threw';
  }
}

async function problemOf(
  connection: S3Connection,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  signal: AbortSignal,
): Promise<string | null> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  try {
    await connection.send(
      'ListObjectsV2Command',
      { Bucket: bucket, MaxKeys: 1, ...(prefix && { Prefix: prefix }) },
      both,
    );
    return null;
  } catch (thrown) {
    const told = both.aborted ? 'it does not answer' : (thrown as Error).message;
    return `the bucket "${bucket}" could not be listed: ${told}`;
  }
}
