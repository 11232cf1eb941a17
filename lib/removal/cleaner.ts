import type { TrackedField } from '../fields.js';
import type { AnyModel, CleanupOptions } from '../options.js';
import type { KeptReason, RemovalOutcome } from '../providers/provider.js';
import { applicationsOf, baseWithoutPlugin, hasPlugin, trackedOf, type Tracked } from '../tracking.js';
import { groupBy, inBatches, type Candidates, type Entry, type Write } from './candidates.js';
import { isolated } from './events.js';
import { fieldsWithoutIndex, indexAdvice } from './index-check.js';
import { ownerOf } from './owner.js';
import { prepareEntries } from './preparation.js';
import { stillUsed } from './references.js';
import { attempt, questionsAtATime, questionSizeOf } from './remover.js';
import { Reporter } from './reporter.js';
import { RetryQueue } from './retry-queue.js';
import { asError, waitAtMost } from './time-limit.js';
import { isInTransaction, UnitOfWork } from './unit-of-work.js';

const CLEANER = Symbol.for('mongoose-image-cleanup:cleaner:1');

/** The cleaner of a model, made at first use: the model is the home of the queue and of checks already done. */
export function cleanerOf(model: AnyModel): Cleaner | undefined {
  if (Object.hasOwn(model, CLEANER)) return (model as { [CLEANER]?: Cleaner })[CLEANER];
  if (!hasPlugin(model)) return undefined;
  const cleaner = new Cleaner(model);
  Object.defineProperty(model, CLEANER, { value: cleaner });
  return cleaner;
}

/** Takes what writes of one model have dropped on its way: still used? → removal → outcome. */
export class Cleaner {
  readonly model: AnyModel;
  readonly options: CleanupOptions;
  readonly reporter: Reporter;
  readonly #retries: RetryQueue;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;
  #tracked: { discriminators: number; fields: Tracked[] } | undefined;
  #hasCheckedIndexes = false;

  constructor(model: AnyModel) {
    this.model = model;
    this.options = applicationsOf(model.schema)[0]!.options;
    this.reporter = new Reporter(model, this.options, () => this.tracked);
    this.#retries = new RetryQueue(this.options.retry, (entries) => this.#tryAgain(entries));
    const base = baseWithoutPlugin(model);
    if (base !== undefined) {
      this.reporter.warn(
        `the discriminator "${model.modelName}" has the plugin and its base "${base}" has not: ` +
          `${base}.deleteMany() and other writes through the base leave its files; apply the plugin to the base schema`,
      );
    }
  }

  /** The fields of the model and of its discriminators, which may be registered later than the model. */
  get tracked(): readonly Tracked[] {
    const discriminators = Object.keys(this.model.discriminators ?? {}).length;
    if (this.#tracked?.discriminators !== discriminators) {
      this.#tracked = { discriminators, fields: trackedOf(this.model) };
    }
    return this.#tracked.fields;
  }

  get fields(): readonly TrackedField[] {
    return this.tracked.map(({ field }) => field);
  }

  isEnabled(): boolean {
    try {
      const isOn: unknown = this.options.isEnabled();
      if (typeof isOn === 'boolean') return isOn;
      isolated(() => isOn);
      this.reporter.warn('the option "enabled" did not answer with true or false, which counts as off');
      return false;
    } catch (thrown) {
      this.reporter.warn(`the option "enabled" threw, which counts as off: ${asError(thrown).message}`);
      return false;
    }
  }

  /**
   * Hands over the values that documents held before a write which is now acknowledged. In a transaction they wait for
   * its end. Never rejects; waits as `removal` says.
   */
  async release(candidates: Candidates, write: Write): Promise<void> {
    if (candidates.size === 0) return;
    const { model, options, reporter } = this;
    const preparing = { model, options, reporter, isClosed: this.#isClosed };
    const entries = prepareEntries(candidates, write, preparing);
    if (isInTransaction(write.session)) {
      await waitAtMost(this.options.timeoutMs, entries);
      UnitOfWork.of(write.session).add({
        release: () => this.#settleAndWait(this.#unlessClosed(entries)),
        keep: () => {
          void this.#background(
            entries.then((all) => {
              this.#keepAll(all, 'unknown commit');
            }),
          );
        },
      });
      return;
    }
    await this.#settleAndWait(entries);
  }

  /** Does a provider of this model know the value? */
  owns(value: unknown): boolean {
    return this.tracked.some(({ options }) => ownerOf(value, options.providers) !== undefined);
  }

  /** Resolves when everything scheduled so far has an outcome. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#retries.size > 0) {
      await Promise.all([...this.#running, this.#retries.idle()]);
    }
    await this.#retries.idle();
  }

  /** No removals from now on; those under way are drained for `timeoutMs`. Returns how many were given up. */
  async close(timeoutMs: number): Promise<number> {
    this.#isClosed = true;
    this.#retries.hurry();
    await waitAtMost(timeoutMs, this.idle());
    const left = this.#retries.giveUp();
    for (const { entry, error } of left)
      this.reporter.outcome(entry, { outcome: 'failed', error, retryable: true });
    return left.length;
  }

  async #settleAndWait(entries: Promise<Entry[]>): Promise<void> {
    const work = this.#background(entries.then((all) => this.#settle(all)));
    if (this.options.removal === 'wait') await waitAtMost(this.options.timeoutMs, work);
  }

  /** Each plugin call has its own scope and time limits, so a base and a child that both have one are served apart. */
  async #settle(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    this.#checkIndexesOnce();
    const byOptions = groupBy(entries, ({ tracked }) => tracked.options);
    const ways = [...byOptions].flatMap(([options, own]) =>
      [...groupBy(own, ({ provider }) => provider)].map(([provider, its]) => ({ options, provider, its })),
    );
    await Promise.all(
      ways.map(async ({ options, provider, its }) => {
        const batches = inBatches(its, questionSizeOf(provider));
        const work = async (): Promise<void> => {
          for (const batch of batches) await this.#removeUnused(batch, options);
        };
        await Promise.all(Array.from({ length: questionsAtATime(provider) }, work));
      }),
    );
  }

  /** Asks, then removes what nobody uses: one batch, so that the question is the last thing before the call of the provider. */
  async #removeUnused(entries: readonly Entry[], options: CleanupOptions): Promise<void> {
    if (entries.length === 0) return;
    const unused: Entry[] = [];
    for (const [entry, verdict] of await stillUsed(entries, this.model, options)) {
      if (verdict === 'unused') unused.push(entry);
      // by the same document again: silent at the write itself, an outcome for a removal that was tried before
      else if (verdict === 'by another' || (verdict === 'by itself' && entry.attempts > 0))
        this.reporter.outcome(entry, { outcome: 'kept', reason: 'still used' });
      else if (typeof verdict === 'object') {
        this.reporter.outcome(entry, { outcome: 'kept', reason: 'unanswered' }, verdict.unanswered);
      }
    }
    for (const { entry, outcome } of await attempt(unused, options)) {
      entry.attempts++;
      if (!this.#willRetry(entry, outcome)) this.reporter.outcome(entry, outcome);
    }
  }

  #willRetry(entry: Entry, outcome: RemovalOutcome): boolean {
    if (outcome.outcome !== 'failed' || !outcome.retryable) return false;
    return this.#retries.add(entry, outcome.error, outcome.retryAt);
  }

  async #tryAgain(entries: readonly Entry[]): Promise<void> {
    await this.#background(this.#settle(entries));
  }

  async #unlessClosed(entries: Promise<Entry[]>): Promise<Entry[]> {
    const all = await entries;
    if (!this.#isClosed) return all;
    this.#keepAll(all, 'closed');
    return [];
  }

  #keepAll(entries: readonly Entry[], reason: KeptReason): void {
    for (const entry of entries) this.reporter.outcome(entry, { outcome: 'kept', reason });
  }

  #checkIndexesOnce(): void {
    if (this.#hasCheckedIndexes || this.options.references === 'document') return;
    this.#hasCheckedIndexes = true;
    void this.#background(
      fieldsWithoutIndex(this.model, this.fields).then((paths) => {
        if (paths.length > 0) this.reporter.warn(indexAdvice(this.model, paths));
      }),
    );
  }

  /** Work that `idle` waits for. What goes wrong inside is ours to report, never to throw. */
  async #background(work: Promise<unknown>): Promise<void> {
    const settled = work.catch((thrown: unknown) => {
      this.reporter.warn(`an unexpected error, files are kept: ${asError(thrown).stack ?? ''}`);
    });
    this.#running.add(settled);
    await settled;
    this.#running.delete(settled);
  }
}
