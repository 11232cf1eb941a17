import fse from 'fs-extra';
import type { BigIntStats } from 'node:fs';
import nodePath from 'node:path';
import { forEachOf } from '../../shared/pool.js';
import type { RemovalOutcome } from '../provider.js';

/** Passing conditions everywhere; Windows also says EACCES and EPERM while somebody has the file open. */
const PASSING = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ETXTBSY']);
const PASSING_ON_WINDOWS = new Set(['EACCES', 'EPERM']);
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Files unlinked at the same time within one batch; libuv has four threads by default. */
const CONCURRENCY = 16;

/** A file by its path below the root, and the content that is meant. */
export interface Wanted {
  /** `null`: it is not below the root. */
  readonly relative: string | null;
  /** Its fingerprint when it was dropped; `null`: there was none; `undefined`: whatever is there. */
  readonly expected: string | null | undefined;
}

/** The folder as it was given, and where that was when the files were named. */
export interface RootPaths {
  readonly given: string;
  readonly real: string;
}

/** Removes files, one outcome each, in order. What is not done when the signal is aborted has failed. */
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
 * `unlink` follows symbolic links in the folders of a path, so the folder's real path is checked and only then the entry
 * in it, which must be a regular file, and the one that is meant.
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
 * The folders that one batch meets, each looked up once; `null` for one that is reached through a symbolic link: outside of
 * the root a file is not ours, and inside it has another name, under which nobody asked whether it is used.
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

/** `false`: the path leads to another folder by now. @throws Error when it leads nowhere. */
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

/** Where case and Unicode form make no difference to the system, its own spelling may differ from the one asked for. */
function isSamePath(one: string, other: string): boolean {
  if (one === other) return true;
  if (process.platform !== 'win32' && process.platform !== 'darwin') return false;
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}

/** By the operating system in one call; Node's own walks the path with a call for each folder. */
const realPath = (path: string): Promise<string> => fse.realpath.native(path);

/** Device, inode, size and time of change: another content under the same name differs, a second name of one file does not. */
export async function fingerprintOf(path: string): Promise<string | null> {
  try {
    return fingerprintIn(await fse.lstat(path, { bigint: true }));
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function fingerprintIn({ dev, ino, size, mtimeNs }: BigIntStats): string {
  // joined, not added up: a sum of strings keeps its parts, and one is held for every file of a large write
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

/** A file system call cannot be stopped (a dead network share), but the caller need not wait for it. */
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
