import nodePath from 'node:path';
import {
  ANYTHING,
  checkOptions,
  FUNCTION,
  isText,
  refuse,
  TEXT,
  unlessUnset,
  type Rules,
  shown,
} from '../../shared/option-rules.js';
import type { Derived } from '../derived.js';
import type { Folder } from './folder.js';
import { refuseWideRoot } from './wide-roots.js';

/** Options of `localProvider`. */
export interface LocalProviderOptions {
  /**
   * The folder that holds the images and nothing else. It is resolved to an absolute path when the provider is created.
   * Default `'uploads'`.
   */
  root?: string;
  /** Where the folder is served: a path, or a whole URL, whose host then counts as listed. Default `'/uploads'`. */
  baseUrl?: string;
  /**
   * Hosts under which the folder is served, so that `http(s)://host/uploads/…` is a file of this folder; with the port,
   * if there is one. Default: none.
   */
  hosts?: string[];
  /**
   * The name of this machine, such as `'web-1'` or `os.hostname()`, if machines have their own disks. Files that the
   * journal records here are then removed by a worker on this machine. The name must survive restarts and be different
   * on each machine. Default: none, all processes reach the folder.
   */
  machine?: string;
  /**
   * Returns the files derived from a file, such as its thumbnails, as exact names below `root`: `(name) => ['thumbs/' +
   * name]`. They are removed with the file, unless something uses them. It must be a pure function of the name; derived
   * files that do not exist are ignored. Default: none.
   */
  derived?: Derived;
}

const BASE_URL = /^(?:https?:\/\/([^/?#\\]+))?(\/[^?#\\]*)?$/i;

const RULES: Rules<LocalProviderOptions> = {
  // the code below describes what is wrong with these two in more detail
  root: { ...ANYTHING, ifUndefined: unlessUnset("leave the option out for the default 'uploads'") },
  hosts: ANYTHING,
  machine: {
    ...TEXT,
    advice:
      'give a name that stays with this machine, or leave the option out where all machines share the folder',
    ifUndefined: unlessUnset('leave the option out where all machines share the folder'),
  },
  derived: FUNCTION,
  baseUrl: {
    allowed: "a path such as '/uploads', or a URL such as 'https://cdn.example.com/uploads'",
    is(value) {
      const read = isText(value) ? BASE_URL.exec(value) : null;
      return read !== null && (read[1] === undefined || isHost(read[1]));
    },
  },
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function folderOf(options: LocalProviderOptions): Omit<Folder, 'realRoot'> {
  checkOptions('localProvider', options, RULES);
  const { baseUrl = '/uploads', hosts = [] } = options;
  const root = checkedRoot(options);
  const [, host, path = ''] = BASE_URL.exec(baseUrl)!;
  const all = [...checkHosts(hosts), ...(host === undefined ? [] : [host])];
  return {
    root,
    basePath: path.replace(/\/+$/, ''),
    hosts: [...new Set(all.map((one) => one.toLowerCase()))],
    fromHere: fromHere(root),
    isWindows: nodePath.sep === '\\',
  };
}

function checkedRoot(options: LocalProviderOptions): string {
  const { root = 'uploads' } = options as { root?: unknown };
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    refuse({ owner: 'localProvider', name: 'root', given: root, allowed: 'the path of a folder' });
  }
  const absolute = nodePath.resolve(root);
  refuseWideRoot(absolute, root);
  return absolute;
}

/** The beginning of multer's `file.path`, which multer builds from a relative `dest`. */
function fromHere(absolute: string): string | null {
  const relative = nodePath.relative(process.cwd(), absolute);
  return relative === '' || nodePath.isAbsolute(relative) ? null : relative.split(nodePath.sep).join('/');
}

function checkHosts(hosts: unknown): string[] {
  const wrong: unknown[] = Array.isArray(hosts) ? hosts.filter((host) => !isHost(host)) : [];
  if (!Array.isArray(hosts) || wrong.length > 0) {
    refuse({
      owner: 'localProvider',
      name: 'hosts',
      given: hosts,
      because: wrong.length > 0 ? `of which ${shown(wrong[0])} is no host` : undefined,
      allowed: "an array of host names such as 'example.com' or 'localhost:3000', without scheme and path",
      advice: 'wildcards are not supported, so list each host',
    });
  }
  return hosts as string[];
}

/** Whether a text is a host name or an address, with or without a port. */
function isHost(host: unknown): boolean {
  if (typeof host !== 'string' || !/^(?:\[[0-9a-f:.]+\]|[^\s:/?#\\@*[\]]+)(?::\d{1,5})?$/i.test(host))
    return false;
  return URL.canParse(`http://${host}`);
}
