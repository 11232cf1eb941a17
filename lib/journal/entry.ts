import type { ClientSession } from 'mongoose';
import type { RemovalOutcome } from '../providers/provider.js';
import type { Candidate, DroppedFile, NotedWrite, WriteFacts } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { groupBy } from '../shared/groups.js';
import { identityOf, type Reading } from '../usage/meaning.js';
import { FileResults } from './file-results.js';
import { forget } from './files-of-intents.js';
import type { IntendedFile, IntendedValue, Intent } from './intent.js';
import { longestWriteMs, type Journal } from './journal.js';
import { Recording, type Terms } from './recording.js';

/** What the entry of a write needs to know about it. */
export interface EntryTerms extends Terms {
  /** The model has a grace period, but the files of this write are removed at once. */
  readonly isErasure?: boolean;
  /** Called with the values that failed for good, once the journal has recorded it. */
  readonly onFailed?: ((values: readonly IntendedValue[]) => void) | undefined;
}

/** How many times workers try an intent before it fails for good, and how long they wait between the attempts. */
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The intents of one write. They are stored before the write, and settled when each of its files has an outcome. */
export class JournalEntry implements NotedWrite {
  readonly #journal: Journal;
  readonly #cleaner: Cleaner;
  readonly #terms: EntryTerms;
  readonly #recording: Recording;
  readonly #keepSettledMs: number;
  readonly #open = new Set<DroppedFile>();
  readonly #ends: FileResults;
  readonly #removed = new Map<string, DroppedFile>();
  #tries = 0;
  #isDelivered = false;
  #areAllAgain = false;
  #finished: Promise<void> | undefined;
  #resolve!: () => void;
  /** Resolves when every file has an outcome and the intents are settled. */
  readonly done = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(journal: Journal, cleaner: Cleaner, terms: EntryTerms) {
    const { timeoutMs, journal: settings } = cleaner.options;
    this.#journal = journal;
    this.#cleaner = cleaner;
    this.#terms = terms;
    this.#recording = new Recording(journal, timeoutMs, terms);
    // models that share a journal may keep settled intents for different times
    this.#keepSettledMs = settings?.keepSettledMs ?? 0;
    this.#ends = new FileResults(this.#keepSettledMs > 0);
  }

  /** Makes it the entry of an intent that a worker has taken. */
  continue({ _id, tries }: Intent): this {
    this.#recording.ids.push(_id);
    this.#tries = tries + 1;
    return this;
  }

  get isRedelivered(): boolean {
    return this.#tries > 0;
  }

  /** Whether no attempt follows this one. */
  get isLastTry(): boolean {
    return this.#tries >= MOST_TRIES;
  }

  get isDelayed(): boolean {
    return this.#terms.graceMs > 0;
  }

  /** Whether the value was recorded before the write. */
  has(candidate: Candidate): boolean {
    return this.#recording.recorded.has(candidate);
  }

  /** Stores the intents of these candidates. Rejects if that is not possible. */
  async open(
    candidates: Iterable<Candidate>,
    of: { write: WriteFacts; session?: ClientSession | undefined },
  ): Promise<void> {
    await this.#recording.record(candidates, of);
  }

  /**
   * Called when the write is over. Its files stay for `graceMs` from now on, even if that is shorter than a write can
   * last. Never rejects.
   */
  async written(): Promise<void> {
    const { ids } = this.#recording;
    if (this.#terms.graceMs >= longestWriteMs(this.#cleaner.options.timeoutMs) || ids.length === 0) return;
    // if it fails, the files stay a minute longer
    await this.#journal.endWait(ids).catch(() => undefined);
  }

  /**
   * Called before these files are asked about; none if the write dropped nothing. No other files follow, unless it is
   * called again before all of them ended.
   */
  deliver(files: readonly DroppedFile[]): void {
    this.#isDelivered = true;
    for (const file of files) this.#open.add(file);
    this.#finishIfOver();
  }

  /** Called when a file has its outcome. */
  ended(file: DroppedFile, outcome: RemovalOutcome): void {
    if (!this.#open.delete(file)) return;
    this.#ends.note(file, outcome);
    if (outcome.outcome === 'removed' && this.#terms.isErasure) this.#removed.set(identityOf(file), file);
    this.#finishIfOver();
  }

  /** Called if it is not known what these values mean, or whether their files may be removed. A worker asks again. */
  undecided(readings: readonly Reading[]): void {
    this.#ends.again(readings);
  }

  /** Called for a value whose file is not the one that the intent names. */
  refused(files: readonly IntendedFile[], error: string): void {
    this.#ends.refuse(files, error);
  }

  /** Leaves the files to a worker. */
  leave(): void {
    this.#areAllAgain = true;
    this.deliver([]);
  }

  #finishIfOver(): void {
    if (!this.#isDelivered || this.#open.size > 0 || this.#finished) return;
    this.#finished = this.#finish()
      .catch(() => undefined) // the intents stay, and a worker asks again
      .finally(this.#resolve);
    void this.#cleaner.track(this.#finished);
  }

  async #finish(): Promise<void> {
    const { ids } = this.#recording;
    if (ids.length === 0 || this.#areAllAgain) return;
    // this comes before the own intents are deleted, since they have the time of the removal
    if (this.#removed.size > 0) await this.#forgetOlder();
    const keepSettledMs = this.#keepSettledMs;
    if (this.#ends.areAllSettled && keepSettledMs === 0) return this.#journal.delete(ids);
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, this.#tries - 1));
    for (const intent of await this.#journal.read(ids)) {
      const parts = this.#ends.split(intent, this.isLastTry);
      await this.#journal.replace(intent, { ...parts, waitMs, keepSettledMs });
      if (parts.failed.length > 0) this.#terms.onFailed?.(parts.failed);
    }
  }

  async #forgetOlder(): Promise<void> {
    const [own] = await this.#journal.read(this.#recording.ids.slice(0, 1));
    if (!own) return;
    for (const [machine, removed] of groupBy(this.#removed, ([, { provider }]) => provider.machine))
      await forget(this.#journal, new Map(removed), { machine, before: own.writtenAt });
  }
}
