import type { Folder } from './folder.js';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
/** Node writes them as U+FFFD, so that such a name would lead to another file. */
const HALF_OF_A_PAIR = /\p{Cs}/u;
/** A segment that is empty, `.` or `..`. */
const EMPTY_OR_DOTS = /(?:^|\/)\.{0,2}(?:\/|$)/;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The longest name of one file or folder: bytes on POSIX, UTF-16 units on Windows. */
const LONGEST_SEGMENT = 255;
/** The longest path that POSIX systems accept, without the terminating character. */
const LONGEST_PATH = 4095;

/** `long`: too long for every file system. `outside`: it leads out of the root, or is not the name of a file. */
export type NameProblem = 'long' | 'outside';

/**
 * Whether a name has control characters, which addresses cannot contain. A file may have such a name, but a text with
 * line breaks may not mean it.
 */
export function hasControl(name: string): boolean {
  return CONTROL.test(name);
}

/** Why a path below the root, with `/`, cannot be that of a file; `null` if it can. Refuses `.` and empty segments, too. */
export function problemOf(name: string, folder: Folder): NameProblem | null {
  if (name === '') return 'outside';
  if (isLong(name, folder)) return 'long';
  if (!isPlain(name) && (name.includes('\0') || HALF_OF_A_PAIR.test(name))) return 'outside';
  if (EMPTY_OR_DOTS.test(name)) return 'outside';
  if (folder.isWindows && name.split('/').some(isWindowsTrap)) return 'outside';
  return null;
}

function isPlain(name: string): boolean {
  return /^[ -~]*$/.test(name);
}

function isLong(name: string, { realRoot, isWindows }: Folder): boolean {
  const sizeOf = (text: string): number => (isWindows ? text.length : Buffer.byteLength(text));
  // at most three bytes for a UTF-16 unit
  if (realRoot.length + name.length <= LONGEST_SEGMENT / 3) return false;
  if (!isWindows && sizeOf(realRoot) + 1 + sizeOf(name) > LONGEST_PATH) return true;
  return name.length > LONGEST_SEGMENT / 3 && name.split('/').some((one) => sizeOf(one) > LONGEST_SEGMENT);
}

/** Names that Windows reads as another file: separators, streams (`a:b`), trailing dots and spaces, devices. */
function isWindowsTrap(segment: string): boolean {
  return (
    /[:\\]/.test(segment) || CONTROL.test(segment) || /[. ]$/.test(segment) || WINDOWS_DEVICE.test(segment)
  );
}

/** The path with `.`, `..` and doubled slashes resolved, as a file server does; `null` if it leaves the root. */
export function resolved(path: string): string | null {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined) return null;
  }
  return kept.join('/');
}

/** Without slashes of either kind at its end. A regular expression would search for them at each slash of a long text. */
export function withoutEndSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && (path[end - 1] === '/' || path[end - 1] === '\\')) end--;
  return path.slice(0, end);
}
