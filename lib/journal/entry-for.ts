import type { Cleaner } from '../removal/cleaner.js';
import { askingOf } from '../removal/cleaners.js';
import { lastingMilliseconds } from '../shared/duration.js';
import { refuseUnknown } from '../shared/option-rules.js';
import { JournalEntry } from './entry.js';
import { journalOf } from './journal-of.js';

/**
 * Returns the entry in which a write of this model is recorded; `undefined` if the model has no journal. `option` is
 * the call's own option `imageCleanup`.
 *
 * @throws TypeError if an option is unknown, if the grace period is not valid, or if it is given without a journal.
 */
export function entryFor(cleaner: Cleaner, option: unknown): JournalEntry | undefined {
  const { model, options } = cleaner;
  const journal = journalOf(cleaner);
  const graceMs = gracePeriodOf(option) ?? options.gracePeriodMs;
  if (!journal) {
    if (graceMs === 0) return undefined;
    throw new TypeError(
      `imageCleanup: the option "gracePeriod" of this call needs the plugin option "journal": true on "${model.modelName}"`,
    );
  }
  return new JournalEntry(journal, cleaner, {
    graceMs,
    isErasure: graceMs === 0 && options.gracePeriodMs > 0,
    collections: () => cleaner.askedCollections(),
  });
}

/**
 * Returns the entry of files that no write of this model dropped, which a worker removes after `graceMs` unless the
 * model or `others` use them.
 *
 * @throws TypeError if the model has no journal.
 */
export function entryOfUploads(cleaner: Cleaner, others: readonly Cleaner[], graceMs: number): JournalEntry {
  const journal = journalOf(cleaner);
  if (!journal) {
    throw new TypeError(
      `removeUnused: the option "after" needs the plugin option "journal": true on "${cleaner.model.modelName}"`,
    );
  }
  return new JournalEntry(journal, cleaner, {
    graceMs,
    alsoAsking: others.map(fullNameOf),
    collections: () => cleaner.askedCollections(others.map(askingOf)),
  });
}

/** The name of a model among those of several databases. */
export function fullNameOf({ model }: Cleaner): string {
  return `${model.db.name}.${model.modelName}`;
}

function gracePeriodOf(option: unknown): number | undefined {
  if (typeof option !== 'object' || option === null) return undefined;
  refuseUnknown('imageCleanup: unknown option of this call', option, ['gracePeriod']);
  const { gracePeriod } = option as { gracePeriod?: unknown };
  if (gracePeriod === undefined) return undefined;
  return lastingMilliseconds('imageCleanup', 'gracePeriod', gracePeriod);
}
