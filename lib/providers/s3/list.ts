import type { StoredAsset } from '../provider.js';
import type { S3Connection } from './connection.js';
import { S3ProviderError } from './errors.js';
import { assetKeyOf, isKey } from './keys.js';

/** An entry of the listing. */
export interface Listed {
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

interface Page {
  readonly Contents?: readonly {
    readonly Key?: string;
    readonly Size?: number;
    readonly LastModified?: Date;
  }[];
  readonly IsTruncated?: boolean;
  readonly NextContinuationToken?: string;
}

/**
 * Lists every object below a prefix in pages of 1,000, of which one is in memory at a time. Keys that no value can name
 * safely are left out.
 * @throws S3ProviderError if a page fails. The caller must not take the earlier pages for everything.
 */
export async function* listObjects(
  connection: S3Connection,
  { name, bucket, prefix, signal }: Listed,
): AsyncGenerator<StoredAsset> {
  let token: string | undefined;
  do {
    const {
      Contents = [],
      IsTruncated,
      NextContinuationToken,
    }: Page = await pageOf(
      connection,
      {
        Bucket: bucket,
        MaxKeys: 1000,
        ...(prefix && { Prefix: prefix }),
        ...(token && { ContinuationToken: token }),
      },
      signal,
    );
    for (const { Key = '', Size = 0, LastModified } of Contents) {
      if (!isKey(Key) || !Key.startsWith(prefix)) continue;
      const asset = { provider: name, key: assetKeyOf({ bucket, key: Key }) };
      yield { asset, size: Size, modifiedAt: wholeSecond(LastModified) };
    }
    if (IsTruncated && (!NextContinuationToken || NextContinuationToken === token)) {
      throw new S3ProviderError(
        'S3: the listing says that there are more pages, but not where the next one begins',
        { retryable: true },
      );
    }
    token = IsTruncated ? NextContinuationToken : undefined;
  } while (token !== undefined);
}

/**
 * Some servers list fractions of a second, which a look at the object does not show. An unknown age counts as young,
 * since a sweep leaves young files alone.
 */
function wholeSecond(time = new Date()): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

async function pageOf(connection: S3Connection, input: object, signal?: AbortSignal): Promise<Page> {
  try {
    return await connection.send('ListObjectsV2Command', input, signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  }
}
