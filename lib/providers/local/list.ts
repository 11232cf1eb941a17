import fse from 'fs-extra';
import nodePath from 'node:path';
import { opendir } from 'node:fs/promises';
import { refuse } from '../../shared/option-rules.js';
import type { ListOptions } from '../provider.js';

export interface FileDetails {
  /** Size in bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** How many entries one read of a folder returns. */
const PAGE = 1024;

/**
 * Paths of the regular files below the root, with `/`, one at a time. Symbolic links are never followed; files and
 * folders whose names begin with a dot are left out unless they are asked for. An unreadable or missing folder ends the
 * listing with its error.
 */
export async function* listFiles(root: string, options: ListOptions): AsyncGenerator<string> {
  const folders = [checkedPrefix(options.prefix)];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of await opendir(nodePath.join(root, folder), { bufferSize: PAGE })) {
      options.signal?.throwIfAborted();
      if (entry.name.startsWith('.') && options.dotFiles !== true) continue;
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(relative);
      else if (entry.isFile()) yield relative;
    }
  }
}

/**
 * Size and age of a regular file, or `null`. The age counts from the later of the change of its content and the change
 * of its name or place, so that an old file that was just moved here counts as new.
 */
export async function detailsOf(path: string): Promise<FileDetails | null> {
  try {
    const stat = await fse.lstat(path);
    if (!stat.isFile()) return null;
    return { size: stat.size, modifiedAt: new Date(Math.floor(Math.max(stat.mtimeMs, stat.ctimeMs))) };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function checkedPrefix(prefix = ''): string {
  const folder = prefix.replace(/\/+$/, '');
  if (nodePath.isAbsolute(folder) || folder.split(/[\\/]/).includes('..')) {
    refuse({
      owner: 'localProvider.list',
      name: 'prefix',
      given: prefix,
      allowed: 'a folder below the root',
    });
  }
  return folder;
}
