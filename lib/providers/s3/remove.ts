import type { DroppedAsset, RemovalOutcome } from '../provider.js';
import { deleteAll, type Batches } from './batches.js';
import { aborted, type S3Connection } from './connection.js';
import { contentOf } from './contents.js';
import { normalised } from './errors.js';
import type { Target } from './keys.js';
import { inParallel } from './parallel.js';

/** How a removal minds what was there when the file was dropped; see `S3ProviderOptions.conditional`. */
export type Condition = 'if-match' | 'head' | false;

/** One object, and what became of it. */
interface Wanted {
  readonly target: Target;
  readonly expected: string | null | undefined;
  outcome?: RemovalOutcome;
}

export interface Removing {
  readonly connection: S3Connection;
  readonly batches: Batches;
  readonly condition: Condition;
  /** `null`: the asset is none of this provider's. */
  targetOf(asset: DroppedAsset): Target | null;
}

/** One outcome for each asset, in order. What nothing is expected of goes by the thousand, without a look at it. Never rejects. */
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
  await inParallel(guarded, (one) => guard(one, removing, signal));
  const free = known.filter(({ outcome }) => outcome === undefined);
  const outcomes = await deleteAll(
    free.map(({ target }) => target),
    removing,
    signal,
  );
  free.forEach((one, index) => (one.outcome = outcomes[index]!));
  return wanted.map((one) => one?.outcome ?? { outcome: 'kept', reason: 'not ours' });
}

/** Looks at what is there immediately before; what is still the same stays without an outcome, or is removed on that condition. */
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
