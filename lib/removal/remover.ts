import type { CleanupOptions } from '../schema/checked-options.js';
import type { RemovalOutcome } from '../providers/provider.js';
import { groupBy, inBatches } from '../shared/groups.js';
import { forEachOf } from '../shared/pool.js';
import { fingerprintsOf, isSeenAtOnce } from '../usage/fingerprints.js';
import { identityOf } from '../usage/meaning.js';
import type { Verdict } from '../usage/still-used.js';
import { attempt, type Attempted, questionsAtATime, questionSizeOf } from './attempt.js';
import type { DroppedFile } from './candidates.js';
import { DerivedFiles, type SeenDerived } from './derived-files.js';
import type { ModelUsage } from './model-usage.js';
import { isRemovedHere, noteRemovals } from './removed-here.js';
import type { Reporter } from './reporter.js';
import { RetryQueue } from './retry-queue.js';
import type { WriteUnderWay } from './write-under-way.js';
import { WritesUnderWay } from './writes-under-way.js';

/** What a remover has of its model. */
interface Removing {
  readonly options: CleanupOptions;
  readonly reporter: Reporter;
  readonly usage: ModelUsage;
  /** Called with work that no caller waits for. */
  readonly track: (work: Promise<void>) => Promise<void>;
}

/** Removes files that nothing uses: question → removal → outcome. */
export class Remover {
  readonly retries: RetryQueue;
  readonly #for: Removing;
  readonly #derived: DerivedFiles;
  /** Files that wait for a write that is about to store them. */
  readonly #postponed = new Set<DroppedFile>();
  #isClosed = false;

  constructor(removing: Removing) {
    const { options, reporter, usage, track } = removing;
    this.#for = removing;
    this.#derived = new DerivedFiles({ timeoutMs: options.timeoutMs, reporter, usage });
    this.retries = new RetryQueue(options.retry, (files) => track(this.removeUnused(files)));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Asks about files, and removes those that nothing uses, in batches of one provider. */
  async removeUnused(files: readonly DroppedFile[]): Promise<void> {
    if (files.length === 0) return;
    const { usage, track } = this.#for;
    usage.warnOfKeepOnce();
    void track(usage.checkIndexesOnce());
    const all = [...groupBy(files, ({ provider }) => provider)].map(([provider, own]) =>
      forEachOf(inBatches(own, questionSizeOf(provider)), questionsAtATime(provider), (batch) =>
        this.#askAndRemove(batch),
      ),
    );
    await Promise.all(all);
  }

  /** Removes nothing from now on, apart from a last attempt for files that wait for another one. */
  close(): void {
    this.#isClosed = true;
    this.retries.hurry();
  }

  /** Ends all waiting. Returns the number of files that waited. */
  giveUp(): number {
    const left = this.retries.giveUp();
    for (const { file, error } of left)
      this.#for.reporter.outcome(file, { outcome: 'failed', error, retryable: true });
    const postponed = [...this.#postponed];
    this.#postponed.clear();
    this.#for.reporter.filesKept(postponed, 'closed');
    return left.length + postponed.length;
  }

  /** One batch. The question is the last step before the call of the provider. */
  async #askAndRemove(files: readonly DroppedFile[]): Promise<void> {
    const seen = await this.#derived.seenOf(files);
    const watch = WritesUnderWay.register.watch();
    const unused: DroppedFile[] = [];
    const again: DroppedFile[] = [];
    try {
      for (const [file, verdict] of await this.#for.usage.stillUsed(files)) {
        if (verdict !== 'unused' || file.isMentionedByWrite) {
          this.#tellUsed(file, verdict === 'unused' ? 'mentioned' : verdict);
          continue;
        }
        const write = watch.thatStores(identityOf(file));
        if (!write) unused.push(file);
        else if (write.isOver) again.push(file);
        else this.#postpone(file, write);
      }
    } finally {
      watch.end();
    }
    if (this.#for.options.isDryRun()) await this.#keepDry(unused, seen);
    else await this.#remove(unused, seen);
    if (again.length > 0) await this.#askAndRemove(again);
  }

  /**
   * A write of this process is about to store the file, so it is asked about again when that write is over. No caller
   * waits for it.
   */
  #postpone(file: DroppedFile, write: WriteUnderWay): void {
    this.#postponed.add(file);
    write.whenOver(() => {
      if (!this.#postponed.delete(file)) return;
      if (this.#isClosed) this.#for.reporter.filesKept([file], 'closed');
      else void this.#for.track(this.removeUnused([file]));
    });
  }

  #tellUsed(file: DroppedFile, verdict: Exclude<Verdict, 'unused'>): void {
    const { journal } = file.write;
    const [reason, error] =
      typeof verdict === 'object'
        ? (['unanswered', verdict.unanswered] as const)
        : ([verdict === 'mentioned' ? verdict : 'still used'] as const);
    const kept = { outcome: 'kept', reason } as const;
    const isFirstTry = file.attempts === 0 && !file.derivedFrom && !journal?.isRedelivered;
    // the same document uses it again, which is no event at the write itself
    if (verdict === 'by itself' && isFirstTry) journal?.ended(file, kept);
    else this.#for.reporter.outcome(file, kept, error);
  }

  async #remove(files: readonly DroppedFile[], seen: readonly SeenDerived[]): Promise<void> {
    if (files.length === 0) return;
    const end = noteRemovals(files.map(identityOf));
    const removed: string[] = [];
    try {
      const attempted = await attempt(files, this.#for.options.timeoutMs);
      await this.#noteContents(attempted);
      // before the writes have the outcomes of all originals, and are over
      const derived = this.#derived.droppedWith(() => goneIn(attempted), seen);
      for (const { file, outcome } of attempted) {
        file.attempts++;
        if (outcome.outcome === 'removed') removed.push(identityOf(file));
        if (!this.#willRetry(file, outcome)) this.#tell(file, outcome);
      }
      await this.removeUnused(this.#derived.toAsk(derived));
    } finally {
      end(removed);
    }
  }

  /** Reports the files that would be removed, and their derived files. */
  async #keepDry(files: readonly DroppedFile[], seen: readonly SeenDerived[]): Promise<void> {
    const derived = this.#derived.droppedWith(() => new Set(files), seen);
    this.#for.reporter.filesKept(files, 'dry run');
    await this.removeUnused(this.#derived.toAsk(derived));
  }

  /**
   * Records the content of files that may wait for another attempt and have no fingerprint yet. If the storage cannot
   * tell, only the question before that attempt decides.
   */
  async #noteContents(attempted: readonly Attempted<DroppedFile>[]): Promise<void> {
    const unseen = attempted.flatMap(({ file, outcome }) => {
      const isWaiting = outcome.outcome === 'failed' && outcome.retryable;
      return isWaiting && file.fingerprint === undefined && !isSeenAtOnce(file) ? [file] : [];
    });
    const fingerprints = await fingerprintsOf(unseen, this.#for.options.timeoutMs);
    unseen.forEach((file, index) => {
      const fingerprint = fingerprints[index];
      if (!(fingerprint instanceof Error)) file.fingerprint = fingerprint;
    });
  }

  /** The provider says whether another attempt is worthwhile; the option `retry` says how many there are, and when. */
  #willRetry(file: DroppedFile, outcome: RemovalOutcome): boolean {
    if (outcome.outcome !== 'failed' || !outcome.retryable) return false;
    return this.retries.add(file, outcome.error, outcome.retryAt);
  }

  #tell(file: DroppedFile, outcome: RemovalOutcome): void {
    if (isTold(file, outcome)) file.write.journal?.ended(file, outcome);
    else this.#for.reporter.attempted(file, outcome);
  }
}

function goneIn(attempted: readonly Attempted<DroppedFile>[]): ReadonlySet<DroppedFile> {
  const isGone = ({ outcome }: RemovalOutcome): boolean => outcome === 'removed' || outcome === 'missing';
  return new Set(attempted.filter((one) => isGone(one.outcome)).map(({ file }) => file));
}

/** Whether no event is needed, since there was one before or will be one. */
function isTold({ write, ...reading }: DroppedFile, outcome: RemovalOutcome): boolean {
  const { isRedelivered = false, isLastTry = true } = write.journal ?? {};
  if (outcome.outcome === 'failed') return outcome.retryable && isRedelivered && !isLastTry;
  // another write of this process dropped the file, too, or another worker was faster
  return (
    outcome.outcome === 'missing' &&
    (reading.derivedFrom !== undefined || isRedelivered || isRemovedHere(identityOf(reading), write.since))
  );
}
