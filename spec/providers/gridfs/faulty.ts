import type { Connection } from 'mongoose';

/** Instead of a method of a collection, by `photos.chunks deleteMany`; `original` is the method itself. */
export type Faults = Record<string, (original: () => unknown) => unknown>;

/** The same connection, in which some methods of collections do something else. `faults` may change at any time. */
export function faulty(connection: Connection, faults: Faults): Connection {
  const db = overridden(
    connection.db!,
    'collection',
    (collection: (...names: unknown[]) => object, ...names: unknown[]) =>
      withFaults(collection(...names), String(names[0]), faults),
  );
  return overridden(connection, 'db', db);
}

function withFaults<T extends object>(collection: T, name: string, faults: Faults): T {
  return new Proxy(collection, {
    get(target, method) {
      const own = Reflect.get(target, method, target) as unknown;
      if (typeof own !== 'function') return own;
      const fault = faults[`${name} ${String(method)}`];
      const original = (...args: unknown[]): unknown => own.apply(target, args) as unknown;
      return fault ? (...args: unknown[]) => fault(() => original(...args)) : original;
    },
  });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function overridden<T extends object>(target: T, property: string, by: any): T {
  return new Proxy(target, {
    get(own, name) {
      const value = Reflect.get(own, name, own) as unknown;
      const bound = typeof value === 'function' ? (value.bind(own) as unknown) : value;
      if (name !== property) return bound;
      return typeof by === 'function'
        ? (...args: unknown[]) => by(bound, ...args) as unknown
        : (by as unknown);
    },
  });
}
