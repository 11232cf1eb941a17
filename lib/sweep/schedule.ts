import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { isolated } from '../shared/isolated.js';
import { asError } from '../shared/time-limit.js';
import { milliseconds } from './duration.js';
import { Lease } from './lease.js';
import { readSweepOptions, type SweepOptions } from './sweep-options.js';
import type { SweepReport } from './report.js';
import { labelOf, ownersOf } from './storages.js';
import { sweep } from './sweep.js';

/** Options of a sweep that is repeated. */
export interface ReconcileOptions extends Omit<SweepOptions, 'models'> {
  /** How often, over all processes together: `'6h'`, or milliseconds of at least 1000. */
  every: string | number;
  /** Every report of a sweep that this process did. What it throws is isolated. */
  onReport?: (report: SweepReport) => unknown;
  /** A sweep that threw: the next one is tried in time. Default: the `logger` of the plugin's options. */
  onError?: (error: Error) => unknown;
}

/** Sweeps that come again and again, until stopped. */
export interface Reconciliation {
  /** Sweeps now, if it is time to and no other process does. `null`: it was not, or one does. */
  runIfDue(): Promise<SweepReport | null>;
  /** Ends it; a sweep under way stops between two batches of files. Resolves when it has. */
  stop(): Promise<void>;
}

/** How long a process that died keeps the others from sweeping, and how often a living one says that it lives. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 15_000;
/** A process looks this much more often than it may sweep, so that it soon takes over from one that ended. */
const LOOKS = 10;
const LONGEST_PAUSE = 2 ** 31 - 1;

/**
 * A sweep of these models every so often, one at a time over all processes that ask for it: they share a lease in the
 * collection `imagecleanupleases` of the first model's database. A dry run, too, unless `remove: true`.
 *
 * @throws TypeError for wrong options.
 */
export function reconcile(models: readonly AnyModel[], options: ReconcileOptions): Reconciliation {
  const { every, onReport, onError, ...sweepOptions } = options;
  const everyMs = milliseconds('every', every);
  if (everyMs < 1000)
    throw new TypeError(`sweep: the option "every" is ${String(every)}; allowed: at least '1s'`);
  readSweepOptions({ ...sweepOptions, models });
  const stopped = new AbortController();
  let running: Promise<SweepReport | null> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const runIfDue = (): Promise<SweepReport | null> => {
    if (stopped.signal.aborted) return Promise.resolve(null);
    running ??= sweepUnderLease(models, sweepOptions, everyMs, stopped.signal).finally(() => {
      running = undefined;
    });
    return running.then((report) => {
      if (report) isolated(() => onReport?.(report));
      return report;
    });
  };
  const look = (): void => {
    runIfDue()
      .catch((thrown: unknown) => {
        const tell =
          onError ??
          ((error: Error) => loggerOf(models).error(`mongoose-image-cleanup: sweep: ${error.message}`));
        isolated(() => tell(asError(thrown)));
      })
      .finally(schedule);
  };
  const schedule = (): void => {
    if (stopped.signal.aborted) return;
    // not all processes at the same moment, and none of them kept alive by it
    const pause = (everyMs / LOOKS) * (0.75 + Math.random() / 2);
    timer = setTimeout(look, Math.min(pause, LONGEST_PAUSE)).unref();
  };
  schedule();
  return {
    runIfDue,
    async stop() {
      stopped.abort(new Error('stopped'));
      clearTimeout(timer);
      await running?.catch(() => undefined);
    },
  };
}

async function sweepUnderLease(
  models: readonly AnyModel[],
  options: Omit<SweepOptions, 'models'>,
  everyMs: number,
  stopped: AbortSignal,
): Promise<SweepReport | null> {
  const [first] = models;
  await first!.db.asPromise();
  const lease = new Lease(first!.db.db as unknown as mongo.Db, leaseName(models), LEASE_MS);
  if (!(await lease.take(everyMs))) return null;
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
  const signals = [stopped, lost.signal, ...(options.signal ? [options.signal] : [])];
  try {
    return await sweep({ ...options, models, signal: AbortSignal.any(signals) });
  } finally {
    clearInterval(renewal);
    await lease.release();
  }
}

/** Two sweeps exclude each other if they are over the same storages. */
function leaseName(models: readonly AnyModel[]): string {
  const labels = ownersOf(models).map(({ provider }) => labelOf(provider));
  const hash = createHash('sha256').update(JSON.stringify([...new Set(labels)].sort()));
  return `sweep:${hash.digest('hex').slice(0, 16)}`;
}

function loggerOf(models: readonly AnyModel[]): { error(message: string): void } {
  return ownersOf(models)[0]?.options.logger ?? console;
}
