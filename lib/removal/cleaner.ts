import { pluginCallsOf } from '../schema/plugin-calls.js';
import { baseWithoutPlugin, hasPlugin, trackedOf, type Tracked } from '../schema/tracked.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel } from '../schema/options.js';
import type { ClientSession } from 'mongoose';
import type { KeptReason, RemovalOutcome, StorageProvider } from '../providers/provider.js';
import { groupBy, inBatches } from '../shared/groups.js';
import { isolated } from '../shared/isolated.js';
import { forEachOf } from '../shared/pool.js';
import { asError, waitAtMost } from '../shared/time-limit.js';
import { identityOf, ownerOf } from '../usage/reading.js';
import { providersOf, type Asking } from '../usage/scope.js';
import type { Verdict } from '../usage/still-used.js';
import { attempt, type Attempted, questionsAtATime, questionSizeOf } from './attempt.js';
import { isFromText, type Candidates, type DroppedFile, type Source } from './candidates.js';
import { DerivedFiles, type SeenDerived } from './derived-files.js';
import { FoundFiles } from './found-files.js';
import { ModelUsage } from './model-usage.js';
import { noteContents } from './contents.js';
import { prepareFiles } from './preparation.js';
import { isRemovedHere, noteRemovals } from './removed-here.js';
import { Reporter } from './reporter.js';
import { RetryQueue } from './retry-queue.js';
import { isInTransaction, UnitOfWork, whenCommitted } from './unit-of-work.js';
import { UnknownValueCounter, type UnknownValues } from './unknown-values.js';
import { WritesUnderWay, type WriteUnderWay } from './writes-under-way.js';

const CLEANER = Symbol.for('mongoose-image-cleanup:cleaner:3');

/**
 * The cleaner of a model, created at first use. It is stored on the model, with its queue and the results of its
 * checks.
 */
export function cleanerOf(model: AnyModel): Cleaner | undefined {
  if (Object.hasOwn(model, CLEANER)) return (model as { [CLEANER]?: Cleaner })[CLEANER];
  if (!hasPlugin(model)) return undefined;
  const cleaner = new Cleaner(model);
  Object.defineProperty(model, CLEANER, { value: cleaner });
  return cleaner;
}

/** A model that is asked as well, as far as its own `references` reach. */
export function askingOf({ model, options }: Cleaner): Asking {
  return { model, references: options.references };
}

/**
 * The source of values without a field. They are read by the providers of all the given models, so that a value which
 * could mean several files is recognised.
 */
export function sourceOfNoField(cleaner: Cleaner, others: readonly Cleaner[]): Source {
  const all = [...new Set([cleaner, ...others])];
  return {
    field: null,
    options: cleaner.options,
    providers: [...new Set(all.flatMap(({ providers }) => providers))],
    keep: [...new Set(all.flatMap(({ tracked }) => tracked.flatMap(({ keep }) => keep)))],
  };
}

/** How candidates are released. */
export interface Handover {
  readonly session?: ClientSession | null | undefined;
  /** Values that the write stored. A file that they name in any way is not removed. */
  readonly written?: readonly unknown[] | undefined;
}

function goneIn(attempted: readonly Attempted<DroppedFile>[]): ReadonlySet<DroppedFile> {
  const gone = attempted.filter(
    ({ outcome }) => outcome.outcome === 'removed' || outcome.outcome === 'missing',
  );
  return new Set(gone.map(({ file }) => file));
}

/** Removes files that writes of one model have dropped and nothing uses: question → removal → outcome. */
export class Cleaner {
  readonly model: AnyModel;
  readonly options: CleanupOptions;
  readonly reporter: Reporter;
  readonly #usage: ModelUsage;
  readonly #unknown: UnknownValueCounter;
  readonly #found: FoundFiles;
  readonly #derived: DerivedFiles;
  readonly #retries: RetryQueue;
  readonly #running = new Set<Promise<unknown>>();
  /** Files that wait for a write that is about to store them. */
  readonly #postponed = new Set<DroppedFile>();
  #isClosed = false;

  constructor(model: AnyModel) {
    this.model = model;
    this.options = pluginCallsOf(model.schema)[0]!.options;
    this.reporter = new Reporter(model, this.options);
    this.#usage = new ModelUsage(model, this.options, this.reporter);
    const warn = (message: string): void => {
      this.reporter.warn(message);
    };
    this.#unknown = new UnknownValueCounter(warn);
    this.#found = new FoundFiles(warn);
    const { timeoutMs } = this.options;
    this.#derived = new DerivedFiles({ timeoutMs, reporter: this.reporter, usage: this.#usage });
    this.#retries = new RetryQueue(this.options.retry, (files) => this.track(this.#removeUnused(files)));
    const base = baseWithoutPlugin(model);
    if (base !== undefined) {
      this.reporter.warn(
        `the discriminator "${model.modelName}" has the plugin, but its base "${base}" does not: ` +
          `${base}.deleteMany() and other writes through the base do not remove its files; apply the plugin to the base schema`,
      );
    }
  }

  /** The fields of the model and of its discriminators, which may be registered later than the model. */
  get tracked(): readonly Tracked[] {
    return trackedOf(this.model);
  }

  /** Every provider of the fields. */
  get providers(): readonly StorageProvider[] {
    return providersOf(this.model);
  }

  isEnabled(): boolean {
    const warnOfOption = (what: string): void => {
      this.reporter.warn(`the option "enabled" of "${this.model.modelName}" ${what}`);
    };
    try {
      const isOn: unknown = this.options.isEnabled();
      if (typeof isOn === 'boolean') return isOn;
      isolated(() => isOn);
      const given = isOn instanceof Promise ? 'a promise' : String(isOn);
      warnOfOption(`returned ${given} instead of true or false, which counts as off`);
    } catch (thrown) {
      warnOfOption(`threw, which counts as off: ${asError(thrown).message}`);
    }
    return false;
  }

  /**
   * Takes the values that documents held before a write which is now acknowledged. In a transaction, they wait for its
   * end. Never rejects; waits as `removal` says.
   */
  async release(candidates: Candidates, { session, written = [] }: Handover): Promise<void> {
    const { journal } = candidates.write;
    if (candidates.size === 0) {
      whenCommitted(session, () => journal?.cancel());
      return;
    }
    const files = this.#prepare(candidates, { written, mustWait: isInTransaction(session) });
    const remove = (all: readonly DroppedFile[]): Promise<void> => {
      journal?.deliver(all);
      return this.#removeUnused(all);
    };
    if (!isInTransaction(session)) return this.#waitFor(files.then(remove));
    await waitAtMost(this.options.timeoutMs, files);
    UnitOfWork.of(session).add({
      release: () =>
        this.#waitFor(files.then((all) => (this.#isClosed ? this.#keep(all, 'closed') : remove(all)))),
      keep: () => {
        void this.track(files.then((all) => this.#keep(all, 'unknown commit')));
      },
    });
  }

  /**
   * Asks about files that a journal recorded, and removes those that nothing uses. `isMeant` distinguishes the recorded
   * files from others that the values mean now. Resolves when each file has its outcome, apart from later attempts.
   */
  async redeliver(candidates: Candidates, isMeant: (file: DroppedFile) => boolean): Promise<void> {
    const prepared = await this.#prepare(candidates, { written: [], mustWait: false });
    const files = prepared.filter(isMeant);
    candidates.write.journal?.deliver(files);
    await this.track(this.#removeUnused(files));
  }

  /** Reports why files are kept for values that mean no file. Does nothing else. Never rejects. */
  async tellRefused(candidates: Candidates): Promise<void> {
    const told = this.#prepare(candidates, { written: [], mustWait: false });
    await this.track(told.then(() => undefined));
  }

  #prepare(
    candidates: Candidates,
    { written, mustWait }: { written: readonly unknown[]; mustWait: boolean },
  ): Promise<DroppedFile[]> {
    return prepareFiles(candidates, {
      timeoutMs: this.options.timeoutMs,
      reporter: this.reporter,
      isClosed: this.#isClosed,
      unknown: this.#unknown,
      written,
      mustWait,
      usage: this.#usage,
    });
  }

  /** What this process knows about the model. */
  status(): { readonly model: string; readonly waiting: number; readonly unknown: readonly UnknownValues[] } {
    return { model: this.model.modelName, waiting: this.#retries.size, unknown: this.#unknown.all() };
  }

  /** The collections that are asked about files of this model, and of other models, with their databases. */
  askedCollections(alsoAsking: readonly Asking[] = []): readonly string[] | undefined {
    return this.#usage.collections(alsoAsking);
  }

  /** Whether a provider of this model knows the value. */
  owns(value: unknown): boolean {
    return ownerOf(value, this.providers) !== undefined;
  }

  /** Resolves when everything scheduled so far has an outcome. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#retries.size > 0) {
      await Promise.all([...this.#running, this.#retries.idle()]);
    }
    await this.#retries.idle();
  }

  /** Stops removals from now on; those under way may take `timeoutMs`. Returns how many were given up. */
  async close(timeoutMs: number): Promise<number> {
    this.#isClosed = true;
    this.#retries.hurry();
    await waitAtMost(timeoutMs, this.idle());
    const left = this.#retries.giveUp();
    for (const { file, error } of left) {
      const failed = { outcome: 'failed', error, retryable: true } as const;
      this.reporter.outcome(file, failed);
      file.write.journal?.ended(file, failed);
    }
    const postponed = [...this.#postponed];
    this.#postponed.clear();
    this.#keep(postponed, 'closed');
    return left.length + postponed.length;
  }

  /** Asks about files, and removes those that nothing uses, in batches of one provider. */
  async #removeUnused(files: readonly DroppedFile[]): Promise<void> {
    if (files.length === 0) return;
    this.#usage.warnOfKeepOnce();
    void this.track(this.#usage.checkIndexesOnce());
    const all = [...groupBy(files, ({ provider }) => provider)].map(([provider, own]) =>
      forEachOf(inBatches(own, questionSizeOf(provider)), questionsAtATime(provider), (batch) =>
        this.#askAndRemove(batch),
      ),
    );
    await Promise.all(all);
  }

  /** One batch. The question is the last step before the call of the provider. */
  async #askAndRemove(files: readonly DroppedFile[]): Promise<void> {
    const seen = await this.#derived.seenOf(files);
    const watch = WritesUnderWay.register.watch();
    const unused: DroppedFile[] = [];
    const again: DroppedFile[] = [];
    try {
      for (const [file, verdict] of await this.#usage.stillUsed(files)) {
        if (verdict !== 'unused' || file.isMentionedByWrite) {
          this.#reportUsed(file, verdict === 'unused' ? 'mentioned' : verdict);
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
    if (this.options.isDryRun()) await this.#keepDry(unused, seen);
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
      if (this.#isClosed) this.#keep([file], 'closed');
      else void this.track(this.#removeUnused([file]));
    });
  }

  #reportUsed(file: DroppedFile, verdict: Exclude<Verdict, 'unused'>): void {
    const { journal } = file.write;
    if (typeof verdict === 'object') {
      const kept = { outcome: 'kept', reason: 'unanswered' } as const;
      this.reporter.outcome(file, kept, verdict.unanswered);
      journal?.ended(file, kept);
    } else if (verdict === 'mentioned') this.#keep([file], 'mentioned');
    // the same document uses it again: no event at the write itself, but an outcome if a removal was attempted before
    else if (verdict === 'by another' || file.attempts > 0 || file.derivedFrom || journal?.isRedelivered)
      this.#keep([file], 'still used');
    else journal?.ended(file, { outcome: 'kept', reason: 'still used' });
  }

  async #remove(files: readonly DroppedFile[], seen: readonly SeenDerived[]): Promise<void> {
    if (files.length === 0) return;
    const end = noteRemovals(files.map(identityOf));
    const removed: string[] = [];
    try {
      const attempted = await attempt(files, this.options.timeoutMs);
      const waiting = attempted.filter(({ outcome }) => outcome.outcome === 'failed' && outcome.retryable);
      await noteContents(
        waiting.map(({ file }) => file),
        this.options.timeoutMs,
      );
      // before the writes have the outcomes of all originals, and are over
      const derived = this.#derived.droppedWith(() => goneIn(attempted), seen);
      for (const { file, outcome } of attempted) {
        file.attempts++;
        if (outcome.outcome === 'removed') removed.push(identityOf(file));
        if (this.#willRetry(file, outcome)) continue;
        file.write.journal?.ended(file, outcome);
        if (this.#isTold(file, outcome)) continue;
        if (!isFromText(file.candidate)) this.#found.note(file.provider, outcome.outcome);
        this.reporter.outcome(file, outcome);
      }
      await this.#removeUnused(this.#derived.toAsk(derived));
    } finally {
      end(removed);
    }
  }

  /** Reports the files that would be removed, and their derived files. */
  async #keepDry(files: readonly DroppedFile[], seen: readonly SeenDerived[]): Promise<void> {
    const derived = this.#derived.droppedWith(() => new Set(files), seen);
    this.#keep(files, 'dry run');
    await this.#removeUnused(this.#derived.toAsk(derived));
  }

  /** Whether no event is needed, since there was one before or will be one. */
  #isTold({ write, ...reading }: DroppedFile, outcome: RemovalOutcome): boolean {
    const { isRedelivered = false, isLastTry = true } = write.journal ?? {};
    if (outcome.outcome === 'failed') return outcome.retryable && isRedelivered && !isLastTry;
    // another write of this process dropped the file, too, or another worker was faster
    return (
      outcome.outcome === 'missing' &&
      (reading.derivedFrom !== undefined || isRedelivered || isRemovedHere(identityOf(reading), write.since))
    );
  }

  /** The provider says whether another attempt is worthwhile; the option `retry` says how many there are, and when. */
  #willRetry(file: DroppedFile, outcome: RemovalOutcome): boolean {
    if (outcome.outcome !== 'failed' || !outcome.retryable) return false;
    return this.#retries.add(file, outcome.error, outcome.retryAt);
  }

  #keep(files: readonly DroppedFile[], reason: KeptReason): void {
    for (const file of files) {
      const kept = { outcome: 'kept', reason } as const;
      this.reporter.outcome(file, kept);
      file.write.journal?.ended(file, kept);
    }
  }

  async #waitFor(work: Promise<void>): Promise<void> {
    const tracked = this.track(work);
    if (this.options.removal === 'wait') await waitAtMost(this.options.timeoutMs, tracked);
  }

  /** Tracks work that `idle` waits for. An error within it is reported and never thrown. */
  track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((thrown: unknown) => {
        this.reporter.warn(`an unexpected error occurred, so files are kept: ${asError(thrown).stack ?? ''}`);
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return tracked;
  }
}
