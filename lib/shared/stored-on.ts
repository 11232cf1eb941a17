/**
 * What is stored on an object under a symbol, created the first time. Models, connections and sessions keep state in
 * this way, so that all copies of the library in a process share it.
 */
export function storedOn<T>(home: object, symbol: symbol, create: () => T): T {
  if (!Object.hasOwn(home, symbol)) Object.defineProperty(home, symbol, { value: create() });
  return (home as Record<symbol, T>)[symbol]!;
}
