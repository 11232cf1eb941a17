import { journalOf } from '../journal/journal-of.js';
import { cleanerOf } from '../removal/cleaner.js';
import { asError } from '../shared/time-limit.js';
import { kindOf } from '../usage/meaning.js';
import { comparableKey } from './key-table.js';
import { waiting } from '../journal/files-of-intents.js';
import type { Journal } from '../journal/journal.js';
import type { Reading } from '../usage/meaning.js';
import type { SweepRun } from './run.js';

/** Files that wait in a journal are left to it, since a document may use them again until they are due. */
export async function leaveIntended(run: SweepRun): Promise<void> {
  for (const journal of journalsOf(run)) {
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

/**
 * Returns those of these files, by `identityOf`, that now wait in a journal. A write may have dropped them after the
 * sweep read its document. Rejects if a journal cannot be read.
 */
export async function intendedAmong(run: SweepRun, files: readonly Reading[]): Promise<ReadonlySet<string>> {
  const keys = files.map(({ asset }) => asset.key);
  const found = await Promise.all([...journalsOf(run)].map((journal) => waiting(journal, keys)));
  return new Set(found.flatMap((one) => [...one]));
}

function journalsOf({ scope }: SweepRun): Set<Journal> {
  const cleaners = scope.models.flatMap((model) => cleanerOf(model) ?? []);
  return new Set(cleaners.flatMap((cleaner) => journalOf(cleaner) ?? []));
}
