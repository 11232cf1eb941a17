import { realpathSync } from 'node:fs';
import nodePath from 'node:path';

/** Where a folder really is, which gives its files one key whatever path leads to it. */
export class Root {
  /** Absolute, as it was given. */
  readonly given: string;
  #real: string | undefined;

  constructor(given: string) {
    this.given = given;
  }

  /** Kept once the folder is there; before that, the real path of what is there of it, and the rest as given. */
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

/** The identity of a file: its absolute path, the same from every root that it lies in. */
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
