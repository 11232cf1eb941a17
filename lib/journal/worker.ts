import { randomUUID } from 'node:crypto';
import type { Cleaner } from '../removal/cleaner.js';
import { everyMilliseconds } from '../shared/duration.js';
import { isolated } from '../shared/isolated.js';
import { checkOptions, integer, SIGNAL, ANYTHING, FUNCTION } from '../shared/option-rules.js';
import { forEachOf } from '../shared/pool.js';
import { asError } from '../shared/time-limit.js';
import type { Intent } from './intent.js';
import { journalsOf, machinesOf } from './journal-of.js';
import type { Journal } from './journal.js';
import { Undeliverable } from './undeliverable.js';
import { redeliver } from './redelivery.js';
import { NO_JOURNAL, ProblemReport } from './problem-report.js';

/** Options of `runDue`. */
export interface RunDueOptions {
  /** How many intents to process at the same time. Default 4. */
  concurrency?: number;
  /** Stops between two intents when it is aborted. */
  signal?: AbortSignal;
}

/** Options of `work`. */
export interface WorkOptions {
  /** How often to look for due intents: `'10s'`, or a number of milliseconds of at least 100. Default `'10s'`. */
  every?: string | number;
  /** How many intents to process at the same time. Default 4. */
  concurrency?: number;
  /** Called with a report each time the worker has looked for due intents. */
  onLook?: (report: DueReport) => unknown;
  /**
   * Called when the worker could not look for due intents; it tries again at the next interval. Default: the `logger`
   * of the plugin's options.
   */
  onError?: (error: Error) => unknown;
}

/** What a worker did when it looked for due intents. */
export interface DueReport {
  /** Intents whose files have an outcome, or are scheduled for another attempt. */
  readonly delivered: number;
  /** Intents left to a process that knows their model and provider. */
  readonly left: number;
}

/** A worker that looks for due intents repeatedly. */
export interface Worker {
  /** Stops the worker. Resolves when the intents that it has taken are done. */
  stop(): Promise<void>;
}

/** How many intents a worker takes at once, and for how long other workers leave them alone unless it renews the claim. */
const CLAIM = 16;
const LEASE_MS = 60_000;
const RENEWAL_MS = 20_000;

/** Delivers the due intents of the models that this process knows. */
export class DueIntents {
  readonly #cleaners: () => readonly Cleaner[];
  readonly #obstacles: Undeliverable;
  readonly #worker = randomUUID();

  constructor(cleaners: () => readonly Cleaner[]) {
    this.#cleaners = cleaners;
    this.#obstacles = new Undeliverable(cleaners);
  }

  /** Runs until nothing is due that this process can deliver. */
  async run({ concurrency = 4, signal }: RunDueOptions): Promise<DueReport> {
    const report = { delivered: 0, left: 0 };
    for (const journal of journalsOf(this.#cleaners())) {
      for (let isMore = true; isMore && signal?.aborted !== true;) {
        const intents = await journal.claim(this.#worker, {
          limit: CLAIM,
          leaseMs: LEASE_MS,
          machines: machinesOf(this.#cleaners()),
          lacking: this.#obstacles.lackingIn(journal),
        });
        isMore = intents.length > 0;
        await this.#deliver(journal, intents, { concurrency, signal, report });
      }
    }
    return report;
  }

  async #deliver(
    journal: Journal,
    intents: readonly Intent[],
    {
      concurrency,
      signal,
      report,
    }: Required<Pick<RunDueOptions, 'concurrency'>> & {
      signal: AbortSignal | undefined;
      report: { delivered: number; left: number };
    },
  ): Promise<void> {
    const ids = intents.map(({ _id }) => _id);
    const renewal = setInterval(() => {
      journal.renew(this.#worker, ids, LEASE_MS).catch(() => undefined);
    }, RENEWAL_MS).unref();
    try {
      await forEachOf(intents, concurrency, async (intent) => {
        if (signal?.aborted) return journal.putBack([intent._id], 0);
        const obstacle = await redeliver(intent, { journal, cleaners: this.#cleaners() });
        if (obstacle === undefined) report.delivered++;
        else {
          report.left++;
          await this.#obstacles.leave(intent, journal, obstacle);
        }
      });
    } finally {
      clearInterval(renewal);
    }
  }
}

/** Looks for due intents repeatedly, until it is stopped. @throws TypeError if an option is wrong. */
export function startWorker(cleaners: () => readonly Cleaner[], options: WorkOptions): Worker {
  const everyMs = checkWork(options);
  const { concurrency = 4, onLook, onError } = options;
  const stopped = new AbortController();
  const due = new DueIntents(cleaners);
  const trouble = new ProblemReport({ owner: 'work', cleaners, onError });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    tellOfNoJournal(cleaners, trouble);
    try {
      const report = await due.run({ concurrency, signal: stopped.signal });
      isolated(() => onLook?.(report));
    } catch (thrown) {
      const error = asError(thrown);
      isolated(() => (onError ? onError(error) : cleaners()[0]?.reporter.warn(`journal: ${error.message}`)));
    }
    if (!stopped.signal.aborted) start(everyMs);
  };
  const start = (pause: number): void => {
    timer = setTimeout(
      () => {
        running = look();
      },
      Math.min(pause, 2 ** 31 - 1),
    ).unref();
  };
  start(0);
  return {
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

/** Delivers once what is due now. @throws TypeError if an option is wrong. */
export async function runOnce(
  cleaners: () => readonly Cleaner[],
  options: RunDueOptions,
): Promise<DueReport> {
  checkRunDue(options);
  tellOfNoJournal(cleaners, new ProblemReport({ owner: 'runDue', cleaners, onError: undefined }));
  return new DueIntents(cleaners).run(options);
}

/** A process that has loaded no models would otherwise look forever and find nothing. */
function tellOfNoJournal(cleaners: () => readonly Cleaner[], trouble: ProblemReport): void {
  if (journalsOf(cleaners()).size === 0) trouble.tell(new Error(NO_JOURNAL));
}

/** Returns the milliseconds between two looks. @throws TypeError if an option is wrong. */
export function checkWork(options: WorkOptions): number {
  const rules = { every: ANYTHING, concurrency: integer(1, 100), onLook: FUNCTION, onError: FUNCTION };
  checkOptions('work', options, rules);
  return everyMilliseconds('work', options.every ?? '10s', 100);
}

/** @throws TypeError if an option is wrong. */
function checkRunDue(options: RunDueOptions): void {
  checkOptions('runDue', options, { concurrency: integer(1, 100), signal: SIGNAL });
}
