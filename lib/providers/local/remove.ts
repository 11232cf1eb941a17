import fse from 'fs-extra';
import nodePath from 'node:path';
import type { RemovalOutcome } from '../provider.js';

/** Passing conditions everywhere; Windows also says EACCES and EPERM while somebody has the file open. */
const PASSING = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ETXTBSY']);
const PASSING_ON_WINDOWS = new Set(['EACCES', 'EPERM']);
const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** Files unlinked at the same time within one batch; libuv has four threads by default. */
const CONCURRENCY = 16;

/** Removes files named by their paths below the root, one outcome each, in order. */
export async function removeFiles(
  root: string,
  relatives: readonly string[],
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const outcomes = new Array<RemovalOutcome>(relatives.length);
  const folders = new RealFolders(root);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < relatives.length; index = next++) {
      outcomes[index] = await untilAborted(signal, () => removeFile(folders, relatives[index]!, signal));
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, relatives.length) }, worker));
  return outcomes;
}

/**
 * `unlink` follows symbolic links in the folders of a path, so the folder's real path is checked and only then the entry
 * in it, which must be a regular file.
 */
async function removeFile(
  folders: RealFolders,
  relative: string,
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  try {
    const folder = await folders.of(nodePath.dirname(relative));
    if (folder === null) return { outcome: 'kept', reason: 'unsafe' };
    const target = nodePath.join(folder, nodePath.basename(relative));
    const stat = await fse.lstat(target);
    if (!stat.isFile()) return { outcome: 'kept', reason: 'unsafe' };
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
    const stat = await fse.lstat(path, { bigint: true });
    return `${String(stat.dev)}:${String(stat.ino)}:${String(stat.size)}:${String(stat.mtimeNs)}`;
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
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
function untilAborted(signal: AbortSignal, act: () => Promise<RemovalOutcome>): Promise<RemovalOutcome> {
  if (signal.aborted) return Promise.resolve(timedOut());
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve(timedOut());
    };
    signal.addEventListener('abort', stop, { once: true });
    act()
      .then(resolve, reject)
      .finally(() => {
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
