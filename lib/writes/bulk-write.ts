import type { mongo, Schema } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { cleanerOf, type Cleaner } from '../removal/cleaner.js';
import {
  canBulkStore,
  droppableByBulk,
  hitsOf,
  ranDespite,
  storedByBulk,
  storedOnTheWay,
  writtenByBulk,
  type BulkOperation,
} from './bulk-operations.js';
import { callDriver, gate, isGateable, ungated, type MongooseCollection } from './gate.js';
import { guardedWrite, type WriteCall } from './guarded-write.js';
import { readInsert } from './insert.js';
import { isOptedOut } from './opt-out.js';
import { optionsOf } from './query.js';

interface BulkOptions {
  imageCleanup?: unknown;
  _skipCastBulkWrite?: unknown;
}

/** Which cleaner minds which operation; kept on the gate, so every hook of the model finds the same. */
const ARMED = Symbol.for('mongoose-image-cleanup:armed:1');

interface Armed {
  readonly cleaner: Cleaner;
  readonly operation: string;
}

type BulkGate = MongooseCollection & { [ARMED]?: WeakMap<object, Armed> };

/** `Model.bulkWrite` and, through it, `Model.bulkSave` (hooked since Mongoose 8.2). */
export function cleanUpAfterBulkWrites(schema: Schema): void {
  // Mongoose 8 gives arguments only to a function that declares some, `next` first; the promise stands for calling it
  const hook = function (this: unknown, first: unknown, second: unknown, third: unknown): Promise<void> {
    const [operations, options] = typeof first === 'function' ? [second, third] : [first, second];
    if (Array.isArray(operations)) {
      armBulkWrite(this as AnyModel, operations, (options ?? {}) as BulkOptions);
    }
    return Promise.resolve();
  };
  schema.pre('bulkWrite' as 'save', hook as never);
}

/** `Model.insertMany`: its documents cannot be armed, since Mongoose makes them anew, so that its model gets the gate. */
export function noteInserts(schema: Schema): void {
  // Mongoose 8 gives arguments only to a function that declares some, `next` first; the promise stands for calling it
  const hook = function (this: unknown, _first: unknown, _second: unknown): Promise<void> {
    const model = this as AnyModel;
    if (cleanerOf(model)) armedOperations(model);
    return Promise.resolve();
  };
  schema.pre('insertMany' as 'save', hook as never);
}

/** Mongoose casts the operations in place, so the objects themselves tell an armed call at the gate. */
function armBulkWrite(model: AnyModel, operations: readonly unknown[], options: BulkOptions): void {
  const cleaner = cleanerOf(model);
  if (!cleaner) return;
  const operation = options._skipCastBulkWrite === true ? 'bulkSave' : 'bulkWrite';
  const armed = armedOperations(model);
  const isOff = isOptedOut(cleaner, options.imageCleanup);
  if (!armed) {
    if (!isOff)
      cleaner.reporter.keepWrite(
        operation,
        'no snapshot',
        new Error('this version of Mongoose is not supported'),
      );
    return;
  }
  for (const one of operations) {
    if (typeof one !== 'object' || one === null) continue;
    if (isOff) armed.delete(one);
    else armed.set(one, { cleaner, operation });
  }
}

/** A model that writes in bulk gets a gate for good; it lets pass what no hook has armed. */
function armedOperations(model: AnyModel): WeakMap<object, Armed> | undefined {
  const inside = model as { $__collection?: BulkGate };
  const collection = inside.$__collection;
  if (!isGateable(collection)) return undefined;
  if (collection[ARMED]) return collection[ARMED];
  const armed = new WeakMap<object, Armed>();
  const gated = gate(ungated(collection), ['bulkWrite', 'insertMany'], (driver, method, args) =>
    method === 'insertMany'
      ? guardedInsert(model, driver, args)
      : guardedBulkWrite(armed, driver, args as [BulkOperation[], unknown]),
  );
  Object.defineProperty(gated, ARMED, { value: armed });
  inside.$__collection = gated;
  return armed;
}

function guardedBulkWrite(
  armed: WeakMap<object, Armed>,
  driver: mongo.Collection,
  args: [BulkOperation[], unknown],
): Promise<unknown> {
  const [sent, options] = args;
  const mind = sent.map((one) => armed.get(one)).find((one) => one !== undefined);
  for (const one of sent) armed.delete(one);
  if (!mind) return callDriver(driver, 'bulkWrite', args);
  const { cleaner, operation } = mind;
  const read = (): WriteCall | undefined => readBulkWrite(cleaner, sent, options);
  return guardedWrite(cleaner, operation, read, driver, 'bulkWrite', args);
}

function guardedInsert(model: AnyModel, driver: mongo.Collection, args: unknown[]): Promise<unknown> {
  const cleaner = cleanerOf(model);
  if (!cleaner || isOptedOut(cleaner, optionsOf(args[1]).imageCleanup)) {
    return callDriver(driver, 'insertMany', args);
  }
  return guardedWrite(cleaner, 'insertMany', () => readInsert(cleaner, args), driver, 'insertMany', args);
}

function readBulkWrite(
  cleaner: Cleaner,
  sent: readonly BulkOperation[],
  given: unknown,
): WriteCall | undefined {
  const tracked = droppableByBulk(sent, cleaner.tracked);
  if (tracked.length === 0 && !canBulkStore(sent, cleaner.tracked)) return undefined;
  return {
    hits: tracked.length === 0 ? [] : hitsOf(sent, tracked),
    tracked,
    options: optionsOf(given),
    written: writtenByBulk(sent, cleaner.fields),
    storedOnTheWay: (result) => storedOnTheWay(sent, tracked, result),
    stored: (result) => storedByBulk(sent, cleaner.tracked, result),
    storedDespite(error) {
      const isOrdered = (given as { ordered?: boolean } | undefined)?.ordered !== false;
      const { result } = error as { result?: unknown };
      return storedByBulk(ranDespite(sent, error, isOrdered), cleaner.tracked, result);
    },
  };
}
