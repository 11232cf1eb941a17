import type { Cleaner } from '../removal/cleaner.js';
import { journalsOf } from './journal-of.js';
import type { Journal } from './journal.js';
import {
  countFiles,
  listFiles,
  retryFailed,
  type JournalCounts,
  type JournalledFile,
  type JournalListQuery,
  type JournalQuery,
} from './listing.js';

/** What an app can ask of the journal: of all its models, also of those that the app no longer has. */
export interface CleanupJournal {
  /**
   * The files that writes have noted, in the order of their intents, read as they are asked for. With `keepSettled`, and after the
   * removal, the proof of an erasure:
   *
   * ```ts
   * for await (const { value, state, outcome, endedAt } of cleanupFor(mongoose).journal.files({ documentId: user._id })) {
   *   console.log(value, state, outcome, endedAt);
   * }
   * ```
   *
   * @throws TypeError for wrong options, and where no model has the option `journal`.
   */
  files(query?: JournalListQuery): AsyncIterable<JournalledFile>;
  /**
   * How many files wait, failed, or are settled. Reads the whole journal, unless `intentId` is given.
   *
   * ```ts
   * const { open, failed } = await cleanupFor(mongoose).journal.counts();
   * ```
   *
   * @throws TypeError for wrong options, and where no model has the option `journal`.
   */
  counts(query?: JournalQuery): Promise<JournalCounts>;
  /**
   * Failed intents become due at once, with all their tries before them: for when the cause is mended. Without a query all of them.
   * Resolves with the number of intents.
   *
   * ```ts
   * await cleanupFor(mongoose).journal.retry();
   * ```
   *
   * @throws TypeError for wrong options, and where no model has the option `journal`.
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
