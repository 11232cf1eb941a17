import { forEachOf } from '../../shared/pool.js';
import type { DroppedAsset, RemovalOutcome } from '../provider.js';
import { deleteAll, type Batches } from './batches.js';
import { aborted, CONCURRENCY, type S3Connection } from './connection.js';
import { contentOf } from './contents.js';
import { normalised } from './errors.js';
import type { Target } from './keys.js';

/** How a removal detects that an object was written anew; see `S3ProviderOptions.conditional`. */
export type Condition = 'if-match' | 'head' | false;

/** One object, and its outcome. */
interface Wanted {
  readonly target: Target;
  readonly expected: string | null | undefined;
  outcome?: RemovalOutcome;
}

export interface Removing {
  readonly connection: S3Connection;
  readonly batches: Batches;
  readonly condition: Condition;
  /** `null` if the asset does not belong to this provider. */
  targetOf(asset: DroppedAsset): Target | null;
}

/**
 * Returns one outcome for each asset, in order. Objects without an expected content are removed in batches of 1,000,
 * without a look at them. Never rejects.
 */
export async function removeObjects(
  assets: readonly DroppedAsset[],
  removing: Removing,
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const wanted = assets.map((asset): Wanted | null => {
    const target = removing.targetOf(asset);
    return target && { target, expected: removing.condition === false ? undefined : asset.expected };
  });
  const known = wanted.filter((one) => one !== null);
  const guarded = known.filter(({ expected }) => expected !== undefined);
  await forEachOf(guarded, CONCURRENCY, (one) => guard(one, removing, signal));
  const free = known.filter(({ outcome }) => outcome === undefined);
  const outcomes = await deleteAll(
    free.map(({ target }) => target),
    removing,
    signal,
  );
  free.forEach((one, index) => (one.outcome = outcomes[index]!));
  return wanted.map((one) => one?.outcome ?? { outcome: 'kept', reason: 'not ours' });
}

/**
 * Looks at the stored object immediately before its removal. An object with the expected content gets no outcome yet,
 * or is removed on that condition.
 */
async function guard(one: Wanted, removing: Removing, signal: AbortSignal): Promise<void> {
  const { connection, condition } = removing;
  const { bucket, key } = one.target;
  try {
    const content = await contentOf(connection, one.target, signal);
    if (!content) one.outcome = { outcome: 'missing' };
    else if (content.fingerprint !== one.expected) one.outcome = { outcome: 'kept', reason: 'changed' };
    else if (condition === 'if-match') {
      const input = { Bucket: bucket, Key: key, IfMatch: content.etag };
      await connection.send('DeleteObjectCommand', input, signal);
      one.outcome = { outcome: 'removed' };
    }
  } catch (thrown) {
    const error = signal.aborted ? aborted() : normalised(thrown, []);
    const isChanged = error.code === 'PreconditionFailed' || error.status === 412;
    const isGone = error.code === 'NoSuchKey' || error.code === 'NotFound';
    one.outcome = isChanged
      ? { outcome: 'kept', reason: 'changed' }
      : isGone
        ? { outcome: 'missing' }
        : error.toOutcome();
  }
}
