import { existsSync, realpathSync } from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { refuse } from '../../shared/option-rules.js';

/** Folders of the operating system that contain no uploads at any depth. */
const SYSTEM = [
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/usr', '/boot', '/efi'],
  ...['/dev', '/proc', '/sys', '/run', '/lost+found', '/snap', '/nix/store', '/cores'],
  ...['/var/run', '/var/lock', '/var/log', '/var/spool', '/var/mail', '/var/backups', '/var/db'],
  ...[
    '/System',
    '/Library',
    '/Applications',
    '/Network',
    '/private/etc',
    '/private/var/db',
    '/private/var/log',
  ],
];

/**
 * Folders below these in which apps and their uploads do exist: Docker images of Node, FreeBSD's web folder, defaults
 * of web servers.
 */
const EXCEPTIONS = [
  ...['/usr/src', '/usr/app', '/usr/home', '/usr/local/app', '/usr/local/www', '/usr/share/nginx'],
  ...['/run/media', '/Library/WebServer'],
];

/** Folders that also hold other things, while their subfolders are acceptable. */
const SHARED = [
  ...[
    '/var',
    '/var/lib',
    '/var/www',
    '/var/www/html',
    '/usr/share/nginx/html',
    '/var/cache',
    '/var/tmp',
    '/var/opt',
    '/var/local',
    '/opt',
    '/srv',
    '/home',
  ],
  ...[
    '/root',
    '/tmp',
    '/nix',
    '/Users',
    '/Users/Shared',
    '/Volumes',
    '/private',
    '/private/var',
    '/private/tmp',
  ],
];

const WINDOWS_SYSTEM =
  /^[a-z]:\\(?:windows|program files(?: \(x86\))?|\$recycle\.bin|system volume information|recovery|boot|perflogs)(?:\\|$)/i;
const WINDOWS_SHARED = /^[a-z]:\\(?:programdata|users(?:\\[^\\]+)?|inetpub|temp|tmp)?$/i;

/**
 * With a wrong root, every file of a machine could be removed. So folders that cannot be for uploads are refused at
 * once.
 *
 * @throws TypeError that says what is wrong with the folder.
 */
export function refuseWideRoot(absolute: string, given: string): void {
  for (const path of new Set([absolute, realPathOf(absolute)])) {
    const problem = problemWith(path);
    if (problem === null) continue;
    refuse({
      owner: 'localProvider',
      name: 'root',
      given,
      because: `which ${path === absolute ? '' : `leads to '${path}' and `}${problem}`,
      allowed: "a folder that holds uploaded images and nothing else, such as 'uploads'",
    });
  }
}

function problemWith(path: string): string | null {
  const wide = [os.homedir(), process.cwd()].map((one) => nodePath.resolve(one));
  if (path === nodePath.parse(path).root || wide.some((one) => isWithin(one, path, nodePath.sep))) {
    return 'is or contains the working directory or the home folder';
  }
  if (isOfSystem(path)) return 'is a folder of the operating system, or lies in one';
  const held = ['package.json', '.git'].find((name) => existsSync(nodePath.join(path, name)));
  return held === undefined ? null : `holds ${held}, so it is the folder of a project`;
}

/**
 * Whether a folder belongs to the operating system or is shared by all its users. The names of all systems are checked,
 * since other systems do not use them.
 */
export function isOfSystem(path: string): boolean {
  if (WINDOWS_SYSTEM.test(path) || WINDOWS_SHARED.test(path)) return true;
  if (SHARED.includes(path)) return true;
  return (
    SYSTEM.some((one) => isWithin(path, one)) &&
    !EXCEPTIONS.some((one) => path !== one && isWithin(path, one))
  );
}

function isWithin(path: string, folder: string, separator = '/'): boolean {
  return path === folder || path.startsWith(folder.endsWith(separator) ? folder : folder + separator);
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
