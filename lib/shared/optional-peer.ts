import { createRequire } from 'node:module';

/** Returns what loads an optional peer from the first of these places where it is installed; `undefined` if it is not. */
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
