/** How many errors the message of a job has; the journal lists all of them. */
const SHOWN = 10;

/** The error of a job, for a dashboard: the files that the journal will not try again. */
export function failureOf(errors: readonly string[]): Error {
  const shown = errors.slice(0, SHOWN).join('; ');
  const more = errors.length > SHOWN ? `; and ${String(errors.length - SHOWN)} more` : '';
  return new Error(
    `${String(errors.length)} of the files could not be removed, and the journal does not try them again: ${shown}${more}. ` +
      'Fix the cause, then retry this job',
  );
}
