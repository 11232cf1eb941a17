import { realpathSync } from 'node:fs';
import nodePath from 'node:path';

/** The real path of a folder, so that its files have the same key whatever path leads to it. */
export class Root {
  /** The absolute path, as it was given. */
  readonly given: string;
  #real: string | undefined;

  constructor(given: string) {
    this.given = given;
  }

  /** Kept once the folder exists. Until then, the real path of the part that exists, followed by the rest as given. */
  get real(): string {
    if (this.#real !== undefined) return this.#real;
    const real = realPathNow(this.given);
    if (real === null) return realBeginning(this.given);
    this.#real = real;
    return real;
  }
}

function realBeginning(path: string): string {
  const parent = nodePath.dirname(path);
  if (parent === path) return path;
  return nodePath.join(realPathNow(parent) ?? realBeginning(parent), nodePath.basename(path));
}

function realPathNow(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

/** A root, and what separates names on its system. */
export interface Rooted {
  readonly realRoot: string;
  readonly isWindows: boolean;
}

/** The key of a file: its absolute path, the same for every root that contains it. */
export function keyOf(name: string, { realRoot, isWindows }: Rooted): string {
  return isWindows ? `${realRoot}\\${name.replaceAll('/', '\\')}` : `${realRoot}/${name}`;
}

/** The path below the root, with `/`; `null` for a key outside of it. */
export function nameIn(key: string, { realRoot, isWindows }: Rooted): string | null {
  const separator = isWindows ? '\\' : '/';
  const start = realRoot.endsWith(separator) ? realRoot : realRoot + separator;
  if (!key.startsWith(start)) return null;
  const name = key.slice(start.length);
  return isWindows ? name.replaceAll('\\', '/') : name;
}
