import { withoutImageCleanup } from '../../lib/index.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { documentOf, type Forms } from './contents.js';
import { ANCHOR, nameOf } from './files.js';
import { Broken, Judge } from './judge.js';
import { perform } from './perform.js';
import type { Content, Fault, History, ModelName, Operation, Step } from './steps.js';
import { transact } from './transactions.js';
import { ATTEMPTS, type World, type Worlds } from './world.js';

/** Plays a history. Rejects with `Broken` when something is untrue afterwards, or at any step. */
export async function play(worlds: Worlds, history: History): Promise<void> {
  const world = await worlds.of(history);
  await world.reset(history);
  await new Player(world, history).play();
}

type Excuse = { isExcused?: boolean; mustRemoveNothing?: boolean };

class Player {
  readonly #world: World;
  readonly #history: History;
  readonly #judge: Judge;
  #fresh = 0;
  #faults = 0;
  #lastingFaults = 0;

  constructor(world: World, history: History) {
    this.#world = world;
    this.#history = history;
    this.#judge = new Judge(world);
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
    this.#excuseFailed();
    await this.#judge.end();
    this.#checkEvents();
  }

  async #insertDocuments(): Promise<void> {
    const documents = { Album: [] as object[], Concert: [] as object[] };
    for (const { model, group, ...content } of this.#history.documents) {
      const document = { group, ...(await documentOf(content, this.#forms())) };
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
    if (isBackground && !('together' in step)) {
      await this.#world.settle();
      this.#excuseFailed();
      await this.#judge.step('between the steps');
    }
    if ('operation' in step) return this.#operation(step);
    if ('transaction' in step) return this.#transaction(step);
    if ('together' in step) return this.#together(step.together);
    if ('reupload' in step) await this.#upload(step.reupload);
    else if ('pin' in step) {
      if (this.#history.references === 'list') this.#world.pinned.add(step.pin);
    } else {
      await this.#arm(step.fault);
      await this.#world.settle();
      await this.#heal(step.fault);
    }
    return {};
  }

  async #operation({ operation, fault, off }: Extract<Step, { operation: unknown }>): Promise<Excuse> {
    const isMany = ['bulkWrite', 'saveStale', 'removeUnused'].includes(operation.do);
    const forms = this.#forms({ isNamed: isMany });
    const isBackground = this.#history.removal === 'background';
    const act = (): Promise<void> =>
      perform(this.#world, refreshed(operation), forms, off === 'option' ? { imageCleanup: false } : {});
    await this.#arm(fault);
    try {
      await (off === 'block' ? withoutImageCleanup(act) : act());
    } catch (error) {
      if (fault?.in !== 'database') tolerate(error);
    }
    if (fault && isBackground) await this.#world.settle();
    await this.#heal(fault);
    return { isExcused: off !== undefined || fault?.in === 'database' };
  }

  async #transaction(step: Extract<Step, { transaction: unknown }>): Promise<Excuse> {
    let isCommitted = false;
    try {
      isCommitted = await transact(this.#world, step, async (options) => {
        for (const operation of step.transaction) {
          await perform(this.#world, operation, this.#forms({ isNamed: true }), options);
        }
        if (step.reupload !== undefined) await this.#upload(step.reupload);
      });
    } catch (error) {
      tolerate(error);
    }
    return { isExcused: !isCommitted, mustRemoveNothing: !isCommitted };
  }

  async #together(operations: readonly Operation[]): Promise<Excuse> {
    const forms = this.#forms({ isNamed: true, isConcurrent: true });
    const able = operations.filter(({ do: what }) => !['copy', 'saveArrays', 'removeUnused'].includes(what));
    const acts = able.map((operation) => perform(this.#world, oneByOne(operation), forms, {}));
    for (const act of await Promise.allSettled(acts)) if (act.status === 'rejected') tolerate(act.reason);
    return { isExcused: true };
  }

  #forms({ isNamed = false, isConcurrent = false } = {}): Forms {
    return {
      hasObjects: this.#world.hasObjects,
      resolve: async (value) => {
        const isFresh = value === 'fresh' || (isConcurrent && value !== ANCHOR);
        const stored = isFresh ? `fresh-${String(++this.#fresh)}.png` : value;
        if (isFresh) await this.#world.storage.put(stored);
        if (isFresh || isNamed) await this.#judge.name(nameOf(stored) ?? stored);
        return stored;
      },
    };
  }

  async #upload(name: string): Promise<void> {
    await this.#world.storage.put(name);
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
      this.#judge.excuseName(asset!.key.replace(/^.*\//, ''));
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

/** An update of many documents takes up its file in one after the other, and somebody may drop it from the first before. */
function oneByOne(operation: Operation): Operation {
  if (operation.do === 'update' && operation.call === 'updateMany')
    return { ...operation, call: 'updateOne' };
  if (operation.do !== 'bulkWrite') return operation;
  const parts = operation.parts.map((part) =>
    'updateMany' in part ? { updateOne: part.updateMany, change: part.change } : part,
  );
  return { ...operation, parts };
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

const EVERYDAY = [
  'VersionError',
  'DocumentNotFoundError',
  'MongoBulkWriteError',
  'MongooseBulkSaveIncompleteError',
];

/** What Mongoose or MongoDB may say to such operations, with the plugin or without. */
function tolerate(error: unknown): void {
  const { name = '', code } = error as { name?: string; code?: number };
  if (EVERYDAY.includes(name)) return;
  // a duplicate key; a path that does not fit the document
  if (name === 'MongoServerError' && [11000, 2, 28, 40, 112].includes(Number(code))) return;
  throw error;
}
