import { forEachOf } from '../../shared/pool.js';
import type { RemovalOutcome } from '../provider.js';
import { aborted, CONCURRENCY, type S3Connection } from './connection.js';
import { errorOfKey, S3ProviderError } from './errors.js';
import type { Target } from './keys.js';

/** The maximum number of keys of `DeleteObjects`. Some other servers accept more keys and ignore a part of them. */
const MOST_KEYS = 1000;
/** Error codes of servers that have no `DeleteObjects`, or none with the checksums of the current SDK. */
const UNSUPPORTED = new Set(['MissingContentMD5', 'NotImplemented', 'MethodNotAllowed', 'XNotImplemented']);

/** Whether a server supports batches, which its first answer shows. */
export interface Batches {
  areSupported: boolean;
}

interface Deleting {
  readonly connection: S3Connection;
  readonly batches: Batches;
}

/**
 * Removes the current content of all keys. Returns one outcome for each, in order; makes no call for an empty list.
 * Never rejects.
 */
export async function deleteAll(
  targets: readonly Target[],
  deleting: Deleting,
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const outcomes = new Map<Target, RemovalOutcome>();
  for (const [bucket, keys] of keysByBucket(targets)) {
    for (let at = 0; at < keys.length; at += MOST_KEYS) {
      const told = await deleteBatch({ bucket, keys: keys.slice(at, at + MOST_KEYS) }, deleting, signal);
      for (const target of targets) {
        const outcome = target.bucket === bucket ? told.get(target.key) : undefined;
        if (outcome) outcomes.set(target, outcome);
      }
    }
  }
  return targets.map((target) => outcomes.get(target) ?? unclear().toOutcome());
}

function keysByBucket(targets: readonly Target[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { bucket, key } of targets) found.set(bucket, (found.get(bucket) ?? new Set()).add(key));
  return new Map([...found].map(([bucket, keys]) => [bucket, [...keys]]));
}

interface Batch {
  readonly bucket: string;
  readonly keys: readonly string[];
}

async function deleteBatch(
  batch: Batch,
  deleting: Deleting,
  signal: AbortSignal,
): Promise<Map<string, RemovalOutcome>> {
  if (!deleting.batches.areSupported) return deleteSingly(batch, deleting, signal);
  try {
    const input = {
      Bucket: batch.bucket,
      Delete: { Objects: batch.keys.map((Key) => ({ Key })), Quiet: false },
    };
    const answer = await deleting.connection.send('DeleteObjectsCommand', input, signal);
    return outcomesIn(answer, batch, await secretsIf(answer, deleting));
  } catch (thrown) {
    const error = thrown as S3ProviderError;
    if (!signal.aborted && isUnsupported(error)) {
      deleting.batches.areSupported = false;
      return deleteSingly(batch, deleting, signal);
    }
    const outcome = (signal.aborted ? aborted() : error).toOutcome();
    return new Map(batch.keys.map((key) => [key, outcome]));
  }
}

function isUnsupported({ code, status, message }: S3ProviderError): boolean {
  if (code !== undefined && UNSUPPORTED.has(code)) return true;
  return status === 501 || (code === 'InvalidRequest' && /content-md5|checksum/i.test(message));
}

interface Answer {
  readonly Deleted?: readonly { readonly Key?: string }[];
  readonly Errors?: readonly { readonly Key?: string; readonly Code?: string; readonly Message?: string }[];
}

async function secretsIf({ Errors = [] }: Answer, { connection }: Deleting): Promise<readonly string[]> {
  return Errors.length > 0 ? connection.secrets() : [];
}

/** A key that the answer does not mention is not known to be removed. */
function outcomesIn(
  { Deleted = [], Errors = [] }: Answer,
  { keys }: Batch,
  secrets: readonly string[],
): Map<string, RemovalOutcome> {
  const told = new Map<string, RemovalOutcome>();
  for (const { Key } of Deleted) if (Key !== undefined) told.set(Key, { outcome: 'removed' });
  for (const { Key, Code = 'Unknown', Message } of Errors) {
    if (Key === undefined) continue;
    const isGone = Code === 'NoSuchKey';
    told.set(Key, isGone ? { outcome: 'missing' } : errorOfKey(Code, Message, secrets).toOutcome());
  }
  return new Map(keys.map((key) => [key, told.get(key) ?? unclear().toOutcome()]));
}

function unclear(): S3ProviderError {
  return new S3ProviderError('S3: the answer does not say what became of the object', { retryable: true });
}

async function deleteSingly(
  { bucket, keys }: Batch,
  { connection }: Deleting,
  signal: AbortSignal,
): Promise<Map<string, RemovalOutcome>> {
  const told = new Map<string, RemovalOutcome>();
  await forEachOf(keys, CONCURRENCY, async (key) => {
    try {
      await connection.send('DeleteObjectCommand', { Bucket: bucket, Key: key }, signal);
      told.set(key, { outcome: 'removed' });
    } catch (thrown) {
      const error = thrown as S3ProviderError;
      told.set(key, error.code === 'NoSuchKey' ? { outcome: 'missing' } : error.toOutcome());
    }
  });
  return told;
}
