import type { Cleaner } from '../removal/cleaner.js';
import { journalsOf } from './journal-of.js';
import type { JournalledFile } from './journalled-file.js';
import type { Journal } from './journal.js';
import {
  countFiles,
  listFiles,
  retryFailed,
  type JournalCounts,
  type JournalListQuery,
  type JournalQuery,
} from './listing.js';

/** The files in the journal. Covers all models, including those that the app no longer has. */
export interface CleanupJournal {
  /**
   * Lists the files that writes have recorded, in the order of their intents. They are read while you iterate.
   *
   * With `keepSettled`, the list also has the outcomes of past removals, such as the proof that the files of a deleted
   * document were removed:
   *
   * ```ts
   * for await (const { value, state, outcome, endedAt } of cleanupFor(mongoose).journal.files({ documentId: user._id })) {
   *   console.log(value, state, outcome, endedAt);
   * }
   * ```
   *
   * @throws TypeError if an option is wrong, or if no model has the option `journal`.
   */
  files(query?: JournalListQuery): AsyncIterable<JournalledFile>;
  /**
   * Counts the files that wait, have failed or are settled. Reads the whole journal, unless `intentId` is given.
   *
   * ```ts
   * const { open, failed } = await cleanupFor(mongoose).journal.counts();
   * ```
   *
   * @throws TypeError if an option is wrong, or if no model has the option `journal`.
   */
  counts(query?: JournalQuery): Promise<JournalCounts>;
  /**
   * Makes failed intents due at once, with their full number of attempts. Call it when the cause of the failures is
   * fixed. Without a query, it applies to all failed intents. Resolves with the number of intents.
   *
   * ```ts
   * await cleanupFor(mongoose).journal.retry();
   * ```
   *
   * @throws TypeError if an option is wrong, or if no model has the option `journal`.
   */
  retry(query?: JournalQuery): Promise<number>;
}

export function cleanupJournal(cleaners: () => readonly Cleaner[]): CleanupJournal {
  return {
    files: (query = {}) => listFiles(journals(cleaners()), query),
    counts: async (query = {}) => countFiles(journals(cleaners()), query),
    retry: async (query = {}) => retryFailed(journals(cleaners()), query),
  };
}

function journals(cleaners: readonly Cleaner[]): ReadonlySet<Journal> {
  const found = journalsOf(cleaners);
  if (found.size > 0) return found;
  throw new TypeError('journal: no registered model has the plugin option "journal": true');
}
