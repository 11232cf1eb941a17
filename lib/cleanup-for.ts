import type { ClientSession, Connection, Mongoose } from 'mongoose';
import type { AnyModel } from './schema/options.js';
import { isOptedOut } from './writes/opt-out.js';
import { JournalEntry } from './journal/entry.js';
import { keepingOf } from './journal/entry-for.js';
import { cleanupJournal, type CleanupJournal } from './journal/cleanup-journal.js';
import { journalOf } from './journal/journal-of.js';
import { fullNameOf } from './journal/redelivery.js';
import {
  runOnce,
  startWorker,
  type DueReport,
  type RunDueOptions,
  type Worker,
  type WorkOptions,
} from './journal/work.js';
import { Candidates, type WriteFacts } from './removal/candidates.js';
import { lastingMilliseconds } from './shared/duration.js';
import { ANYTHING, checkOptions, refuseUndefined } from './shared/option-rules.js';
import { asError } from './shared/time-limit.js';
import { askingOf, sourceOfNoField, type Cleaner } from './removal/cleaner.js';
import { cleanersOf } from './removal/cleaners-of.js';
import type { SweepOptions, SweepReport } from './sweep/index.js';
import { groupBy } from './shared/groups.js';
import { scheduleSweep, type SweepSchedule, type SweepScheduleOptions } from './sweep/schedule.js';
import { sweep } from './sweep/sweep.js';
import type { UnknownValues } from './removal/unknown-values.js';

/** What a process has learnt of one model's files. */
export interface ModelStatus {
  readonly model: string;
  /** Removals that failed for a passing reason and wait for another try. */
  readonly waiting: number;
  /** Values that no provider knew, by field. */
  readonly unknown: readonly UnknownValues[];
}

/** Options of `removeUnused`. */
export interface RemoveUnusedOptions {
  /** In its transaction: after its commit. */
  session?: ClientSession;
  /**
   * Files go after this time, unless something uses them by then: `'1h'`, or milliseconds of at least 1,000. Default: at once.
   * Needs the option `journal`, and a worker.
   */
  after?: string | number;
}

/** What an app can ask of the cleanup of a model, or of all models of a connection or of Mongoose. */
export interface Cleanup {
  /**
   * Removes these files if nothing uses them, asked in the same way as after a write: for what hooks cannot see, and for
   * uploads whose document could not be saved. `values` are stored forms. With `session` in a transaction: after its
   * commit. Resolves as the option `removal` says; never rejects for an outcome.
   *
   * ```ts
   * await cleanupFor(mongoose).removeUnused(['/uploads/a.png'], { after: '1h' });
   * ```
   *
   * @throws TypeError for values that are no array, for wrong options, and for `after` without the option `journal`.
   */
  removeUnused(values: readonly unknown[], options?: RemoveUnusedOptions): Promise<void>;
  /**
   * Removes, once, what the journal says is due: what processes left behind that ended before they could, and what has
   * stayed its grace period. For cron jobs and schedules of serverless platforms. Needs the option `journal`, and all models that
   * use files: what this process lacks a model for is left to others. Where no model has the option, the log says so.
   *
   * ```ts
   * const { delivered } = await cleanupFor(mongoose).runDue();
   * ```
   *
   * @throws TypeError for wrong options.
   */
  runDue(options?: RunDueOptions): Promise<DueReport>;
  /**
   * The same every so often, in any number of processes, until it is stopped. Does not keep a process alive.
   *
   * ```ts
   * const worker = cleanupFor(mongoose).work({ every: '10s' });
   * await worker.stop();
   * ```
   *
   * @throws TypeError for wrong options.
   */
  work(options?: WorkOptions): Worker;
  /** What waits in the journal, what failed, and what became of a document's files. Needs the option `journal`. */
  readonly journal: CleanupJournal;
  /**
   * Finds files that no document uses, and removes them with `remove: true`. See `sweep` for the options and the report.
   *
   * ```ts
   * const { counts } = await cleanupFor(mongoose).sweep({ olderThan: '7d' });
   * ```
   *
   * @throws TypeError for wrong options.
   */
  sweep(options?: Omit<SweepOptions, 'models'>): Promise<SweepReport>;
  /**
   * The same again and again, in one process at a time, until it is stopped.
   *
   * ```ts
   * const schedule = cleanupFor(mongoose).scheduleSweep({ every: '6h', remove: true });
   * await schedule.stop();
   * ```
   *
   * @throws TypeError for wrong options.
   */
  scheduleSweep(options: SweepScheduleOptions): SweepSchedule;
  /**
   * What this process has learnt so far, for each model: removals that wait for another try, and the values of each field
   * that no provider knew, which most often means a wrong `baseUrl`, `hosts` or cloud.
   *
   * ```ts
   * const [{ model, waiting, unknown }] = cleanupFor(User).status();
   * ```
   */
  status(): readonly ModelStatus[];
  /** Resolves when everything scheduled so far has an outcome, retries included. */
  idle(): Promise<void>;
  /**
   * Graceful end: what waits is tried once more at once and given up after `timeoutMs` (default: the option). Later
   * writes still work; their files are kept with the reason `closed`. Resolves with the number of removals given up.
   */
  close(options?: { timeoutMs?: number }): Promise<{ givenUp: number }>;
}

/**
 * The cleanup of a model, or of all models with the plugin that a connection or Mongoose has at the time of each call.
 *
 * @throws TypeError for a model without the plugin and for anything else.
 */
export function cleanupFor(target: AnyModel | Connection | Mongoose): Cleanup {
  const cleaners = cleanersOf('cleanupFor', target);
  const models = (): AnyModel[] => cleaners().map(({ model }) => model);
  return {
    removeUnused: (values, options = {}) => handOver(cleaners(), values, options),
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

const AT_ONCE_WITHOUT = "give a time such as '1h', or leave the option out to remove the files at once";

/** @throws TypeError for values that are no array, for wrong options, and where no model has the plugin. */
async function handOver(
  known: readonly Cleaner[],
  values: readonly unknown[],
  options: RemoveUnusedOptions,
): Promise<void> {
  if (!Array.isArray(values))
    throw new TypeError('removeUnused: the first argument must be an array of stored values');
  checkOptions('removeUnused', options, { session: ANYTHING, after: ANYTHING });
  refuseUndefined('removeUnused', options, { after: AT_ONCE_WITHOUT });
  const { session, after } = options;
  const [first] = known;
  if (!first)
    throw new TypeError('removeUnused: no registered model has the plugin; apply it before mongoose.model()');
  const afterMs = after === undefined ? undefined : lastingMilliseconds('removeUnused', 'after', after);
  const images = (values as unknown[]).filter(
    (value) => value !== null && value !== undefined && value !== '',
  );
  const byCleaner = groupBy(images, (value) => known.find((cleaner) => cleaner.owns(value)) ?? first);
  await Promise.all(
    [...byCleaner].map(([cleaner, own]) => removeUnused(cleaner, own, { session, others: known, afterMs })),
  );
}

interface Handing {
  readonly session: ClientSession | undefined;
  readonly others: readonly Cleaner[];
  readonly afterMs: number | undefined;
}

async function removeUnused(
  cleaner: Cleaner,
  values: readonly unknown[],
  { session, others, afterMs }: Handing,
): Promise<void> {
  if (cleaner.tracked.length === 0 || isOptedOut(cleaner, undefined)) return;
  const { model } = cleaner;
  const source = sourceOfNoField(cleaner, others);
  const write: WriteFacts = {
    model,
    operation: 'removeUnused',
    since: performance.now(),
    isDelete: false,
    alsoAsking: others.map(askingOf),
  };
  const candidates = new Candidates(write);
  for (const value of values) candidates.add({ value, source });
  const ownSession = session ?? ambientSession(model);
  if (afterMs === undefined) await cleaner.release(candidates, { session: ownSession });
  else await removeLater(cleaner, candidates, { session: ownSession, others, afterMs });
}

/** Notes the files in the journal; a worker asks about them when it is time. */
async function removeLater(
  cleaner: Cleaner,
  candidates: Candidates,
  { session, others, afterMs = 0 }: Handing,
): Promise<void> {
  const { model, options, reporter } = cleaner;
  const journal = journalOf(cleaner);
  if (!journal) {
    throw new TypeError(
      `removeUnused: the option "after" needs the plugin option "journal": true on "${model.modelName}"`,
    );
  }
  const { timeoutMs } = options;
  const entry = new JournalEntry(journal, {
    ...keepingOf(cleaner),
    graceMs: afterMs,
    timeoutMs,
    track: (work) => cleaner.track(work),
    alsoAsking: others.map(fullNameOf),
    collections: () => cleaner.askedCollections(others.map(askingOf)),
  });
  try {
    await entry.open(candidates.values(), { write: candidates.write, session });
  } catch (thrown) {
    reporter.allKept(candidates, { reason: 'unjournalled', error: asError(thrown) });
  }
}

/** The session of Mongoose's `transactionAsyncLocalStorage`, which a write would get here. */
function ambientSession({ base }: AnyModel): ClientSession | undefined {
  const { transactionAsyncLocalStorage: storage } = base as {
    transactionAsyncLocalStorage?: { getStore(): { session?: ClientSession } | undefined };
  };
  return storage?.getStore()?.session;
}
