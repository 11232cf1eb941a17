import type { Delivery } from '../../journal/deliveries.js';
import type { NamedIntents } from '../../journal/due-ids.js';
import { Repeat } from '../repeat.js';
import { AT_ONCE, KEPT_JOBS, KEPT_MS, failureOf, readNamedIntents } from '../jobs.js';
import type { EngineParts, EngineSettings } from '../parts.js';
import { Running } from '../running.js';
import { NO_JOURNAL } from '../../journal/problem-report.js';
import { loadWorker, type BullJob, type BullWorker, type QueueLike } from './queue.js';

/** What a worker on BullMQ needs. */
export interface BullParts extends EngineParts {
  readonly queue: QueueLike;
  readonly settings: EngineSettings & { readonly worker: object };
}

const LOOKING = 'look for due files';
const DELIVERING = 'remove due files';
/** The id of the repeating job of a queue, which all processes share. */
const SCHEDULER = 'image-cleanup';
/**
 * A repeating job that is late by this much has lost its next run, for example because somebody deleted it in a
 * dashboard.
 */
const LATE_MS = 60_000;
/** Time limit for closing, since a worker without Redis does not end by itself. */
const CLOSING_MS = 5_000;

/** A job is tried once; intents that are still due are handed out again. */
const ONCE = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: { age: KEPT_MS / 1000, count: KEPT_JOBS },
};

/** Two kinds of jobs in one queue: one that looks for due intents and hands them out, and one for each intent. */
export class BullWork {
  readonly #parts: BullParts;
  readonly #worker: BullWorker;
  readonly #running = new Running();
  readonly #upkeep: Repeat;
  #isStopped = false;
  #isLooking = false;

  constructor(parts: BullParts) {
    this.#parts = parts;
    const { queue, settings, trouble } = parts;
    const Worker = loadWorker();
    this.#worker = new Worker(
      queue.name,
      (job) => this.#running.add(this.#process(job)),
      optionsOfWorker(queue, settings),
    );
    this.#worker.on('error', (error) => {
      if (!this.#isStopped) trouble.tell(error);
    });
    this.#upkeep = new Repeat(settings.everyMs, () => this.#keepUp());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#upkeep.stop();
    const closed = this.#worker.close().then(
      () => true,
      () => false,
    );
    await this.#running.ended();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, CLOSING_MS);
    });
    const isClosed = await Promise.race([closed, late]);
    clearTimeout(timer);
    if (isClosed) return;
    // otherwise, BullMQ would try to reconnect and to renew locks, which keeps the process alive
    this.#worker.disconnect().catch(() => undefined);
    this.#worker.lockManager?.close().catch(() => undefined);
  }

  /** Stores the repeating job, which gets lost if Redis loses its data. */
  async #keepUp(): Promise<void> {
    const { queue, settings, trouble } = this.#parts;
    const { everyMs } = settings;
    try {
      const stored = (await queue.getJobScheduler(SCHEDULER)) as
        { every?: unknown; next?: number } | undefined;
      const isLate = (stored?.next ?? 0) < Date.now() - everyMs - LATE_MS;
      if (Number(stored?.every) !== everyMs || isLate)
        await queue.upsertJobScheduler(SCHEDULER, { every: everyMs }, { name: LOOKING, opts: ONCE });
      trouble.isOver();
    } catch (thrown) {
      if (!this.#isStopped) trouble.tell(thrown);
    }
  }

  /** Looks for due intents once at a time. Otherwise, slow looks would take the places of jobs that deliver. */
  async #lookUnlessLooking(): Promise<{ due: number } | undefined> {
    if (this.#isLooking) return undefined;
    this.#isLooking = true;
    try {
      return await this.#look();
    } finally {
      this.#isLooking = false;
    }
  }

  async #process({ name, data, attemptsMade }: BullJob): Promise<unknown> {
    // after the stop, another process hands the job's intents out again
    if (this.#isStopped) return undefined;
    if (name === LOOKING) return this.#lookUnlessLooking();
    const named = readNamedIntents(data);
    if (name === DELIVERING && named) return this.#deliver(named, attemptsMade > 0);
    throw new Error(
      `the queue "${this.#parts.queue.name}" has a job "${name}" that bullmqWorker did not add; bullmqWorker needs a queue of its own: ` +
        'add this job to another queue',
    );
  }

  async #look(): Promise<{ due: number } | undefined> {
    const { queue, deliveries, troubleOfJobs } = this.#parts;
    try {
      if (!deliveries.areAny) {
        troubleOfJobs.tell(new Error(NO_JOURNAL));
        return undefined;
      }
      const due = await deliveries.due(AT_ONCE);
      // a job that waits or runs is not stored twice; once it has ended, it can be stored again
      const jobs = due.flatMap(({ journal, ids }) =>
        ids.map((id) => ({
          name: DELIVERING,
          data: { journal, ids: [id] },
          opts: { ...ONCE, deduplication: { id } },
        })),
      );
      if (jobs.length > 0) await queue.addBulk(jobs);
      troubleOfJobs.isOver();
      return { due: jobs.length };
    } catch (thrown) {
      troubleOfJobs.tell(thrown);
      throw thrown;
    }
  }

  async #deliver(named: NamedIntents, isRetry: boolean): Promise<Omit<Delivery, 'errors'>> {
    const { deliveries, troubleOfJobs } = this.#parts;
    const { errors, ...counts } = await deliveries.deliver(named, { isRetry }).catch((thrown: unknown) => {
      troubleOfJobs.tell(thrown);
      throw thrown;
    });
    if (errors.length > 0) throw failureOf(errors);
    return counts;
  }
}

/** @throws TypeError for a client on which BullMQ cannot wait for jobs. */
function optionsOfWorker(
  queue: QueueLike,
  { concurrency, worker }: { readonly concurrency: number; readonly worker: object },
): object {
  const { connection, prefix } = queue.opts as { connection?: unknown; prefix?: string };
  const options = { connection, ...(prefix !== undefined && { prefix }), concurrency, ...worker };
  if (isUnfit(options.connection)) {
    throw new TypeError(
      'bullmqWorker: the connection of the queue is a client whose option "maxRetriesPerRequest" is not null; allowed: a client where it is null, ' +
        "or connection options; correct it, or give the option worker: { connection: { host: 'localhost' } }",
    );
  }
  return options;
}

/** BullMQ refuses such a client, too, but leaves a connection behind that cannot be closed. */
function isUnfit(connection: unknown): boolean {
  const { duplicate, options } = (connection ?? {}) as { duplicate?: unknown; options?: unknown };
  if (typeof duplicate !== 'function') return false;
  return Boolean(((options ?? {}) as { maxRetriesPerRequest?: unknown }).maxRetriesPerRequest);
}
