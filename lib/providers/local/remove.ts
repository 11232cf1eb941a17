import fse from 'fs-extra';
import type { BigIntStats } from 'node:fs';
import nodePath from 'node:path';
import { forEachOf } from '../../shared/pool.js';
import type { RemovalOutcome } from '../provider.js';

/** Temporary errors on all systems. Windows also reports EACCES and EPERM while another process has the file open. */
const PASSING = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ETXTBSY']);
const PASSING_ON_WINDOWS = new Set(['EACCES', 'EPERM']);
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** How many files of one batch are unlinked at the same time; libuv has four threads by default. */
const CONCURRENCY = 16;

/** A file by its path below the root, and the expected content. */
export interface Wanted {
  /** `null`: it is not below the root. */
  readonly relative: string | null;
  /** Its fingerprint when it was dropped; `null`: nothing was stored; `undefined`: any content. */
  readonly expected: string | null | undefined;
}

/** The folder as it was given, and its real path when the files were named. */
export interface RootPaths {
  readonly given: string;
  readonly real: string;
}

/** Removes files, with one outcome each, in order. Files that are left when the signal is aborted have failed. */
export async function removeFiles(
  root: RootPaths,
  files: readonly Wanted[],
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const outcomes = new Array<RemovalOutcome | undefined>(files.length).fill(undefined);
  const folders = new RealFolders(root);
  const all = forEachOf(files.entries(), CONCURRENCY, async ([index, file]) => {
    if (!signal.aborted) outcomes[index] = await removeFile(folders, file, signal);
  });
  await untilAborted(signal, all);
  return outcomes.map((outcome) => outcome ?? timedOut());
}

/**
 * `unlink` follows symbolic links in the folders of a path. So this function checks the real path of the folder, and
 * then the entry in it, which must be a regular file with the expected content.
 */
async function removeFile(
  folders: RealFolders,
  { relative, expected }: Wanted,
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  try {
    if (relative === null) return { outcome: 'kept', reason: 'unsafe' };
    const folder = await folders.of(nodePath.dirname(relative));
    if (folder === null) return { outcome: 'kept', reason: 'unsafe' };
    const target = nodePath.join(folder, nodePath.basename(relative));
    const stat = await fse.lstat(target, { bigint: true });
    if (!stat.isFile()) return { outcome: 'kept', reason: 'unsafe' };
    if (expected !== undefined && expected !== fingerprintIn(stat))
      return { outcome: 'kept', reason: 'changed' };
    if (signal.aborted) return timedOut();
    await fse.unlink(target);
    return { outcome: 'removed' };
  } catch (error) {
    return outcomeOf(error as NodeJS.ErrnoException);
  }
}

/**
 * The folders of one batch, each looked up once; `null` for a folder that is reached through a symbolic link. Outside
 * of the root, its files do not belong to this storage; inside, they have another name, for which the question was not
 * asked.
 */
class RealFolders {
  readonly #root: RootPaths;
  readonly #found = new Map<string, Promise<string | null>>();
  #isThere: Promise<boolean> | undefined;

  constructor(root: RootPaths) {
    this.#root = root;
  }

  of(relative: string): Promise<string | null> {
    const known = this.#found.get(relative);
    if (known) return known;
    const found = this.#lookUp(relative);
    this.#found.set(relative, found);
    return found;
  }

  async #lookUp(relative: string): Promise<string | null> {
    this.#isThere ??= isWhereItWas(this.#root);
    if (!(await this.#isThere)) return null;
    if (relative === '.') return this.#root.real;
    const path = nodePath.join(this.#root.real, relative);
    return isInside(this.#root.real, path) && isSamePath(await realPath(path), path) ? path : null;
  }
}

/** Returns `false` if the path now leads to another folder. @throws Error if it leads to none. */
async function isWhereItWas({ given, real }: RootPaths): Promise<boolean> {
  try {
    return isSamePath(await realPath(given), real);
  } catch (error) {
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new Error(
      `localProvider: the folder '${given}' does not exist, so nothing in it was removed; check the option "root", and that its disk is mounted`,
      { cause: error },
    );
  }
}

/** Where the system ignores case and Unicode form, its own spelling may differ from the one that was asked for. */
function isSamePath(one: string, other: string): boolean {
  if (one === other) return true;
  if (process.platform !== 'win32' && process.platform !== 'darwin') return false;
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}

/** One call of the operating system. Node's own implementation makes a call for each folder of the path. */
const realPath = (path: string): Promise<string> => fse.realpath.native(path);

/**
 * Device, inode, size and time of change. They differ for another content under the same name, and are equal for two
 * names of one file.
 */
export async function fingerprintOf(path: string): Promise<string | null> {
  try {
    return fingerprintIn(await fse.lstat(path, { bigint: true }));
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function fingerprintIn({ dev, ino, size, mtimeNs }: BigIntStats): string {
  // Joined and not added up: a sum of strings keeps its parts in memory, and a large write has one for every file.
  return [dev, ino, size, mtimeNs].join(':');
}

function outcomeOf(error: NodeJS.ErrnoException): RemovalOutcome {
  const code = error.code ?? '';
  if (GONE.has(code)) return { outcome: 'missing' };
  const retryable = PASSING.has(code) || (process.platform === 'win32' && PASSING_ON_WINDOWS.has(code));
  return { outcome: 'failed', error, retryable };
}

export function isInside(root: string, path: string): boolean {
  const relative = nodePath.relative(root, path);
  return relative === '' || !(relative.split(nodePath.sep)[0] === '..' || nodePath.isAbsolute(relative));
}

/**
 * A call of the file system cannot be stopped (on a dead network share, for example), but the caller need not wait for
 * it.
 */
function untilAborted(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    work.then(stop, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

function timedOut(): RemovalOutcome {
  return {
    outcome: 'failed',
    error: new Error('the removal took too long and was aborted'),
    retryable: true,
  };
}
