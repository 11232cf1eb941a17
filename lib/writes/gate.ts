import type { mongo } from 'mongoose';

/** What Mongoose calls instead of the driver: it buffers until the connection is open, logs, and passes on. */
export interface MongooseCollection {
  readonly name: string;
  _getCollection(): mongo.Collection | null;
  addQueue(call: unknown, args?: unknown): unknown;
  removeQueue(call: unknown, args?: unknown): boolean;
}

export type DriverMethod = (...args: unknown[]) => Promise<unknown>;

/** Runs in place of one call of the driver, with the very arguments that were meant for it. */
export type Around = (collection: mongo.Collection, method: string, args: unknown[]) => Promise<unknown>;

const GATED = Symbol.for('mongoose-image-cleanup:gated:1');

/**
 * The same collection for Mongoose, with a gate before the given methods of the driver. At the gate the filter is cast,
 * later hooks have had their say, sessions of `transactionAsyncLocalStorage` are in the options, and the connection is
 * open: buffering, its time-out and its errors stay those of Mongoose, since only the innermost collection is another.
 */
export function gate<C extends MongooseCollection>(
  collection: C,
  methods: readonly string[],
  around: Around,
): C {
  const original = ungated(collection);
  let last: { readonly driver: mongo.Collection; readonly gated: mongo.Collection } | undefined;
  const gated = Object.create(original, {
    [GATED]: { value: original },
    _getCollection: {
      value: () => {
        const driver = original._getCollection();
        if (driver && driver !== last?.driver) last = { driver, gated: gatedDriver(driver, methods, around) };
        return driver && last!.gated;
      },
    },
  }) as C;
  return Object.defineProperties(gated, queueThrough(gated, original));
}

/** Mongoose 7 and 8 queue a call by its name and repeat it on the original: here it is repeated at the gate. */
function queueThrough(gated: MongooseCollection, original: MongooseCollection): PropertyDescriptorMap {
  const repeats = new Map<unknown, () => unknown>();
  return {
    addQueue: {
      value(call: unknown, args?: unknown[]) {
        if (typeof call !== 'string') return original.addQueue(call, args);
        const repeat = (): unknown =>
          (gated as unknown as Record<string, DriverMethod>)[call]!(...(args ?? []));
        repeats.set(args, repeat);
        return original.addQueue(repeat, args);
      },
    },
    removeQueue: {
      value: (call: unknown, args?: unknown) => original.removeQueue(repeats.get(args) ?? call, args),
    },
  };
}

/** Can Mongoose's collection take a gate? It is an inner interface; a future major may do without it. */
export function isGateable(collection: unknown): collection is MongooseCollection {
  return typeof (collection as Partial<MongooseCollection> | null | undefined)?._getCollection === 'function';
}

export function isGated(collection: object): boolean {
  return GATED in collection;
}

/** The collection itself, where a clone of a query has taken a gate along. */
export function ungated<C extends object>(collection: C): C {
  return (collection as { [GATED]?: C })[GATED] ?? collection;
}

function gatedDriver(driver: mongo.Collection, methods: readonly string[], around: Around): mongo.Collection {
  const gates = methods.map((method) => [
    method,
    { value: (...args: unknown[]) => around(driver, method, args) },
  ]);
  return Object.create(driver, Object.fromEntries(gates) as PropertyDescriptorMap) as mongo.Collection;
}

/** The driver's own method, past the gate. */
export function callDriver(driver: mongo.Collection, method: string, args: unknown[]): Promise<unknown> {
  return (driver as unknown as Record<string, DriverMethod>)[method]!(...args);
}
