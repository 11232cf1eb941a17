import { withoutImageCleanup } from '../../lib/index.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { documentOf } from './contents.js';
import { Uploader } from './forms.js';
import { Broken, Judge, type Excuse } from './judge.js';
import { CutError, cutFirstWrite, Overlaps } from './overlaps.js';
import { perform } from './perform.js';
import type { Content, Fault, History, ModelName, Operation, Step } from './steps.js';
import { tolerate } from './tolerate.js';
import { transact } from './transactions.js';
import { drain, leastGraceOf } from './journalled.js';
import { ATTEMPTS, type World, type Worlds } from './world.js';

/** Plays a history. Rejects with `Broken` when something is untrue afterwards, or at any step. */
export async function play(worlds: Worlds, history: History): Promise<void> {
  const world = await worlds.of(history);
  await world.reset(history);
  await new Player(world, history).play();
}

class Player {
  readonly #world: World;
  readonly #history: History;
  readonly #judge: Judge;
  readonly #uploader: Uploader;
  readonly #overlaps: Overlaps;
  #faults = 0;
  #lastingFaults = 0;

  constructor(world: World, history: History) {
    this.#world = world;
    this.#history = history;
    this.#judge = new Judge(world, leastGraceOf(history));
    this.#uploader = new Uploader(world, this.#judge);
    this.#overlaps = new Overlaps(world, this.#judge, this.#uploader);
  }

  async play(): Promise<void> {
    await this.#insertDocuments();
    await this.#judge.begin();
    for (const [index, step] of this.#history.steps.entries()) {
      const excuse = await this.#step(step);
      await this.#judge.step(`step ${String(index)}`, excuse);
      this.#excuseFailed();
    }
    await this.#world.settle();
    if (this.#history.journal) await drain(this.#world);
    this.#excuseFailed();
    await this.#judge.end();
    this.#checkEvents();
  }

  async #insertDocuments(): Promise<void> {
    const documents = { Album: [] as object[], Concert: [] as object[] };
    for (const { model, group, ...content } of this.#history.documents) {
      const document = { group, ...(await documentOf(content, this.#uploader.forms({ model }))) };
      if (model === 'Live') documents.Album.push({ ...document, __t: 'Live' });
      else documents[model].push(document);
    }
    for (const [name, own] of Object.entries(documents)) {
      if (own.length > 0) await this.#world.model(name as ModelName).collection.insertMany(own as never);
    }
  }

  async #step(step: Step): Promise<Excuse> {
    const isBackground = this.#history.removal === 'background';
    // whoever takes up a file that nobody uses must not do so while it is being removed
    if (isBackground) await this.#settle('before the step');
    if ('operation' in step) return this.#operation(step);
    if ('transaction' in step) return this.#transaction(step);
    if ('together' in step || 'held' in step) {
      if ('together' in step) await this.#overlaps.together(step.together);
      else
        await this.#overlaps.held({
          ...step,
          held: refreshed(step.held),
          meanwhile: refreshed(step.meanwhile),
        });
      // what another write was about to store is asked about again when that is over, and nobody waits for it
      await this.#world.settle();
      return { isHeld: 'held' in step, areSeveral: true };
    }
    if ('timePasses' in step) await this.#world.pass(step.timePasses);
    else if ('reupload' in step) await this.#upload(step.reupload);
    else if ('pin' in step) {
      if (this.#history.references === 'list') this.#world.pinned.add(step.pin);
    } else {
      await this.#arm(step.fault);
      await this.#world.settle();
      await this.#heal(step.fault);
    }
    return {};
  }

  async #settle(when: string): Promise<void> {
    await this.#world.settle();
    this.#excuseFailed();
    await this.#judge.step(when);
  }

  async #operation(step: Extract<Step, { operation: unknown }>): Promise<Excuse> {
    const { operation, fault, off, cut } = step;
    const isMany = ['bulkWrite', 'bulkSave', 'saveStale', 'removeUnused'].includes(operation.do);
    const forms = this.#uploader.forms({ model: operation.model, isNamed: isMany });
    const isBackground = this.#history.removal === 'background';
    const act = (): Promise<boolean> => perform(this.#world, refreshed(operation), forms, optionsOf(step));
    await this.#arm(fault);
    const stopCutting = cut && cutFirstWrite(cut);
    try {
      await (off === 'block' ? withoutImageCleanup(act) : act());
    } catch (error) {
      if (fault?.in !== 'database' && !(error instanceof CutError)) tolerate(error);
    } finally {
      stopCutting?.();
    }
    if (fault && isBackground) await this.#world.settle();
    await this.#heal(fault);
    return { isExcused: off !== undefined || fault?.in === 'database' || (cut !== undefined && isMany) };
  }

  async #transaction(step: Extract<Step, { transaction: unknown }>): Promise<Excuse> {
    let isCommitted = false;
    try {
      isCommitted = await transact(this.#world, step, async (options) => {
        for (const operation of step.transaction) {
          const forms = this.#uploader.forms({ model: operation.model, isNamed: true });
          await perform(this.#world, operation, forms, options);
        }
        if (step.reupload !== undefined) await this.#upload(step.reupload);
      });
    } catch (error) {
      tolerate(error);
    }
    const areSeveral = step.transaction.length > 1;
    return { isExcused: !isCommitted, mustRemoveNothing: !isCommitted, areSeveral };
  }

  async #upload(name: string): Promise<void> {
    await this.#world.put(name);
    await this.#judge.uploaded(name);
  }

  async #arm(fault: Fault | undefined): Promise<void> {
    if (fault) this.#faults++;
    if (fault?.in === 'storage' && !['busy', 'throws'].includes(fault.kind)) this.#lastingFaults++;
    if (fault?.in === 'storage') this.#world.storage.fail(fault.kind, fault.times);
    if (fault?.in === 'database') {
      const { command, after, code: errorCode } = fault;
      await failCommands(this.#world.connection, { commands: [command], after, errorCode });
    }
  }

  async #heal(fault: Fault | undefined): Promise<void> {
    if (fault?.in === 'storage') this.#world.storage.heal();
    if (fault?.in === 'database') await healCommands(this.#world.connection);
  }

  /** What the storage refused for good may stay, if it is told. */
  #excuseFailed(): void {
    for (const { outcome, asset, attempts } of this.#world.events) {
      if (outcome !== 'failed') continue;
      if (this.#faults === 0) throw new Broken(`a removal failed though nothing was in its way`);
      if (this.#lastingFaults === 0 && attempts < ATTEMPTS)
        throw new Broken('a removal was given up too early');
      this.#judge.excuseName(this.#world.naming.nameOf(asset!));
    }
  }

  #checkEvents(): void {
    const { events, log, storage } = this.#world;
    for (const event of events) {
      if ((event.outcome === 'kept') !== (event.reason !== undefined)) {
        throw new Broken(`an event with outcome ${event.outcome} and reason ${String(event.reason)}`);
      }
    }
    const unexpected = log.find((line) => line.includes('unexpected error'));
    if (unexpected) throw new Broken(unexpected);
    const told = events.filter(({ outcome }) => outcome === 'removed').map(({ asset }) => asset!.key);
    const done = storage.removed?.map((file) => file.replace(/#.*$/, ''));
    if (done && told.sort().join() !== done.sort().join()) {
      throw new Broken(`removed: ${done.join(', ')}; told: ${told.join(', ')}`);
    }
  }
}

function optionsOf({ off, grace }: Extract<Step, { operation: unknown }>): Record<string, unknown> {
  if (off === 'option') return { imageCleanup: false };
  return grace === undefined ? {} : { imageCleanup: { gracePeriod: grace } };
}

/** The second save of a stale document must not take up what the first one has just dropped. */
function refreshed(operation: Operation): Operation {
  if (operation.do !== 'saveStale') return operation;
  const second = Object.entries(operation.second).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.map(() => 'fresh') : 'fresh',
  ]);
  return { ...operation, second: Object.fromEntries(second) as Content };
}
