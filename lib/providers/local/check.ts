import fse from 'fs-extra';
import { constants } from 'node:fs';

const WANTED = [
  [constants.R_OK, 'read'],
  [constants.W_OK, 'written'],
  [constants.X_OK, 'entered'],
] as const;

/** Returns what is wrong with a folder of uploads, in a sentence; `null` if nothing is. Never rejects. */
export async function checkFolder(root: string): Promise<string | null> {
  try {
    const stat = await fse.stat(root);
    if (!stat.isDirectory()) return `'${root}' is not a folder`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `the folder '${root}' does not exist`;
    return `the folder '${root}' cannot be read: ${(error as Error).message}`;
  }
  const denied: string[] = [];
  for (const [mode, what] of WANTED) {
    await fse.access(root, mode).catch(() => denied.push(what));
  }
  return denied.length === 0
    ? null
    : `the folder '${root}' cannot be ${denied.join(', ')} by this process: permission denied`;
}
