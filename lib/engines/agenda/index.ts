import type { Connection, Mongoose } from 'mongoose';
import type { AnyModel } from '../../schema/options.js';
import { milliseconds } from '../../shared/duration.js';
import { ANYTHING, refuse, TEXT } from '../../shared/option-rules.js';
import type { EngineOptions, EngineWorker } from '../options.js';
import { enginePartsOf } from '../parts.js';
import { checkAgenda, type AgendaLike } from './agenda.js';
import { AgendaWork } from './work.js';

export type { AgendaLike } from './agenda.js';
export type { EngineOptions, EngineWorker } from '../options.js';

/** Options of `agendaWorker`. */
export interface AgendaWorkerOptions extends EngineOptions {
  /**
   * After this time, other processes take up the jobs of a process that was killed: `'1m'`, or a number of milliseconds
   * of at least 1,000. Jobs that take longer renew their lock. Default `'1m'`.
   */
  lockLifetime?: string | number;
  /**
   * The beginning of the names of the two jobs. Apps that share Agenda's collection, but not their models, need
   * different names. Default `'image-cleanup'`.
   */
  name?: string;
}

/**
 * Hands the due intents of the journal to Agenda 6, which provides scheduling, locks and a dashboard. One repeating job
 * looks for due intents, and jobs of up to 50 intents each deliver them in any of the processes that call this
 * function.
 *
 * The journal remains the source of truth: lost jobs are handed out again, and a temporary failure is tried again when
 * the journal says so, never by Agenda. A job fails if the journal will not try one of its files again; when it is
 * retried from a dashboard, it tries these files again. Jobs that succeed are removed.
 *
 * Call this function in each process that has the models, instead of `cleanupFor(mongoose).work()`. It starts Agenda if
 * the app has not started it. The app stops Agenda, after this worker.
 *
 * @param target mongoose, a connection or a model, as for `cleanupFor`.
 *
 * @example
 * import { Agenda } from 'agenda';
 * import { MongoBackend } from '@agendajs/mongo-backend';
 * const agenda = new Agenda({ backend: new MongoBackend({ address: 'mongodb://localhost/jobs' }) });
 * const worker = agendaWorker(agenda, mongoose, { every: '10s', concurrency: 4 });
 * await worker.stop();
 *
 * @throws TypeError if the first argument is not an Agenda of version 6, if the target is wrong, or if an option is
 * wrong; Error if the Agenda already has such a worker.
 */
export function agendaWorker(
  agenda: AgendaLike,
  target: AnyModel | Connection | Mongoose,
  options: AgendaWorkerOptions = {},
): EngineWorker {
  const owner = 'agendaWorker';
  checkAgenda(agenda);
  const parts = enginePartsOf({ owner, target }, options, { lockLifetime: ANYTHING, name: TEXT });
  const { lockLifetime = '1m', name = 'image-cleanup' } = options;
  const lockLifetimeMs = milliseconds(owner, 'lockLifetime', lockLifetime);
  if (lockLifetimeMs < 1000)
    refuse({ owner, name: 'lockLifetime', given: lockLifetime, allowed: 'at least 1,000 milliseconds' });
  const settings = { ...parts.settings, lockLifetimeMs, name };
  const work = new AgendaWork({ ...parts, agenda, settings });
  return { stop: () => work.stop() };
}
