import type { NamedIntents } from '../journal/due-ids.js';

/** How many intents of one journal are handed out at a time, so that the storage of an engine never holds more. */
export const AT_ONCE = 1000;

/** How long failed jobs are kept. */
export const KEPT_MS = 7 * 86_400_000;
export const KEPT_JOBS = 1000;
/** How many errors the message of a job has; the journal lists all of them. */
const SHOWN = 10;

/** Reads the intents that a stored job names; `undefined` if it names none. Anybody may have written the job. */
export function readNamedIntents(data: unknown): NamedIntents | undefined {
  const { journal, ids } = (data ?? {}) as { journal?: unknown; ids?: unknown };
  if (typeof journal !== 'string' || !Array.isArray(ids)) return undefined;
  return { journal, ids: ids.filter((one): one is string => typeof one === 'string') };
}

/** The error of a job, for a dashboard: the files that the journal will not try again. */
export function failureOf(errors: readonly string[]): Error {
  const shown = errors.slice(0, SHOWN).join('; ');
  const more = errors.length > SHOWN ? `; and ${String(errors.length - SHOWN)} more` : '';
  return new Error(
    `${String(errors.length)} of the files could not be removed, and the journal does not try them again: ${shown}${more}. ` +
      'Fix the cause, then retry this job',
  );
}
