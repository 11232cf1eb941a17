import { createRequire } from 'node:module';

/** What loads an optional peer, from the first of these places beside which it is installed; `undefined`: it is beside none. */
export function loaderOf(name: string, places: readonly (string | undefined)[]): (() => unknown) | undefined {
  const found = places
    .filter((one) => one !== undefined)
    .map((place) => createRequire(place))
    .find((load) => canResolve(load, name));
  return found && (() => found(name) as unknown);
}

function canResolve(load: NodeJS.Require, name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    return false;
  }
}
