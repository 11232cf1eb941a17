import { Candidates, type Source } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { fingerprintsOf } from '../usage/fingerprints.js';
import { identityOf, meaningOf, readingsIn } from '../usage/meaning.js';
import { JournalEntry } from './entry.js';
import { identityOfFile, type Intent, type IntendedValue } from './intent.js';
import type { Journal } from './journal.js';

/**
 * An upload that `removeUnused` announced may have been repeated under the same name. The new file gets its whole
 * waiting time, too: it is announced again before the old intent is settled. Returns the values for which this was so.
 */
export async function announceAnew(
  intent: Intent,
  {
    cleaner,
    journal,
    sourceOf,
  }: { cleaner: Cleaner; journal: Journal; sourceOf: (value: IntendedValue) => Source | undefined },
): Promise<(value: IntendedValue) => boolean> {
  const { alsoAsking, collections, graceMs, operation, isDelete } = intent;
  if (!alsoAsking) return () => false;
  const candidates = new Candidates({ model: cleaner.model, operation, isDelete, since: performance.now() });
  const anew = new Set<IntendedValue>();
  for (const one of intent.values) {
    const source = sourceOf(one);
    if (!source || !(await isOtherContent(one, source, cleaner.options.timeoutMs))) continue;
    candidates.add({ value: one.value, source });
    anew.add(one);
  }
  if (anew.size > 0) {
    const terms = { graceMs, alsoAsking, collections: () => collections };
    const entry = new JournalEntry(journal, cleaner, terms);
    await entry.open(candidates.values(), { write: candidates.write });
  }
  return (value) => anew.has(value);
}

/** Whether the stored content differs from the content when the value was recorded. */
async function isOtherContent(
  { value, files }: IntendedValue,
  { providers }: Source,
  timeoutMs: number,
): Promise<boolean> {
  const noted = new Map(files.map((file) => [identityOfFile(file), file.fingerprint]));
  const readings = readingsIn(meaningOf(value, providers)).filter(
    (one) => typeof noted.get(identityOf(one)) === 'string',
  );
  const stored = await fingerprintsOf(readings, timeoutMs);
  return readings.some(
    (one, at) => typeof stored[at] === 'string' && stored[at] !== noted.get(identityOf(one)),
  );
}
