import type { StoredAsset } from '../provider.js';
import type { S3Connection } from './connection.js';
import { S3ProviderError } from './errors.js';
import { assetKeyOf, isKey } from './keys.js';

/** What is listed. */
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
 * Every object below a prefix, in pages of 1,000 of which one is held at a time. Keys that no value can name safely are left out.
 * @throws S3ProviderError for a page that fails; its caller must not take what came before for everything.
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

/** Some servers list fractions of a second, which no look at the object tells. An unknown age is young: a sweep leaves it alone. */
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
