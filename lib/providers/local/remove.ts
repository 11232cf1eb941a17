import fse from 'fs-extra';
import nodePath from 'node:path';
import type { RemovalOutcome } from '../provider.js';

/** Passing conditions everywhere; Windows also says EACCES and EPERM while somebody has the file open. */
const PASSING = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ETXTBSY']);
const PASSING_ON_WINDOWS = new Set(['EACCES', 'EPERM']);
const GONE = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Removes one file below the real root. `unlink` follows symbolic links in the folders of a path, so the folder's real
 * path is checked and only then the entry in it, which must be a regular file.
 */
export async function removeFile(
  realRoot: string,
  relative: string,
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  return untilAborted(signal, async () => {
    try {
      const path = nodePath.join(realRoot, relative);
      const realParent = await fse.realpath(nodePath.dirname(path));
      if (!isInside(realRoot, realParent)) return { outcome: 'kept', reason: 'unsafe' };
      const target = nodePath.join(realParent, nodePath.basename(path));
      const stat = await fse.lstat(target);
      if (!stat.isFile()) return { outcome: 'kept', reason: 'unsafe' };
      if (signal.aborted) return timedOut();
      await fse.unlink(target);
      return { outcome: 'removed' };
    } catch (error) {
      return outcomeOf(error as NodeJS.ErrnoException);
    }
  });
}

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
