import fse from 'fs-extra';
import type { BigIntStats } from 'node:fs';
import nodePath from 'node:path';
import type { RemovalOutcome } from '../provider.js';

/** Passing conditions everywhere; Windows also says EACCES and EPERM while somebody has the file open. */
const PASSING = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ETXTBSY']);
const PASSING_ON_WINDOWS = new Set(['EACCES', 'EPERM']);
const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** Files unlinked at the same time within one batch; libuv has four threads by default. */
const CONCURRENCY = 16;

/** A file by its path below the root, and the content that is meant. */
export interface Wanted {
  readonly relative: string;
  /** Its fingerprint when it was dropped; `null`: there was none; `undefined`: whatever is there. */
  readonly expected: string | null | undefined;
}

/** Removes files, one outcome each, in order. What is not done when the signal is aborted has failed. */
export async function removeFiles(
  root: string,
  files: readonly Wanted[],
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const outcomes = new Array<RemovalOutcome | undefined>(files.length).fill(undefined);
  const folders = new RealFolders(root);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < files.length && !signal.aborted; index = next++) {
      outcomes[index] = await removeFile(folders, files[index]!, signal);
    }
  };
  const workers = Array.from({ length: Math.min(CONCURRENCY, files.length) }, worker);
  await untilAborted(signal, Promise.all(workers));
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

/** Real paths of the folders that one batch meets, each looked up once; `null` for one outside of the real root. */
class RealFolders {
  readonly #root: string;
  readonly #found = new Map<string, Promise<string | null>>();

  constructor(root: string) {
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
    const realRoot = await realPath(this.#root);
    const real = await realPath(nodePath.join(realRoot, relative));
    return isInside(realRoot, real) ? real : null;
  }
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
