import type { Connection, Mongoose } from 'mongoose';
import { cleanupJournal, type CleanupJournal } from './journal/cleanup-journal.js';
import {
  runOnce,
  startWorker,
  type DueReport,
  type RunDueOptions,
  type Worker,
  type WorkOptions,
} from './journal/worker.js';
import { cleanersOf } from './removal/cleaners.js';
import type { UnknownValues } from './removal/unknown-values.js';
import type { AnyModel } from './schema/options.js';
import type { SweepOptions, SweepReport } from './sweep/index.js';
import { scheduleSweep, type SweepSchedule, type SweepScheduleOptions } from './sweep/schedule.js';
import { sweep } from './sweep/sweep.js';
import { removeUnused, type RemoveUnusedOptions } from './writes/remove-unused.js';

/** What this process knows about the files of one model. */
export interface ModelStatus {
  /** The name of the model. */
  readonly model: string;
  /** Number of removals that failed for a temporary reason and wait for another attempt. */
  readonly waiting: number;
  /** Values that no provider of their field knew, by field. */
  readonly unknown: readonly UnknownValues[];
}

/** What an app can ask of the cleanup of one model, or of all models of a connection or of Mongoose. */
export interface Cleanup {
  /**
   * Removes these files if nothing uses them, with the same check as after a write. Use it for changes that hooks
   * cannot see, and for uploads whose document could not be saved.
   *
   * `values` are values as documents store them. Resolves as the option `removal` says, and never rejects because of
   * the outcome of a removal; outcomes are reported as events.
   *
   * ```ts
   * await cleanupFor(mongoose).removeUnused(['/uploads/a.png'], { after: '1h' });
   * ```
   *
   * @throws TypeError if `values` is not an array, if an option is wrong, or if `after` is given without the plugin
   * option `journal`.
   */
  removeUnused(values: readonly unknown[], options?: RemoveUnusedOptions): Promise<void>;
  /**
   * Performs, once, the removals that are due according to the journal: those of processes that ended before they could
   * perform them, and those whose grace period is over. Use it in cron jobs and on serverless platforms.
   *
   * Needs the option `journal`, and all models that may use files. Intents of models that this process has not loaded
   * are left to other processes. If no model has the option, a warning is logged.
   *
   * ```ts
   * const { delivered } = await cleanupFor(mongoose).runDue();
   * ```
   *
   * @throws TypeError if an option is wrong.
   */
  runDue(options?: RunDueOptions): Promise<DueReport>;
  /**
   * Performs due removals like `runDue`, repeatedly until it is stopped. Any number of processes can run a worker. A
   * worker does not keep its process alive.
   *
   * ```ts
   * const worker = cleanupFor(mongoose).work({ every: '10s' });
   * await worker.stop();
   * ```
   *
   * @throws TypeError if an option is wrong.
   */
  work(options?: WorkOptions): Worker;
  /**
   * The files that wait in the journal, those that failed, and the outcomes of a document's files. Needs the option
   * `journal`.
   */
  readonly journal: CleanupJournal;
  /**
   * Finds files that no document uses and, with `remove: true`, removes them. See `sweep` for the options and the
   * report.
   *
   * ```ts
   * const { counts } = await cleanupFor(mongoose).sweep({ olderThan: '7d' });
   * ```
   *
   * @throws TypeError if an option is wrong.
   */
  sweep(options?: Omit<SweepOptions, 'models'>): Promise<SweepReport>;
  /**
   * Sweeps repeatedly, in one process at a time, until it is stopped.
   *
   * ```ts
   * const schedule = cleanupFor(mongoose).scheduleSweep({ every: '6h', remove: true });
   * await schedule.stop();
   * ```
   *
   * @throws TypeError if an option is wrong.
   */
  scheduleSweep(options: SweepScheduleOptions): SweepSchedule;
  /**
   * What this process knows about each model: the number of removals that wait for another attempt, and the values that
   * no provider knew. Unknown values usually mean a wrong `baseUrl`, `hosts` or cloud.
   *
   * ```ts
   * const [{ model, waiting, unknown }] = cleanupFor(User).status();
   * ```
   */
  status(): readonly ModelStatus[];
  /** Resolves when every removal that was scheduled so far has an outcome, retries included. */
  idle(): Promise<void>;
  /**
   * Shuts down. Removals that wait are attempted once more at once, and are given up after `timeoutMs` milliseconds
   * (default: the plugin option `timeoutMs`). Later writes still work; their files are kept with the reason `closed`.
   * Resolves with the number of removals that were given up.
   */
  close(options?: { timeoutMs?: number }): Promise<{ givenUp: number }>;
}

/**
 * Returns the cleanup of a model, or of all models with the plugin that a connection or Mongoose has at the time of
 * each call.
 *
 * ```ts
 * const cleanup = cleanupFor(mongoose);
 * await cleanup.removeUnused(['/uploads/a.png']);
 * await cleanup.close();
 * ```
 *
 * @throws TypeError if the target is a model without the plugin, or is not a model, a connection or Mongoose.
 */
export function cleanupFor(target: AnyModel | Connection | Mongoose): Cleanup {
  const cleaners = cleanersOf('cleanupFor', target);
  const models = (): AnyModel[] => cleaners().map(({ model }) => model);
  return {
    removeUnused: (values, options = {}) => removeUnused(cleaners(), values, options),
    async sweep(options = {}) {
      return sweep({ ...options, models: models() });
    },
    scheduleSweep: (options) => scheduleSweep(models(), options),
    runDue: (options = {}) => runOnce(cleaners, options),
    work: (options = {}) => startWorker(cleaners, options),
    journal: cleanupJournal(cleaners),
    status: () => cleaners().map((cleaner) => cleaner.status()),
    async idle() {
      await Promise.all(cleaners().map((cleaner) => cleaner.idle()));
    },
    async close({ timeoutMs } = {}) {
      const counts = await Promise.all(
        cleaners().map((cleaner) => cleaner.close(timeoutMs ?? cleaner.options.timeoutMs)),
      );
      return { givenUp: counts.reduce((sum, count) => sum + count, 0) };
    },
  };
}
