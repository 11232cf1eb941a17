import type { Connection } from 'mongoose';
import type { Cleaner } from '../removal/cleaner.js';
import { Journal } from './journal.js';

const JOURNALS = Symbol.for('mongoose-image-cleanup:journals:1');

/** The journal of a model, which all models of a connection share that name the same collection; `undefined`: it has none. */
export function journalOf({ model, options }: Pick<Cleaner, 'model' | 'options'>): Journal | undefined {
  const { journal: settings } = options;
  if (!settings) return undefined;
  const home = model.db as Connection & { [JOURNALS]?: Map<string, Journal> };
  if (!home[JOURNALS]) Object.defineProperty(home, JOURNALS, { value: new Map<string, Journal>() });
  const known = home[JOURNALS]!.get(settings.collection);
  if (known) return known;
  const journal = new Journal(model.db, settings);
  home[JOURNALS]!.set(settings.collection, journal);
  return journal;
}

/** Each journal that these models have, once. */
export function journalsOf(cleaners: readonly Cleaner[]): Set<Journal> {
  return new Set(cleaners.flatMap((cleaner) => journalOf(cleaner) ?? []));
}
