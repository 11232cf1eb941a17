import type { Connection, Mongoose } from 'mongoose';
import type { AnyModel } from '../../schema/options.js';
import { isPlainObject, type Rule } from '../../shared/option-rules.js';
import type { EngineOptions, EngineWorker } from '../options.js';
import { enginePartsOf } from '../parts.js';
import { checkQueue, type QueueLike } from './queue.js';
import { BullWork } from './work.js';

export type { QueueLike } from './queue.js';
export type { EngineOptions, EngineWorker } from '../options.js';

/** Options of `bullmqWorker`. */
export interface BullmqWorkerOptions extends EngineOptions {
  /**
   * Options of BullMQ's own `Worker`, such as `{ connection, limiter: { max: 10, duration: 1000 } }`. Default: the
   * connection and the prefix of the queue.
   */
  worker?: object;
}

const OPTIONS_OF_WORKER: Rule = { allowed: "an object with options of BullMQ's Worker", is: isPlainObject };

/**
 * Hands the due intents of the journal to BullMQ 6, which provides scheduling, locks and dashboards. One repeating job
 * looks for due intents, and one job for each intent delivers it in any of the processes that call this function.
 *
 * The journal remains the source of truth: lost jobs are handed out again, and a temporary failure is tried again when
 * the journal says so, never by BullMQ. A job fails if the journal will not try one of its files again; when it is
 * retried from a dashboard, it tries these files again. Jobs that succeed are removed, and failed jobs are removed
 * after a week.
 *
 * Call this function in each process that has the models, instead of `cleanupFor(mongoose).work()`, with a queue that
 * has no other jobs. The app closes the queue, after this worker.
 *
 * @param target mongoose, a connection or a model, as for `cleanupFor`.
 *
 * @example
 * import { Queue } from 'bullmq';
 * const queue = new Queue('image-cleanup', { connection: { host: 'localhost', port: 6379 } });
 * const worker = bullmqWorker(queue, mongoose, { every: '10s', concurrency: 4 });
 * await worker.stop();
 *
 * @throws TypeError if the first argument is not a Queue of BullMQ, if a worker cannot use its connection, if the
 * target is wrong, or if an option is wrong; Error with the install command if `bullmq` is not installed.
 */
export function bullmqWorker(
  queue: QueueLike,
  target: AnyModel | Connection | Mongoose,
  options: BullmqWorkerOptions = {},
): EngineWorker {
  checkQueue(queue);
  const parts = enginePartsOf({ owner: 'bullmqWorker', target }, options, { worker: OPTIONS_OF_WORKER });
  const settings = { ...parts.settings, worker: options.worker ?? {} };
  const work = new BullWork({ ...parts, queue, settings });
  return { stop: () => work.stop() };
}
