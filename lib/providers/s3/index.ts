import type { Asset, StorageProvider, SweepableProvider } from '../provider.js';
import { refuse } from '../../shared/option-rules.js';
import { derivedNames, type Derived } from '../derived.js';
import type { Batches } from './batches.js';
import { Buckets } from './bucket.js';
import { checkBucket } from './check.js';
import { locateCommands } from './client.js';
import { S3Connection } from './connection.js';
import { contentOf } from './contents.js';
import { assetKeyOf, isKey, type Target } from './keys.js';
import { listObjects } from './list.js';
import { masked } from './mask.js';
import { checkS3Options, type S3ProviderOptions } from './s3-options.js';
import { removeObjects } from './remove.js';
import { orElse, S3Values } from './values.js';
import { whereaboutsOf } from './whereabouts.js';

export type { S3Sdk } from './client.js';
export { S3ProviderError } from './errors.js';
export type { S3ProviderOptions } from './s3-options.js';
export type { Keys } from './reading.js';
export type { Condition } from './remove.js';

/** A provider for one bucket, or for one folder of it. `fingerprint` and `find` are absent with `conditional: false`. */
export type S3Provider = SweepableProvider &
  Required<Pick<SweepableProvider, 'refusal' | 'possible' | 'hint' | 'check' | 'mask' | 'list' | 'nameOf'>>;

/**
 * Images in a bucket of S3, or of a server that speaks its protocol (R2, Spaces, B2, Ceph, …), accessed through the
 * app's own client.
 *
 * Values are keys, `s3://bucket/key`, addresses of the bucket on S3 (virtual-hosted, path-style, dual-stack,
 * accelerated, legacy), on the client's own endpoint and on listed `hosts`, presigned or not, and results of multer-s3
 * (`{ key, bucket, location }`) and of the SDK (`{ Key, Bucket, Location }`). The `key` of an asset is `bucket/key`.
 *
 * S3 does not say which keys of a batch did not exist; they are reported as `removed`. In a versioned bucket, a removal
 * creates a delete marker.
 *
 * @example
 * import { S3Client } from '@aws-sdk/client-s3';
 * const client = new S3Client({ region: 'eu-central-1' });
 * schema.plugin(imageCleanup, { fields: ['image'], provider: s3Provider({ client, bucket: 'photos' }) });
 *
 * @throws TypeError if an option is wrong or unknown; Error with the install command if `@aws-sdk/client-s3` is not
 * installed.
 */
export function s3Provider(options: S3ProviderOptions): S3Provider {
  checkS3Options(options);
  const { client, name = 's3', conditional, derived } = options;
  const connection = new S3Connection(client, locateCommands());
  const whereabouts = whereaboutsOf(client, options);
  const buckets = new Buckets(options, whereabouts);
  const batches: Batches = { areSupported: true };
  const targetOf = (asset: Asset): Target | null =>
    asset.provider === name ? orElse(null, () => buckets.owned(asset.key)) : null;
  const values = new S3Values(name, buckets);

  return {
    name,
    kind: 's3',
    batchSize: 1000,
    identify: (value) => values.identify(value),
    refusal: (value) => values.read(value).reason,
    possible: (value) => values.possible(value),
    hint: (value) => values.hint(value),
    check: ({ signal }) => checkBucket(connection, buckets, signal),
    forms: (asset) => values.forms(asset),
    remove: (assets, { signal }) => {
      const condition = conditional ?? (whereabouts().endpoint === null ? 'if-match' : 'head');
      return removeObjects(assets, { connection, batches, condition, targetOf }, signal);
    },
    mask: (value) => orElse('…', () => masked(value)),
    get storage() {
      return orElse(undefined, () => `${buckets.now()}/${buckets.prefix()}`.replace(/\/$/, ''));
    },
    nameOf: ({ key }) => nameIn(key, buckets),
    async *list({ prefix = '', signal }) {
      const below = `${buckets.prefix()}${folderOf(prefix)}`;
      yield* listObjects(connection, { name, bucket: buckets.now(), prefix: below, signal });
    },
    ...(derived && { derivedOf: (asset: Asset) => derivedIn(asset, derived, buckets) }),
    ...(conditional !== false && looks(connection, buckets, conditional === undefined)),
  };
}

/** Methods that cost a call for each object, and need the permission to look at it. */
function looks(
  connection: S3Connection,
  buckets: Buckets,
  isOnlyWhereItWaits: boolean,
): Pick<StorageProvider, 'fingerprint' | 'fingerprintWhen'> & Pick<SweepableProvider, 'find'> {
  return {
    fingerprintWhen: isOnlyWhereItWaits ? 'waiting' : 'always',
    async fingerprint({ key }) {
      const target = buckets.owned(key);
      return target && ((await contentOf(connection, target))?.fingerprint ?? null);
    },
    async find(asset) {
      const target = buckets.owned(asset.key);
      const content = target && (await contentOf(connection, target));
      return content && { asset, size: content.size, modifiedAt: content.modifiedAt };
    },
  };
}

/** The derived files in the bucket of the object, below the current folder. */
function derivedIn(asset: Asset, derived: Derived, buckets: Buckets): readonly Asset[] {
  const target = buckets.asked(asset.key);
  const prefix = buckets.prefix();
  if (!target?.key.startsWith(prefix)) return [];
  return derivedNames(derived, target.key.slice(prefix.length)).map((name) => ({
    provider: asset.provider,
    key: assetKeyOf({ bucket: target.bucket, key: `${prefix}${name}` }),
  }));
}

/** The name of an object below the folder, which patterns of a sweep are compared with. */
function nameIn(assetKey: string, buckets: Buckets): string {
  const target = buckets.asked(assetKey);
  if (!target) return assetKey;
  const prefix = orElse('', () => buckets.prefix());
  return target.key.startsWith(prefix) ? target.key.slice(prefix.length) : target.key;
}

/** @throws TypeError for a prefix that is not a folder of a listing. */
function folderOf(prefix: string): string {
  const folder = prefix.replace(/\/+$/, '');
  if (folder === '' || isKey(folder)) return folder === '' ? '' : `${folder}/`;
  refuse({ owner: 's3Provider.list', name: 'prefix', given: prefix, allowed: 'a folder of the bucket' });
}
