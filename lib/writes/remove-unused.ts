import type { ClientSession } from 'mongoose';
import { entryOfUploads } from '../journal/entry-for.js';
import { Candidates } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { askingOf, sourceOfNoField } from '../removal/cleaners.js';
import type { AnyModel } from '../schema/options.js';
import { lastingMilliseconds } from '../shared/duration.js';
import { groupBy } from '../shared/groups.js';
import { ANYTHING, checkOptions, type Rules } from '../shared/option-rules.js';
import { asError } from '../shared/time-limit.js';
import { isOptedOut } from './opt-out.js';

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

const RULES: Rules<RemoveUnusedOptions> = {
  session: ANYTHING,
  after: {
    ...ANYTHING,
    ifUndefined: "; give a time such as '1h', or leave the option out to remove the files at once",
  },
};

/** @throws TypeError if `values` is not an array, if an option is wrong, or if no model has the plugin. */
export async function removeUnused(
  known: readonly Cleaner[],
  values: readonly unknown[],
  options: RemoveUnusedOptions,
): Promise<void> {
  if (!Array.isArray(values))
    throw new TypeError('removeUnused: the first argument must be an array of stored values');
  checkOptions('removeUnused', options, RULES);
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
  /** `undefined`: the files are removed at once. */
  readonly afterMs: number | undefined;
}

async function handOver(
  cleaner: Cleaner,
  values: readonly unknown[],
  { session: given, others, afterMs }: Handing,
): Promise<void> {
  if (cleaner.tracked.length === 0 || isOptedOut(cleaner, undefined)) return;
  const { model } = cleaner;
  const source = sourceOfNoField(cleaner, others);
  const candidates = new Candidates({
    model,
    operation: 'removeUnused',
    since: performance.now(),
    isDelete: false,
    alsoAsking: others.map(askingOf),
  });
  for (const value of values) candidates.add({ value, source });
  const session = given ?? ambientSession(model);
  if (afterMs === undefined) return cleaner.release(candidates, { session });
  const entry = entryOfUploads(cleaner, others, afterMs);
  try {
    await entry.open(candidates.values(), { write: candidates.write, session });
  } catch (thrown) {
    cleaner.reporter.allKept(candidates, { reason: 'unjournalled', error: asError(thrown) });
  }
}

/** The session of Mongoose's `transactionAsyncLocalStorage`, as a write would get it. */
function ambientSession({ base }: AnyModel): ClientSession | undefined {
  const { transactionAsyncLocalStorage: storage } = base as {
    transactionAsyncLocalStorage?: { getStore(): { session?: ClientSession } | undefined };
  };
  return storage?.getStore()?.session;
}
