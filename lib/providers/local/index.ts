import fse from 'fs-extra';
import os from 'node:os';
import { realpathSync } from 'node:fs';
import nodePath from 'node:path';
import type { Asset, StoredAsset, SweepableProvider } from '../provider.js';
import { detailsOf, isGone, listFiles } from './list.js';
import { fingerprintOf, isInside, removeFiles } from './remove.js';
import { readSpelling, spellingsOf, type Folder } from './spelling.js';

/** Options of `localProvider`. */
export interface LocalProviderOptions {
  /** The folder that holds the images and nothing else. Made absolute when the provider is made. Default `uploads`. */
  root?: string;
  /** Where the folder is served: a path, or a whole URL (its host is then listed too). Default `/uploads`. */
  baseUrl?: string;
  /** Hosts whose `http(s)://host/uploads/…` URLs are files of this folder, with the port if there is one. Default none. */
  hosts?: string[];
}

/**
 * Images in a folder of this machine. Removes regular files strictly inside the real root, by `unlink`, never
 * directories and nothing through a symbolic link.
 *
 * Accepts a bare file name, multer's `file.path`, an absolute path below `root`, `/uploads/x.png`, and
 * `https://host/uploads/x.png` for a listed host. The `key` of its assets is the absolute path.
 *
 * @throws TypeError for `/`, a drive, the home folder, the working directory or a folder above them, and for wrong or
 * unknown options.
 */
export function localProvider(options: LocalProviderOptions = {}): SweepableProvider {
  const folder = folderOf(options);
  const assetOf = (relative: string): Asset => ({
    provider: 'local',
    key: `${folder.root}${nodePath.sep}${relative}`,
  });
  const relativeOf = (asset: Asset): string =>
    asset.key
      .slice(folder.root.length + 1)
      .split(nodePath.sep)
      .join('/');
  return {
    name: 'local',
    batchSize: 1000,
    identify(value) {
      const spelling = readSpelling(value, folder);
      return spelling && 'relative' in spelling ? assetOf(spelling.relative) : null;
    },
    refusal(value) {
      const spelling = readSpelling(value, folder);
      return spelling && 'refusal' in spelling ? spelling.refusal : null;
    },
    forms: (asset) => spellingsOf(relativeOf(asset), folder),
    remove: (assets, { signal }) =>
      removeFiles(
        folder.root,
        assets.map((asset) => ({ relative: relativeOf(asset), expected: asset.expected })),
        signal,
      ),
    fingerprint: (asset) => fingerprintOf(asset.key),
    get storage() {
      return realPathNow(folder.root);
    },
    nameOf: relativeOf,
    async *list(listOptions): AsyncIterable<StoredAsset> {
      for await (const relative of listFiles(folder.root, listOptions)) {
        const asset = assetOf(relative);
        const details = await detailsOf(asset.key);
        if (details) yield { asset, ...details };
      }
    },
    async *listNames(listOptions): AsyncIterable<Asset> {
      for await (const relative of listFiles(folder.root, listOptions)) yield assetOf(relative);
    },
    async find(asset) {
      try {
        const realRoot = await fse.realpath(folder.root);
        const real = await fse.realpath(nodePath.join(folder.root, relativeOf(asset)));
        if (!isInside(realRoot, real)) return null;
        const details = await detailsOf(real);
        const relative = nodePath.relative(realRoot, real).split(nodePath.sep).join('/');
        return details && { asset: assetOf(relative), ...details };
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
  };
}

/** Another path of the same folder must be seen as the same storage. A folder that is not there yet is its path. */
function realPathNow(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

const KNOWN = ['root', 'baseUrl', 'hosts'];

function folderOf(options: LocalProviderOptions): Folder {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('localProvider: the options must be an object');
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`localProvider: unknown option "${unknown}"; known are: ${KNOWN.join(', ')}`);
  }
  const { root = 'uploads', baseUrl = '/uploads', hosts = [] } = options;
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    throw new TypeError(
      `localProvider: the option "root" is ${String(root) || 'empty'}; allowed: the path of a folder`,
    );
  }
  const { basePath, host } = readBaseUrl(baseUrl);
  const absolute = nodePath.resolve(root);
  refuseWideRoot(absolute, root);
  return {
    root: absolute,
    basePath,
    hosts: [...checkHosts(hosts), ...host].map((one) => one.toLowerCase()),
    fromHere: belowHere(absolute),
    isWindows: nodePath.sep === '\\',
  };
}

/** A wrong root makes every file of a machine a candidate, so what cannot be an uploads folder is refused at once. */
function refuseWideRoot(absolute: string, given: string): void {
  const wide = [os.homedir(), process.cwd()].map((one) => nodePath.resolve(one));
  const isAbove = (path: string): boolean => path === absolute || path.startsWith(withSeparator(absolute));
  if (absolute === nodePath.parse(absolute).root || wide.some(isAbove)) {
    throw new TypeError(
      `localProvider: the option "root" is '${given}', which is or contains the working directory or the home folder; ` +
        "allowed: a folder that holds uploaded images and nothing else, such as 'uploads'",
    );
  }
}

function withSeparator(path: string): string {
  return path.endsWith(nodePath.sep) ? path : path + nodePath.sep;
}

function belowHere(absolute: string): string | null {
  const relative = nodePath.relative(process.cwd(), absolute);
  const isBelow = relative !== '' && !relative.startsWith('..') && !nodePath.isAbsolute(relative);
  return isBelow ? relative.split(nodePath.sep).join('/') : null;
}

function readBaseUrl(baseUrl: unknown): { basePath: string; host: string[] } {
  const whole =
    typeof baseUrl === 'string' ? /^(?:https?:\/\/([^/?#\\]+))?(\/[^?#\\]*)?$/i.exec(baseUrl) : null;
  if (!whole || baseUrl === '') {
    throw new TypeError(
      `localProvider: the option "baseUrl" is ${JSON.stringify(baseUrl) ?? 'undefined'}; allowed: a path such as '/uploads', or a URL such as 'https://cdn.example.com/uploads'`,
    );
  }
  return { basePath: (whole[2] ?? '').replace(/\/+$/, ''), host: whole[1] === undefined ? [] : [whole[1]] };
}

function checkHosts(hosts: unknown): string[] {
  const isHost = (host: unknown): boolean => typeof host === 'string' && /^[^/\s?#\\@]+$/.test(host);
  if (!Array.isArray(hosts) || !hosts.every(isHost)) {
    throw new TypeError(
      `localProvider: the option "hosts" must be an array of host names such as 'example.com' or 'localhost:3000', without scheme and path`,
    );
  }
  return hosts as string[];
}
