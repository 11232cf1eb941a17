import type { Fault } from './faults.js';
import type { LocalS3Server, Seen } from './server.js';
import type { Version } from './store.js';
import type { Conditions } from './world.js';

/** What a spec can see of the local server, and do to it, besides sending requests. */
export interface LocalS3 {
  /** Requests since the start or the last `reset()`, the oldest first. */
  readonly requests: readonly Seen[];
  /** Lets requests fail. */
  fail(fault: Fault): void;
  /** Codes that `DeleteObjects` tells for single keys, every time or `times` times; what was said before is forgotten. */
  keyErrors(map: Readonly<Record<string, string | { readonly code: string; readonly times: number }>>): void;
  /** Which deletes heed `If-Match` and `ETag`. Default: `'single'`. */
  conditions(which: Conditions): void;
  /** Called with every request before it is answered, which waits for it. */
  onRequest(call: (seen: Seen) => Promise<void> | void): void;
  /** Puts objects without a request. */
  put(bucket: string, keys: Iterable<string>, body?: Buffer | string): void;
  /** Keys of the objects of a bucket, in order. */
  keys(bucket: string): string[];
  /** All versions and delete markers of a bucket, the newest of each key first. */
  versions(bucket: string): Version[];
  /** Upload ids of uploads in parts that are neither complete nor aborted. */
  uploads(bucket: string): string[];
  /** The clock of `Last-Modified`. */
  clock(now: () => Date): void;
  /** Forgets requests, faults and everything set here. Buckets stay. */
  reset(): void;
}

export function localS3(server: LocalS3Server): LocalS3 {
  const { world, faults, seen } = server;
  return {
    requests: seen,
    fail: (fault) => faults.add(fault),
    keyErrors(map) {
      world.keyErrors.clear();
      for (const [key, value] of Object.entries(map)) {
        world.keyErrors.set(key, typeof value === 'string' ? { code: value, times: Infinity } : { ...value });
      }
    },
    conditions: (which) => void (world.conditions = which),
    onRequest: (call) => void (server.onRequest = call),
    put(bucket, keys, content = 'x') {
      const stored = world.bucket({ bucket });
      const body = Buffer.from(content);
      for (const key of keys) stored.put(key, { body, headers: {} });
    },
    keys(bucket) {
      const stored = world.bucket({ bucket });
      return stored.keys.filter((key) => stored.object(key) !== undefined);
    },
    versions(bucket) {
      const stored = world.bucket({ bucket });
      return stored.keys.flatMap((key) => stored.versionsOf(key));
    },
    uploads: (bucket) => [...world.bucket({ bucket }).uploads.keys()],
    clock: (now) => void (world.now = now),
    reset() {
      seen.length = 0;
      faults.clear();
      world.keyErrors.clear();
      world.conditions = 'single';
      world.now = () => new Date();
      server.onRequest = () => {};
    },
  };
}
