import type { S3Connection } from './connection.js';

const LONGEST_MS = 15_000;

/**
 * Returns what is wrong with the bucket, in a sentence; `null` if nothing is. Lists one page with one object. Never
 * rejects, and reveals no secret.
 */
export async function checkBucket(
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
