import { journalOf } from '../journal/journal-of.js';
import { cleanerOf } from '../removal/cleaner.js';
import { asError } from '../shared/time-limit.js';
import { kindOf } from '../usage/reading.js';
import { comparableKey } from './key-table.js';
import type { SweepRun } from './run.js';

/** Files that wait in a journal are left to it: a document may take them up again until they are due. */
export async function leaveIntended(run: SweepRun): Promise<void> {
  const cleaners = run.scope.models.flatMap((model) => cleanerOf(model) ?? []);
  for (const journal of new Set(cleaners.flatMap((cleaner) => journalOf(cleaner) ?? []))) {
    try {
      for await (const { values } of journal.open()) {
        for (const { kind, key } of values.flatMap(({ files }) => files)) {
          for (const provider of run.swept.filter((one) => kindOf(one) === kind))
            run.table.mark(comparableKey({ asset: { provider: provider.name, key }, provider }));
        }
      }
    } catch (thrown) {
      const { message } = asError(thrown);
      run.refuse('unread-model', `the journal could not be read: ${message}`, asError(thrown));
    }
  }
}
