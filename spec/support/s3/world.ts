import type { Call } from './call.js';
import { S3Error } from './errors.js';
import { Bucket } from './store.js';

/** What the server answers. A string is XML. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** An error of a single key in an answer to `DeleteObjects`. */
export interface KeyError {
  readonly code: string;
  /** How many times it is still told. */
  times: number;
}

/**
 * Which deletes heed a condition: `DeleteObject` alone (`'single'`; so do moto and versitygw), those of a batch, too
 * (`'all'`; so AWS documents it), or none (`'none'`; R2 documents none).
 */
export type Conditions = 'single' | 'all' | 'none';

/** What the operations work on. */
export class World {
  readonly buckets = new Map<string, Bucket>();
  readonly keyErrors = new Map<string, KeyError>();
  conditions: Conditions = 'single';
  /** The clock of `Last-Modified`. */
  now = (): Date => new Date();

  bucket({ bucket }: Pick<Call, 'bucket'>): Bucket {
    const found = this.buckets.get(bucket);
    if (found === undefined) throw new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist');
    return found;
  }

  create(name: string): void {
    if (this.buckets.has(name)) {
      throw new S3Error('BucketAlreadyOwnedByYou', 409, 'You already own a bucket of this name');
    }
    this.buckets.set(name, new Bucket(() => this.now()));
  }

  /** The error that this key is to get now, if any. */
  keyError(key: string): string | undefined {
    const found = this.keyErrors.get(key);
    if (found === undefined || found.times <= 0) return undefined;
    found.times--;
    return found.code;
  }
}
