import { join } from 'node:path';
import { here } from '../../providers/this-file.js';
import { loaderOf } from '../../shared/optional-peer.js';

/**
 * The parts of a BullMQ `Queue` that the worker uses. Declared here, so that neither its types nor the package are
 * needed to compile.
 */
export interface QueueLike {
  /** The name of the queue. */
  readonly name: string;
  /** The options with which it was created. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly opts: any;
  /** Stores jobs. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  addBulk(jobs: any[]): Promise<unknown>;
  /** Returns a repeating job. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  getJobScheduler(id: string): Promise<any>;
  /** Stores a repeating job. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  upsertJobScheduler(id: string, repeat: any, template?: any): Promise<unknown>;
}

/** A job as its processor gets it. */
export interface BullJob {
  readonly name: string;
  readonly data: unknown;
  /** How often it has failed. */
  readonly attemptsMade: number;
}

/** The parts of a BullMQ `Worker` that are used. */
export interface BullWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
  disconnect(): Promise<void>;
  readonly lockManager?: { close(): Promise<void> };
}

type WorkerClass = new (
  name: string,
  processor: (job: BullJob) => Promise<unknown>,
  options: object,
) => BullWorker;

const METHODS = ['addBulk', 'getJobScheduler', 'upsertJobScheduler'] as const;

/** @throws TypeError if the value is not a Queue of BullMQ. */
export function checkQueue(given: unknown): asserts given is QueueLike {
  const queue = (given ?? {}) as Record<string, unknown>;
  const missing = METHODS.find((name) => typeof queue[name] !== 'function');
  if (missing === undefined && typeof queue['name'] === 'string' && typeof queue['opts'] === 'object') return;
  const is =
    typeof queue['addBulk'] === 'function'
      ? `a Queue without ${missing ?? 'a name'}(), which is older than version 5.16`
      : typeof given === 'object' && given !== null
        ? 'an object of another kind'
        : typeof given === 'string'
          ? `'${given.slice(0, 60)}'`
          : String(given);
  throw new TypeError(
    `bullmqWorker: the first argument is ${is}; allowed: a Queue of the package "bullmq"; ` +
      "give new Queue('image-cleanup', { connection })",
  );
}

/** Loads `Worker` of the optional peer beside this package or beside the app. @throws Error with the install command. */
export function loadWorker(places = [here, join(process.cwd(), 'package.json')]): WorkerClass {
  const load = loaderOf('bullmq', places);
  if (load) return (load() as { Worker: WorkerClass }).Worker;
  throw new Error(
    'bullmqWorker needs the package "bullmq", which is not installed. Run `npm install bullmq@6 ioredis@5`.',
  );
}
