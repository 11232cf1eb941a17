import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { isolated } from '../shared/isolated.js';
import { asError } from '../shared/time-limit.js';
import { everyMilliseconds } from '../shared/duration.js';
import { Lease } from './lease.js';
import { readSweepOptions, type SweepOptions } from './sweep-options.js';
import type { SweepReport } from './report.js';
import { labelOf, ownersOf } from './storages.js';
import { sweep } from './sweep.js';

/** Options of `cleanupFor(…).scheduleSweep`. */
export interface SweepScheduleOptions extends Omit<SweepOptions, 'models'> {
  /** How often to sweep, over all processes together: `'6h'`, or a number of milliseconds of at least 1,000. */
  every: string | number;
  /** Called with the report of every sweep of this process. An error that it throws is ignored. */
  onReport?: (report: SweepReport) => unknown;
  /** Called when a sweep throws; the next one is done at its time. Default: the `logger` of the plugin's options. */
  onError?: (error: Error) => unknown;
}

/**
 * Repeated sweeps, until they are stopped.
 *
 * ```ts
 * const schedule = cleanupFor(mongoose).scheduleSweep({ every: '6h', remove: true });
 * await schedule.runIfDue(); // a report, or null if no sweep is due
 * await schedule.stop();
 * ```
 */
export interface SweepSchedule {
  /** Sweeps now if a sweep is due and no other process sweeps. Otherwise resolves with `null`. */
  runIfDue(): Promise<SweepReport | null>;
  /** Stops the schedule. A sweep under way stops between two batches of files. Resolves when it has stopped. */
  stop(): Promise<void>;
}

/** How long the lease of a process that died stays valid. A process that is alive renews it more often. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 15_000;
/** How many times per interval a process looks whether a sweep is due, so that it soon takes over from one that ended. */
const LOOKS = 10;
const LONGEST_PAUSE = 2 ** 31 - 1;

/**
 * Sweeps these models repeatedly, one sweep at a time over all processes that do so. The processes share a lease in the
 * collection `imagecleanupleases` of the first model's database. Each sweep is a dry run, unless `remove` is true.
 *
 * @throws TypeError if an option is wrong.
 */
export function scheduleSweep(models: readonly AnyModel[], options: SweepScheduleOptions): SweepSchedule {
  const schedule = new Schedule(models, options);
  schedule.start();
  return { runIfDue: () => schedule.runIfDue(), stop: () => schedule.stop() };
}

class Schedule {
  readonly #models: readonly AnyModel[];
  readonly #options: Omit<SweepScheduleOptions, 'every'>;
  readonly #everyMs: number;
  readonly #stopped = new AbortController();
  #running: Promise<SweepReport | null> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(models: readonly AnyModel[], { every, ...options }: SweepScheduleOptions) {
    this.#models = models;
    this.#options = options;
    this.#everyMs = everyMilliseconds('sweep', every, 1000);
    readSweepOptions(this.#sweepOptions());
  }

  start(): void {
    if (this.#stopped.signal.aborted) return;
    // processes look at different moments, and the timer keeps none of them alive
    const pause = (this.#everyMs / LOOKS) * (0.75 + Math.random() / 2);
    const look = (): void => void this.#look();
    this.#timer = setTimeout(look, Math.min(pause, LONGEST_PAUSE)).unref();
  }

  async runIfDue(): Promise<SweepReport | null> {
    if (this.#stopped.signal.aborted) return null;
    this.#running ??= this.#sweepUnderLease().finally(() => {
      this.#running = undefined;
    });
    const report = await this.#running;
    if (report) isolated(() => this.#options.onReport?.(report));
    return report;
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('stopped'));
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  async #look(): Promise<void> {
    try {
      await this.runIfDue();
    } catch (thrown) {
      const { onError } = this.#options;
      const error = asError(thrown);
      const { logger } = ownersOf(this.#models)[0]?.options ?? { logger: console };
      isolated(() =>
        onError ? onError(error) : logger.error(`mongoose-image-cleanup: sweep: ${error.message}`),
      );
    }
    this.start();
  }

  #sweepOptions(signal = this.#options.signal): SweepOptions {
    const { onReport: _r, onError: _e, ...options } = this.#options;
    return { ...options, models: this.#models, ...(signal && { signal }) };
  }

  async #sweepUnderLease(): Promise<SweepReport | null> {
    const { db } = this.#models[0]!;
    await db.asPromise();
    const lease = new Lease(db.db as unknown as mongo.Db, leaseName(this.#models), LEASE_MS);
    if (!(await lease.take(this.#everyMs))) return null;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      lease.renew().then(
        (isOurs) => {
          if (!isOurs) lost.abort(new Error('another process has taken over the sweep'));
        },
        () => {
          lost.abort(new Error('the lease could not be renewed'));
        },
      );
    }, RENEWAL_MS).unref();
    const { signal } = this.#options;
    const signals = [this.#stopped.signal, lost.signal, ...(signal ? [signal] : [])];
    try {
      return await sweep(this.#sweepOptions(AbortSignal.any(signals)));
    } finally {
      clearInterval(renewal);
      await lease.release();
    }
  }
}

/** Two sweeps exclude each other if they are over the same storages. */
function leaseName(models: readonly AnyModel[]): string {
  const labels = ownersOf(models).map(({ provider }) => labelOf(provider));
  const hash = createHash('sha256').update(JSON.stringify([...new Set(labels)].sort()));
  return `sweep:${hash.digest('hex').slice(0, 16)}`;
}
