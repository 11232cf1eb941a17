import fse from 'fs-extra';
import nodePath from 'node:path';
import { opendir } from 'node:fs/promises';
import type { ListOptions } from '../provider.js';

export interface ListedFile {
  /** Below the root, with `/`. */
  readonly relative: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Regular files below the root, one at a time, symbolic links never followed. An unreadable folder ends it with its error. */
export async function* listFiles(root: string, options: ListOptions): AsyncGenerator<ListedFile> {
  const folders = [options.prefix ?? ''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of await opendir(nodePath.join(root, folder))) {
      options.signal?.throwIfAborted();
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(relative);
      else if (entry.isFile()) {
        const stat = await fse.lstat(nodePath.join(root, relative));
        yield { relative, size: stat.size, modifiedAt: stat.mtime };
      }
    }
  }
}
