import type { mongo } from 'mongoose';
import { DriverCall } from './driver-call.js';
import { guardedWrite, type Guard } from './guarded-write.js';

/**
 * The collection that Mongoose calls instead of the driver's. It buffers until the connection is open, logs, and passes
 * calls on.
 */
export interface MongooseCollection {
  readonly name: string;
  _getCollection(): mongo.Collection | null;
  addQueue(call: unknown, args?: unknown): unknown;
  removeQueue(call: unknown, args?: unknown): boolean;
}

/** Returns who guards a call of the driver; `undefined` if no hook armed it, so that it goes directly to the driver. */
export type GuardOf = (call: DriverCall) => Guard | undefined;

const GATED = Symbol.for('mongoose-image-cleanup:gated:1');

/**
 * Returns the same collection for Mongoose, with a gate before the given methods of the driver. At the gate, the filter
 * is cast, later hooks have run, sessions of `transactionAsyncLocalStorage` are in the options, and the connection is
 * open. Buffering, its time-out and its errors remain those of Mongoose, since only the innermost collection is
 * replaced.
 */
export function gate<C extends MongooseCollection>(
  collection: C,
  methods: readonly string[],
  guardOf: GuardOf,
): C {
  const original = ungated(collection);
  let last: { readonly driver: mongo.Collection; readonly gated: mongo.Collection } | undefined;
  const gated = Object.create(original, {
    [GATED]: { value: original },
    _getCollection: {
      value: () => {
        const driver = original._getCollection();
        if (driver && driver !== last?.driver)
          last = { driver, gated: gatedDriver(driver, methods, guardOf) };
        return driver && last!.gated;
      },
    },
  }) as C;
  return Object.defineProperties(gated, queueThrough(gated, original));
}

function gatedDriver(
  driver: mongo.Collection,
  methods: readonly string[],
  guardOf: GuardOf,
): mongo.Collection {
  const through = (method: string) => ({
    value: (...args: unknown[]) => {
      const call = new DriverCall(driver, method, args);
      const guard = guardOf(call);
      return guard ? guardedWrite(call, guard) : call.run();
    },
  });
  const gates = Object.fromEntries(methods.map((method) => [method, through(method)]));
  return Object.create(driver, gates) as mongo.Collection;
}

/** Mongoose 7 and 8 queue a call by its name and repeat it on the original collection. This repeats it at the gate. */
function queueThrough(gated: MongooseCollection, original: MongooseCollection): PropertyDescriptorMap {
  const repeats = new Map<unknown, () => unknown>();
  return {
    addQueue: {
      value(call: unknown, args?: unknown[]) {
        if (typeof call !== 'string') return original.addQueue(call, args);
        const repeat = (): unknown =>
          (gated as unknown as Record<string, (...args: unknown[]) => unknown>)[call]!(...(args ?? []));
        repeats.set(args, repeat);
        return original.addQueue(repeat, args);
      },
    },
    removeQueue: {
      value: (call: unknown, args?: unknown) => original.removeQueue(repeats.get(args) ?? call, args),
    },
  };
}

/**
 * Whether Mongoose's collection can get a gate. It is an internal interface, which a future major version may change;
 * then the files of a write that `guard` would guard are kept, which is reported.
 */
export function isGateable(collection: unknown, guard: Guard | undefined): collection is MongooseCollection {
  const { _getCollection: inner } = (collection ?? {}) as Partial<MongooseCollection>;
  if (typeof inner === 'function') return true;
  const error = new Error('this version of Mongoose is not supported');
  guard?.cleaner.reporter.writeKept(guard.operation, { reason: 'no snapshot', error });
  return false;
}

/** The collection itself, if a clone of a query has copied a gate. */
export function ungated<C extends object>(collection: C): C {
  return (collection as { [GATED]?: C })[GATED] ?? collection;
}
