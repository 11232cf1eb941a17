import fse from 'fs-extra';
import path from 'node:path';
import type { Uploads } from '../support/uploads.js';
import { OUTSIDE } from './files.js';
import type { StorageKind } from './steps.js';

/** Where the files of a history live. */
export interface Storage {
  put(name: string): Promise<void>;
  /** `name#version` of everything stored. */
  contents(): Promise<string[]>;
  /** Exactly these files are there afterwards. */
  reset(names: readonly string[]): Promise<void>;
  fail(fault: StorageKind, times: number): void;
  heal(): void;
  /** Every `name#version` removed, where the storage knows. */
  readonly removed?: readonly string[];
}

/** A folder, behind the local provider. Whoever is gone was removed by the library: nothing else removes or writes there. */
export class Disk implements Storage {
  readonly #uploads: Uploads;
  readonly #outside: string;
  /** How many files have come, by now and when a name came last. */
  readonly #versions = new Map<string, number>();
  readonly #folders = new Set<string>();
  #arrived = 0;

  constructor(uploads: Uploads) {
    this.#uploads = uploads;
    this.#outside = uploads.path('../outside.png');
  }

  async put(name: string): Promise<void> {
    // a new file each time, as uploads come: over the old one the inode would stay
    const version = ++this.#arrived;
    const arriving = this.#uploads.path(`../arriving-${String(version)}`);
    const target = this.#uploads.path(name);
    const folder = path.dirname(target);
    if (!this.#folders.has(folder)) await fse.ensureDir(folder);
    this.#folders.add(folder);
    await fse.writeFile(arriving, name);
    await fse.rename(arriving, target);
    this.#versions.set(name, version);
  }

  async contents(): Promise<string[]> {
    const names = await this.#names();
    const outside = await fse.pathExists(this.#outside);
    const files = names.map((name) => `${name}#${String(this.#versions.get(name))}`);
    return [...files, ...(outside ? OUTSIDE.map((name) => `${name}#1`) : [])];
  }

  /** What has not changed since the history before stays: to write it anew takes longer than the history. */
  async reset(names: readonly string[]): Promise<void> {
    const wanted = new Set(names);
    const there = new Set(await this.#names());
    for (const name of there) if (!wanted.has(name)) await fse.unlink(this.#uploads.path(name));
    for (const name of wanted) if (!there.has(name)) await this.put(name);
    await fse.writeFile(this.#outside, 'outside');
    if (!(await fse.pathExists(this.#uploads.path('link')))) {
      await fse.symlink(this.#uploads.outside, this.#uploads.path('link'));
    }
  }

  fail(): void {
    // faults of the disk are injected in specs of their own
  }

  heal(): void {
    // nothing to heal
  }

  async #names(): Promise<string[]> {
    const folders = ['', ...[...this.#folders].map((one) => path.relative(this.#uploads.root, one))];
    const found = await Promise.all(
      [...new Set(folders)].map(async (folder) =>
        (await fse.readdir(path.join(this.#uploads.root, folder), { withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map(({ name }) => (folder === '' ? name : `${folder}/${name}`)),
      ),
    );
    return found.flat();
  }
}
