import type { ClientSession } from 'mongoose';
import type { Candidates } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { isInTransaction, whenCommitted } from '../removal/unit-of-work.js';
import { asError } from '../shared/time-limit.js';
import type { JournalEntry } from './entry.js';

/**
 * Called instead of a release if the dropped files have a grace period. Values that were not known before the write
 * are recorded now, and those that mean no file are reported.
 */
export async function delay(
  entry: JournalEntry,
  candidates: Candidates,
  { cleaner, session }: { cleaner: Cleaner; session: ClientSession | undefined },
): Promise<void> {
  if (candidates.size === 0) {
    whenCommitted(session, () => {
      entry.deliver([]);
    });
    return;
  }
  const { write } = candidates;
  const unrecorded = [...candidates.values()].filter((one) => !entry.has(one));
  try {
    await entry.open(unrecorded, { write, session });
  } catch (thrown) {
    const why = { reason: 'unjournalled', error: asError(thrown) } as const;
    cleaner.reporter.allKept({ write, values: () => unrecorded }, why);
    return;
  }
  if (!isInTransaction(session)) await entry.written();
  const refused = unrecorded.filter((one) => !entry.has(one));
  if (refused.length > 0) await cleaner.tellRefused({ write, values: () => refused });
}
