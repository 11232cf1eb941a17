import type { Connection } from 'mongoose';
import type { Cleaner } from '../removal/cleaner.js';
import { storedOn } from '../shared/stored-on.js';
import { Journal } from './journal.js';

/** The journals of these models, each once. */
export function journalsOf(cleaners: readonly Cleaner[]): Set<Journal> {
  return new Set(cleaners.flatMap((cleaner) => journalOf(cleaner) ?? []));
}

/** The machines whose disks this process has. It may take their intents, and those without a machine. */
export function machinesOf(cleaners: readonly Cleaner[]): string[] {
  const providers = cleaners.flatMap((cleaner) => cleaner.providers);
  return [...new Set(providers.flatMap(({ machine }) => machine ?? []))];
}

const JOURNALS = Symbol.for('mongoose-image-cleanup:journals:2');

/**
 * The journal of a model, shared by all models of the connection that name the same collection; `undefined` if the
 * model has none.
 *
 * @throws TypeError if the collection is that of a model.
 */
export function journalOf({ model, options }: Pick<Cleaner, 'model' | 'options'>): Journal | undefined {
  const { journal: settings } = options;
  if (!settings) return undefined;
  refuseCollectionOf(model.db, settings.collection);
  const journals = storedOn(model.db, JOURNALS, () => new Map<string, Journal>());
  const known = journals.get(settings.collection);
  if (known) return known;
  const journal = new Journal(model.db, settings);
  journals.set(settings.collection, journal);
  return journal;
}

/** A worker would take the documents of the model for intents. */
function refuseCollectionOf({ models }: Connection, collection: string): void {
  for (const name in models) {
    if (models[name]!.collection.name !== collection) continue;
    throw new TypeError(
      `imageCleanup: the option "journal.collection" is '${collection}', the collection of the model "${name}"; ` +
        'allowed: a collection that only the journal uses',
    );
  }
}
