import type { Schema } from 'mongoose';
import { cleanerOf } from '../removal/cleaner.js';
import type { AnyModel } from '../schema/options.js';
import type { DriverCall } from './driver-call.js';
import { gate, isGateable, ungated, type MongooseCollection } from './collection-gate.js';
import type { Guard } from './guarded-write.js';
import { activeCleanerOf } from './opt-out.js';

interface BulkOptions {
  imageCleanup?: unknown;
  _skipCastBulkWrite?: unknown;
}

/** Who guards which operation. Stored on the gate, so that every hook of the model finds the same. */
const ARMED = Symbol.for('mongoose-image-cleanup:armed:1');

type ModelGate = MongooseCollection & { [ARMED]?: WeakMap<object, Guard> };

/** Arms `Model.bulkWrite`, with it `Model.bulkSave` (hooked since Mongoose 8.2), and `Model.insertMany`. */
export function armModels(schema: Schema): void {
  // Mongoose 8 passes arguments only to a function that declares some, `next` first. The promise replaces a call of it.
  const beforeBulkWrite = function (this: unknown, first: unknown, ...others: unknown[]): Promise<void> {
    const [operations, options] = typeof first === 'function' ? others : [first, ...others];
    if (Array.isArray(operations)) armBulkWrite(this as AnyModel, operations, (options ?? {}) as BulkOptions);
    return Promise.resolve();
  };
  // its documents cannot be armed, since Mongoose creates new ones, so the model gets the gate
  const beforeInsertMany = function (this: unknown, _first: unknown): Promise<void> {
    const model = this as AnyModel;
    if (cleanerOf(model)) armedOperations(model);
    return Promise.resolve();
  };
  schema.pre('bulkWrite' as 'save', beforeBulkWrite as never);
  schema.pre('insertMany' as 'save', beforeInsertMany as never);
}

/** Mongoose casts the operations in place, so the gate recognises an armed call by the operation objects. */
function armBulkWrite(model: AnyModel, operations: readonly unknown[], options: BulkOptions): void {
  if (!cleanerOf(model)) return;
  const cleaner = activeCleanerOf(model, options.imageCleanup);
  const guard = cleaner && {
    cleaner,
    operation: options._skipCastBulkWrite === true ? 'bulkSave' : 'bulkWrite',
    option: options.imageCleanup,
  };
  const armed = armedOperations(model, guard);
  for (const one of operations) {
    if (typeof one !== 'object' || one === null) continue;
    if (guard) armed?.set(one, guard);
    else armed?.delete(one);
  }
}

/** A model that writes many documents keeps its gate, which passes calls that no hook has armed. */
function armedOperations(model: AnyModel, guard?: Guard): WeakMap<object, Guard> | undefined {
  const inside = model as { $__collection?: ModelGate };
  const collection = inside.$__collection;
  if (!isGateable(collection, guard)) return undefined;
  if (collection[ARMED]) return collection[ARMED];
  const armed = new WeakMap<object, Guard>();
  const gated = gate(ungated(collection), ['bulkWrite', 'insertMany'], (call) =>
    call.method === 'insertMany' ? guardOfInsert(model, call) : guardOfOperations(armed, call),
  );
  Object.defineProperty(gated, ARMED, { value: armed });
  inside.$__collection = gated;
  return armed;
}

function guardOfOperations(armed: WeakMap<object, Guard>, { args }: DriverCall): Guard | undefined {
  const operations = args[0] as object[];
  const guard = operations.map((one) => armed.get(one)).find((one) => one !== undefined);
  for (const one of operations) armed.delete(one);
  return guard;
}

function guardOfInsert(model: AnyModel, { options, method }: DriverCall): Guard | undefined {
  const cleaner = activeCleanerOf(model, options.imageCleanup);
  return cleaner && { cleaner, operation: method };
}
