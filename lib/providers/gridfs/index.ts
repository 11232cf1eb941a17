import { asError, unlessAborted } from '../../shared/time-limit.js';
import type { Asset, RemovalOutcome, SweepableProvider } from '../provider.js';
import { bucketOf, fingerprintOf, type Bucket } from './bucket.js';
import { checkGridfsOptions, type GridfsOptions } from './gridfs-options.js';
import { listOf } from './list.js';
import { removeFrom, storedFiles } from './remove.js';
import { formsOf, keyOf, refusalOf, type Naming } from './values.js';

export type { GridfsOptions } from './gridfs-options.js';

/** Error codes of MongoDB for which another attempt is of no use: Unauthorized, AuthenticationFailed, AtlasError. */
const LASTING = new Set<unknown>([13, 18, 8000]);

/**
 * Images in GridFS. Values are ObjectIds, their hex digits, and the file objects of multer-gridfs-storage; with `by:
 * 'filename'`, filenames and these file objects.
 *
 * @throws TypeError if an option is wrong or unknown.
 *
 * @example
 * const provider = gridfsProvider({ connection: mongoose.connection, bucketName: 'photos' });
 * schema.plugin(imageCleanup, { fields: ['photo'], provider });
 */
export function gridfsProvider(options: GridfsOptions): SweepableProvider {
  checkGridfsOptions(options);
  const { connection, bucketName = 'fs', by = 'id' } = options;
  const { ObjectId } = connection.base.mongo;
  const name = `gridfs:${bucketName}`;
  const naming: Naming = { name, bucketName, by, objectId: (hex) => new ObjectId(hex) };
  // the connection may be opened later
  const bucket = (): Bucket => bucketOf(connection, bucketName);
  return {
    name,
    // with databases of the same name on two clusters a question reaches both, which only keeps more files
    get kind() {
      return `gridfs ${connection.name}.${bucketName} by ${by}`;
    },
    get storage() {
      const { host, port } = connection as { host?: string; port?: number };
      return `${host ?? ''}:${String(port ?? '')}/${connection.name}.${bucketName}`;
    },
    batchSize: 1000,
    identify(value): Asset | null {
      const key = keyOf(value, naming);
      return key === null ? null : { provider: name, key };
    },
    refusal: (value) => refusalOf(value, naming),
    forms: (asset) => formsOf(asset, naming),
    remove: (assets, { signal }) => removeOrFail(bucket, { assets, signal }, naming),
    async fingerprint(asset) {
      const stored = await storedFiles(bucket(), [asset], naming);
      const newest = stored.get(asset.key)?.[0];
      return newest ? fingerprintOf(newest) : null;
    },
    async *list(how = {}) {
      how.signal?.throwIfAborted();
      yield* listOf(bucket(), how, naming);
    },
  };
}

async function removeOrFail(
  bucket: () => Bucket,
  { assets, signal }: Parameters<typeof removeFrom>[1],
  naming: Naming,
): Promise<RemovalOutcome[]> {
  try {
    signal.throwIfAborted();
    // a later attempt completes an interrupted removal
    return await unlessAborted(removeFrom(bucket(), { assets, signal }, naming), signal);
  } catch (thrown) {
    const outcome = failureOf(thrown);
    return assets.map(() => outcome);
  }
}

function failureOf(thrown: unknown): RemovalOutcome {
  const error = asError(thrown);
  return { outcome: 'failed', error, retryable: !LASTING.has((error as { code?: unknown }).code) };
}
