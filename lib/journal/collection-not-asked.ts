import type { Cleaner } from '../removal/cleaner.js';
import { askingOf } from '../removal/cleaners.js';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';

/**
 * A collection that the writer would have asked, but this process would not: it has fewer models, and could remove a
 * file in use. `undefined` if there is none. A collection that is empty now uses nothing, so that a model can be
 * removed from an app.
 */
export async function collectionNotAsked(
  { collections = [] }: Intent,
  { cleaner, others, journal }: { cleaner: Cleaner; others: readonly Cleaner[]; journal: Journal },
): Promise<string | undefined> {
  const asked = new Set(cleaner.askedCollections(others.map(askingOf)));
  for (const one of collections) if (!asked.has(one) && !(await isEmpty(one, journal))) return one;
  return undefined;
}

/** For collections of other databases, this process cannot tell. */
async function isEmpty(fullName: string, { connection }: Journal): Promise<boolean> {
  const beginning = `${connection.name}.`;
  if (!fullName.startsWith(beginning) || !connection.db) return false;
  const collection = connection.db.collection(fullName.slice(beginning.length));
  return (await collection.findOne({}, { projection: { _id: 1 }, readPreference: 'primary' })) === null;
}
