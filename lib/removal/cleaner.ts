import type { ClientSession } from 'mongoose';
import { pluginCallsOf } from '../schema/plugin-calls.js';
import { baseWithoutPlugin, hasPlugin, trackedOf, type Tracked } from '../schema/model-fields.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import { storedOn } from '../shared/stored-on.js';
import { isolated } from '../shared/isolated.js';
import { asError, waitAtMost } from '../shared/time-limit.js';
import { ownerOf } from '../usage/meaning.js';
import { providersOf, type Asking } from '../usage/scope.js';
import type { Candidates, Dropped, DroppedFile } from './candidates.js';
import { ModelUsage } from './model-usage.js';
import { prepareFiles } from './preparation.js';
import { Remover } from './remover.js';
import { Reporter } from './reporter.js';
import { isInTransaction, UnitOfWork, whenCommitted } from './unit-of-work.js';
import type { UnknownValues } from './unknown-values.js';

const CLEANER = Symbol.for('mongoose-image-cleanup:cleaner:4');

/**
 * The cleaner of a model, created at first use. It is stored on the model, with its queue and the results of its
 * checks.
 */
export function cleanerOf(model: AnyModel): Cleaner | undefined {
  if (!Object.hasOwn(model, CLEANER) && !hasPlugin(model)) return undefined;
  return storedOn(model, CLEANER, () => new Cleaner(model));
}

/** How candidates are released. */
export interface Handover {
  readonly session?: ClientSession | null | undefined;
  /** Values that the write stored. A file that they name in any way is not removed. */
  readonly written?: readonly unknown[] | undefined;
}

/** The cleaner of one model: takes what its writes have dropped, and knows what is still to be done. */
export class Cleaner {
  readonly model: AnyModel;
  readonly options: CleanupOptions;
  readonly reporter: Reporter;
  readonly #usage: ModelUsage;
  readonly #remover: Remover;
  readonly #running = new Set<Promise<unknown>>();

  constructor(model: AnyModel) {
    this.model = model;
    this.options = pluginCallsOf(model.schema)[0]!.options;
    this.reporter = new Reporter(model, this.options);
    const { options, reporter } = this;
    const usage = new ModelUsage(model, options, reporter);
    this.#usage = usage;
    this.#remover = new Remover({ options, reporter, usage, track: (work) => this.track(work) });
    const base = baseWithoutPlugin(model);
    if (base !== undefined) {
      reporter.warn(
        `the discriminator "${model.modelName}" has the plugin, but its base "${base}" does not: ` +
          `${base}.deleteMany() and other writes through the base do not remove its files; apply the plugin to the base schema`,
      );
    }
  }

  /** The fields of the model and of its discriminators, which may be registered later than the model. */
  get tracked(): readonly Tracked[] {
    return trackedOf(this.model);
  }

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
  async release(candidates: Candidates, handover: Handover = {}): Promise<void> {
    const { session } = handover;
    const { journal } = candidates.write;
    if (candidates.size === 0) {
      whenCommitted(session, () => journal?.deliver([]));
      return;
    }
    const files = this.#prepare(candidates, handover);
    const remove = (all: readonly DroppedFile[]): Promise<void> => {
      journal?.deliver(all);
      return this.#remover.removeUnused(all);
    };
    if (!isInTransaction(session)) return this.#waitFor(files.then(remove));
    await waitAtMost(this.options.timeoutMs, files);
    UnitOfWork.of(session).add((ending) => {
      if (ending === 'aborted') return undefined;
      const work = files.then((all) => {
        if (ending === 'committed' && !this.#remover.isClosed) return remove(all);
        return this.reporter.filesKept(all, ending === 'unknown' ? 'unknown commit' : 'closed');
      });
      return this.#waitFor(work);
    });
  }

  /**
   * Asks about files that a journal recorded, and removes those that nothing uses. `isMeant` distinguishes the recorded
   * files from others that the values mean now. Resolves when each file has its outcome, apart from later attempts.
   */
  async redeliver(candidates: Candidates, isMeant: (file: DroppedFile) => boolean): Promise<void> {
    const prepared = await this.#prepare(candidates);
    const files = prepared.filter(isMeant);
    candidates.write.journal?.deliver(files);
    await this.track(this.#remover.removeUnused(files));
  }

  /** Reports why files are kept for values that mean no file. Does nothing else. Never rejects. */
  async tellRefused(refused: Dropped): Promise<void> {
    await this.track(this.#prepare(refused).then(() => undefined));
  }

  #prepare(dropped: Dropped, { session, written = [] }: Handover = {}): Promise<DroppedFile[]> {
    return prepareFiles(dropped, {
      timeoutMs: this.options.timeoutMs,
      reporter: this.reporter,
      usage: this.#usage,
      isClosed: this.#remover.isClosed,
      written,
      mustWait: isInTransaction(session),
    });
  }

  status(): { readonly model: string; readonly waiting: number; readonly unknown: readonly UnknownValues[] } {
    return {
      model: this.model.modelName,
      waiting: this.#remover.retries.size,
      unknown: this.reporter.unknown.all(),
    };
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
    const { retries } = this.#remover;
    while (this.#running.size > 0 || retries.size > 0) await Promise.all([...this.#running, retries.idle()]);
  }

  /** Stops removals from now on; those under way may take `timeoutMs`. Returns how many were given up. */
  async close(timeoutMs: number): Promise<number> {
    this.#remover.close();
    await waitAtMost(timeoutMs, this.idle());
    return this.#remover.giveUp();
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
