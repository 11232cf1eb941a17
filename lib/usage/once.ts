import type { Connection } from 'mongoose';

const DONE = Symbol.for('mongoose-image-cleanup:done-once:1');

/** `true` the first time for this connection and key: what all models of a connection need to be told once. */
export function isFirstTime(connection: Connection, key: string): boolean {
  const home = connection as Connection & { [DONE]?: Set<string> };
  if (!home[DONE]) Object.defineProperty(home, DONE, { value: new Set<string>() });
  if (home[DONE]!.has(key)) return false;
  home[DONE]!.add(key);
  return true;
}
