import type { ClientSession } from 'mongoose';
import { JournalEntry } from './journal/entry.js';
import { journalOf } from './journal/journal-of.js';
import { fullNameOf } from './journal/redelivery.js';
import { Candidates, type WriteFacts } from './removal/candidates.js';
import type { Cleaner } from './removal/cleaner.js';
import { askingOf, sourceOfNoField } from './removal/cleaners.js';
import type { AnyModel } from './schema/options.js';
import { lastingMilliseconds } from './shared/duration.js';
import { groupBy } from './shared/groups.js';
import { ANYTHING, checkOptions, refuseUndefined } from './shared/option-rules.js';
import { asError } from './shared/time-limit.js';
import { isOptedOut } from './writes/opt-out.js';

/** Options of `removeUnused`. */
export interface RemoveUnusedOptions {
  /** Session of a transaction. The files are removed after its commit, and not at all after an abort. */
  session?: ClientSession;
  /**
   * Wait this long before the files are removed, unless something uses them by then: `'1h'`, or a number of
   * milliseconds of at least 1,000. Default: the files are removed at once. Needs the plugin option `journal` and a
   * worker.
   */
  after?: string | number;
}

const AT_ONCE_WITHOUT = "give a time such as '1h', or leave the option out to remove the files at once";

/** @throws TypeError if `values` is not an array, if an option is wrong, or if no model has the plugin. */
export async function removeUnused(
  known: readonly Cleaner[],
  values: readonly unknown[],
  options: RemoveUnusedOptions,
): Promise<void> {
  if (!Array.isArray(values))
    throw new TypeError('removeUnused: the first argument must be an array of stored values');
  checkOptions('removeUnused', options, { session: ANYTHING, after: ANYTHING });
  refuseUndefined('removeUnused', options, { after: AT_ONCE_WITHOUT });
  const { session, after } = options;
  const [first] = known;
  if (!first)
    throw new TypeError('removeUnused: no registered model has the plugin; apply it before mongoose.model()');
  const afterMs = after === undefined ? undefined : lastingMilliseconds('removeUnused', 'after', after);
  const images = (values as unknown[]).filter(
    (value) => value !== null && value !== undefined && value !== '',
  );
  const byCleaner = groupBy(images, (value) => known.find((cleaner) => cleaner.owns(value)) ?? first);
  await Promise.all(
    [...byCleaner].map(([cleaner, own]) => handOver(cleaner, own, { session, others: known, afterMs })),
  );
}

interface Handing {
  readonly session: ClientSession | undefined;
  readonly others: readonly Cleaner[];
  readonly afterMs: number | undefined;
}

async function handOver(
  cleaner: Cleaner,
  values: readonly unknown[],
  { session, others, afterMs }: Handing,
): Promise<void> {
  if (cleaner.tracked.length === 0 || isOptedOut(cleaner, undefined)) return;
  const { model } = cleaner;
  const source = sourceOfNoField(cleaner, others);
  const write: WriteFacts = {
    model,
    operation: 'removeUnused',
    since: performance.now(),
    isDelete: false,
    alsoAsking: others.map(askingOf),
  };
  const candidates = new Candidates(write);
  for (const value of values) candidates.add({ value, source });
  const ownSession = session ?? ambientSession(model);
  if (afterMs === undefined) await cleaner.release(candidates, { session: ownSession });
  else await removeLater(cleaner, candidates, { session: ownSession, others, afterMs });
}

/** Stores the files in the journal. A worker asks whether they are used when they are due. */
async function removeLater(
  cleaner: Cleaner,
  candidates: Candidates,
  { session, others, afterMs = 0 }: Handing,
): Promise<void> {
  const { model, reporter } = cleaner;
  const journal = journalOf(cleaner);
  if (!journal) {
    throw new TypeError(
      `removeUnused: the option "after" needs the plugin option "journal": true on "${model.modelName}"`,
    );
  }
  const entry = new JournalEntry(journal, cleaner, {
    graceMs: afterMs,
    alsoAsking: others.map(fullNameOf),
    collections: () => cleaner.askedCollections(others.map(askingOf)),
  });
  try {
    await entry.open(candidates.values(), { write: candidates.write, session });
  } catch (thrown) {
    reporter.allKept(candidates, { reason: 'unjournalled', error: asError(thrown) });
  }
}

/** The session of Mongoose's `transactionAsyncLocalStorage`, as a write would get it. */
function ambientSession({ base }: AnyModel): ClientSession | undefined {
  const { transactionAsyncLocalStorage: storage } = base as {
    transactionAsyncLocalStorage?: { getStore(): { session?: ClientSession } | undefined };
  };
  return storage?.getStore()?.session;
}
