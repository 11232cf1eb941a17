/** Errors in the message of a job; a journal lists them all. */
const SHOWN = 10;

/** Files for which no more try follows, as a dashboard shows it. */
export function failureOf(errors: readonly string[]): Error {
  const shown = errors.slice(0, SHOWN).join('; ');
  const more = errors.length > SHOWN ? `; and ${String(errors.length - SHOWN)} more` : '';
  return new Error(
    `${String(errors.length)} of the files could not be removed, and the journal does not try them again: ${shown}${more}. ` +
      'Fix the cause, then retry this job',
  );
}
