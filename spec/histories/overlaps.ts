import { mongo } from 'mongoose';
import { setImmediate as turn } from 'node:timers/promises';
import type { Uploader } from './forms.js';
import type { Judge } from './judge.js';
import { perform } from './perform.js';
import type { Act, Operation, Step } from './steps.js';
import { INTENTS } from '../support/journal.js';
import { tolerate } from './tolerate.js';
import { isDeliberate, withFewRuns } from './transactions.js';
import type { World } from './world.js';

/** Plays operations that overlap each other. */
export class Overlaps {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #uploader: Uploader;

  constructor(world: World, judge: Judge, uploader: Uploader) {
    this.#world = world;
    this.#judge = judge;
    this.#uploader = uploader;
  }

  /** All at once. Each stores new uploads: nothing is taken up that another one may be removing. */
  async together(acts: readonly Act[]): Promise<void> {
    const able = acts.filter(
      ({ operation }) => !['copy', 'saveArrays', 'removeUnused'].includes(operation.do),
    );
    const outcomes = await Promise.allSettled(able.map((act) => this.#act(act)));
    for (const outcome of outcomes)
      if (outcome.status === 'rejected' && !isDeliberate(outcome.reason)) tolerate(outcome.reason);
    for (const outcome of outcomes) {
      for (const file of outcome.status === 'fulfilled' ? outcome.value : []) await this.#judge.hadFile(file);
    }
  }

  /**
   * The first write of one operation is held at the driver until the other operation is done. What it is about to store is
   * known by then, so it may take up any file.
   */
  async held({ held, when, meanwhile }: Extract<Step, { held: unknown }>): Promise<void> {
    const hold = holdFirstWrite(when);
    const first = this.#run(held, { isNamed: true });
    const settled = first.then(
      () => undefined,
      () => undefined,
    );
    try {
      const isHeld = await Promise.race([hold.isReached.then(() => true), settled.then(() => false)]);
      hold.stop();
      // two operations one after the other
      if (!isHeld) await this.#over('the operation that was to be held');
      await this.#run(meanwhile, { isNamed: true });
    } finally {
      hold.release();
      await settled;
    }
    await first;
  }

  /** What another write was about to store is asked about again when that is over, and nobody waits for it. */
  async #over(what: string): Promise<void> {
    await this.#world.settle();
    await this.#judge.step(what);
  }

  /** The uploads that a document had, for certain. */
  async #act({ operation, isInTransaction = false, turns = 0 }: Act): Promise<readonly string[]> {
    for (let n = 0; n < turns; n++) await turn();
    const how = { model: operation.model, isNamed: true, isConcurrent: true };
    if (!isInTransaction) {
      const forms = this.#uploader.forms(how);
      return (await perform(this.#world, oneByOne(operation), forms, {})) ? forms.uploads : [];
    }
    let had: readonly string[] = [];
    const run = withFewRuns(async (options) => {
      const forms = this.#uploader.forms(how);
      had = (await perform(this.#world, oneByOne(operation), forms, options)) ? forms.uploads : [];
    });
    await this.#world.connection.transaction((session) => run({ session }));
    return had;
  }

  async #run(operation: Operation, how: { isNamed: boolean }): Promise<void> {
    try {
      await perform(this.#world, operation, this.#uploader.forms({ ...how, model: operation.model }), {});
    } catch (error) {
      tolerate(error);
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

/** Neither the server's nor the driver's, so nobody knows what became of the write. */
export class CutError extends Error {}

class Signal {
  resolve!: () => void;
  readonly promise = new Promise<void>((resolve) => (this.resolve = resolve));
}

type Call = (...args: unknown[]) => Promise<unknown>;

const METHODS = [
  ...['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne', 'bulkWrite'],
  ...['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete', 'deleteOne', 'deleteMany'],
];

interface Hold {
  readonly isReached: Promise<void>;
  /** No call is held from now on that is not held yet. */
  stop(): void;
  release(): void;
}

function isOfJournal(collection: unknown): boolean {
  return (collection as { collectionName: string }).collectionName === INTENTS;
}

/** As if the process died at the next write that goes to the driver: it is not sent, or its answer comes to nobody. */
export function cutFirstWrite(when: 'before' | 'after'): () => void {
  const hold = holdFirstWrite(when, () => {
    throw new CutError('cut off');
  });
  hold.release();
  return hold.stop;
}

/** Holds the next write that goes to the driver, whatever its method: before it is sent, or with its answer. */
function holdFirstWrite(when: 'before' | 'after', then: () => void = () => undefined): Hold {
  const prototype = mongo.Collection.prototype as unknown as Record<string, Call>;
  const originals = METHODS.map((method) => [method, prototype[method]!] as const);
  const [reached, released] = [new Signal(), new Signal()];
  const stop = (): void => {
    for (const [method, original] of originals) prototype[method] = original;
  };
  for (const [method, original] of originals) {
    prototype[method] = async function (this: unknown, ...args) {
      if (isOfJournal(this)) return original.apply(this, args);
      stop();
      if (when === 'before') {
        reached.resolve();
        await released.promise;
        then();
        return original.apply(this, args);
      }
      try {
        return await original.apply(this, args);
      } finally {
        reached.resolve();
        await released.promise;
        then();
      }
    };
  }
  return { isReached: reached.promise, stop, release: released.resolve };
}
