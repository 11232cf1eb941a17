import type { NamedIntents } from '../../journal/due-ids.js';
import { inBatches } from '../../shared/groups.js';
import { Repeat } from '../repeat.js';
import { AT_ONCE, KEPT_MS, failureOf, readNamedIntents } from '../jobs.js';
import type { EngineParts, EngineSettings } from '../parts.js';
import { Running } from '../running.js';
import { NO_JOURNAL } from '../../journal/problem-report.js';
import { hasTooOldDriver, type AgendaJob, type AgendaLike, type StoredJob } from './agenda.js';

/** What a worker on Agenda needs. */
export interface AgendaParts extends EngineParts {
  readonly agenda: AgendaLike;
  readonly settings: EngineSettings & { readonly lockLifetimeMs: number; readonly name: string };
}

/**
 * How many intents one job has. Agenda looks for jobs only every `processEvery`, and takes five commands for each; jobs
 * that one process has locked are not available to others.
 */
const PACKET = 50;

const OLD_DRIVER =
  'Agenda uses a MongoDB driver older than version 6, such as that of Mongoose 7, with which it stores jobs and runs none; ' +
  'give its backend an address and install the package mongodb 6 or 7, or use cleanupFor(mongoose).work()';

/** Defines two kinds of jobs: one that looks for due intents and hands them out, and jobs that deliver them. */
export class AgendaWork {
  readonly #parts: AgendaParts;
  readonly #looking: string;
  readonly #delivering: string;
  readonly #running = new Running();
  readonly #upkeep: Repeat;
  #isStarted = false;
  #isStopped = false;

  /** @throws Error if this Agenda already has such a worker. */
  constructor(parts: AgendaParts) {
    const { agenda, settings } = parts;
    this.#parts = parts;
    this.#looking = `${settings.name}: look for due files`;
    this.#delivering = `${settings.name}: remove due files`;
    if (this.#looking in agenda.definitions) {
      throw new Error(
        `agendaWorker: this Agenda already has the job "${this.#looking}"; stop the worker that defined it first, ` +
          'or give this one another "name"',
      );
    }
    const { concurrency, lockLifetimeMs: lockLifetime } = settings;
    // a process locks only as many jobs as it works on, so that the others are free for other processes
    const limits = (atATime: number): object => ({
      concurrency: atATime,
      lockLimit: atATime,
      lockLifetime,
      removeOnComplete: true,
    });
    agenda.define(this.#looking, (job: AgendaJob) => this.#run(job, () => this.#look()), limits(1));
    agenda.define(
      this.#delivering,
      (job: AgendaJob) => this.#run(job, () => this.#deliver(job)),
      limits(concurrency),
    );
    this.#upkeep = new Repeat(settings.everyMs, () => this.#keepUp());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#upkeep.stop();
    await this.#running.ended();
    this.#undefine();
  }

  /** Removes the job definitions, for which Agenda has no function. Other processes then take the jobs of these names. */
  #undefine(): void {
    const { definitions } = this.#parts.agenda;
    for (const name of [this.#looking, this.#delivering]) Reflect.deleteProperty(definitions, name);
  }

  /** Starts Agenda and stores the repeating job, which gets lost if Agenda's storage does. */
  async #keepUp(): Promise<void> {
    const { agenda, trouble } = this.#parts;
    try {
      if (!this.#isStarted && !(await this.#start())) return;
      if (this.#isStopped) return;
      const { everyMs } = this.#parts.settings;
      const { jobs } = await agenda.queryJobs({ name: this.#looking, limit: 1 });
      const [stored] = jobs as readonly StoredJob[];
      if (stored?.repeatInterval !== everyMs) await agenda.every(everyMs, this.#looking);
      trouble.isOver();
    } catch (thrown) {
      if (!this.#isStopped) trouble.tell(thrown);
    }
  }

  /** Returns `false` if Agenda can never work. */
  async #start(): Promise<boolean> {
    const { agenda, trouble } = this.#parts;
    await agenda.ready;
    if (await hasTooOldDriver(agenda)) {
      trouble.tell(new Error(OLD_DRIVER));
      this.#upkeep.stop();
      this.#undefine();
      return false;
    }
    if (!this.#isStopped) await agenda.start();
    this.#isStarted = true;
    return true;
  }

  async #run(job: AgendaJob, act: () => Promise<void>): Promise<void> {
    // after the stop, another process hands the job's intents out again
    if (this.#isStopped) return;
    const { lockLifetimeMs } = this.#parts.settings;
    const touch = setInterval(() => {
      // if that fails, another process may take the job, too, which does no harm
      job.touch().catch(() => undefined);
    }, lockLifetimeMs / 3).unref();
    try {
      await this.#running.add(act());
    } finally {
      clearInterval(touch);
    }
  }

  async #look(): Promise<void> {
    const { agenda, deliveries, troubleOfJobs: trouble } = this.#parts;
    try {
      if (!deliveries.areAny) return trouble.tell(new Error(NO_JOURNAL));
      const due = await deliveries.due(AT_ONCE);
      const jobs = (await agenda.queryJobs({ name: this.#delivering })).jobs as readonly StoredJob[];
      const open = jobs.filter(({ state }) => state !== 'failed' && state !== 'completed');
      const handedOut = new Set(open.flatMap(({ data }) => readNamedIntents(data)?.ids ?? []));
      for (const packet of packetsOf(due, handedOut)) await agenda.now(this.#delivering, packet);
      await this.#forgetFailed(jobs);
      trouble.isOver();
    } catch (thrown) {
      trouble.tell(thrown);
      throw thrown;
    }
  }

  /** Removes failed jobs after some time. They stay for a while for the dashboard; the journal has the same information. */
  async #forgetFailed(jobs: readonly StoredJob[]): Promise<void> {
    const since = Date.now() - KEPT_MS;
    const old = jobs.filter(({ state, failedAt }) => state === 'failed' && failedAt && +failedAt < since);
    if (old.length > 0) await this.#parts.agenda.cancel({ ids: old.map(({ _id }) => _id) });
  }

  async #deliver({ attrs: { data, failCount = 0 } }: AgendaJob): Promise<void> {
    const { deliveries, troubleOfJobs: trouble } = this.#parts;
    const named = readNamedIntents(data);
    if (!named) throw new Error('this job names no intents of a journal; remove it');
    const how = { isRetry: failCount > 0, isStopped: () => this.#isStopped };
    const { errors } = await deliveries.deliver(named, how).catch((thrown: unknown) => {
      trouble.tell(thrown);
      // the intents that were not delivered are still due, and are handed out again
      throw thrown;
    });
    if (errors.length > 0) throw failureOf(errors);
  }
}

/** Divides intents into jobs, without the intents that are already handed out. */
function packetsOf(due: readonly NamedIntents[], handedOut: ReadonlySet<string>): NamedIntents[] {
  return due.flatMap(({ journal, ids }) =>
    [
      ...inBatches(
        ids.filter((id) => !handedOut.has(id)),
        PACKET,
      ),
    ].map((batch) => ({ journal, ids: batch })),
  );
}
