import fse from 'fs-extra';
import type { Uploads } from '../support/uploads.js';
import { OUTSIDE } from './files.js';
import type { StorageKind } from './steps.js';

/** Where the files of a history live. */
export interface Storage {
  put(name: string): Promise<void>;
  /** `name#version` of everything stored. */
  contents(): Promise<string[]>;
  clear(): Promise<void>;
  fail(fault: StorageKind, times: number): void;
  heal(): void;
  /** Every `name#version` removed, where the storage knows. */
  readonly removed?: readonly string[];
}

/** A folder, behind the local provider. Its versions are what the system tells of a file. */
export class Disk implements Storage {
  #arrived = 0;

  constructor(readonly uploads: Uploads) {}

  async put(name: string): Promise<void> {
    // a new file each time, as uploads come: over the old one the inode would stay
    const arriving = this.uploads.path(`../arriving-${String(++this.#arrived)}`);
    await fse.outputFile(arriving, name);
    await fse.move(arriving, this.uploads.path(name), { overwrite: true });
  }

  async contents(): Promise<string[]> {
    const names = await this.uploads.names();
    const outside = await fse.pathExists(this.uploads.path('../outside.png'));
    const files = names.filter((name) => name !== 'link');
    const versions = await Promise.all(
      files.map(async (name) => {
        try {
          const { ino, mtimeNs } = await fse.stat(this.uploads.path(name), { bigint: true });
          return [`${name}#${String(ino)}:${String(mtimeNs)}`];
        } catch {
          return []; // removed since
        }
      }),
    );
    return [...versions.flat(), ...(outside ? OUTSIDE.map((name) => `${name}#1`) : [])];
  }

  async clear(): Promise<void> {
    await fse.emptyDir(this.uploads.root);
    await fse.outputFile(this.uploads.path('../outside.png'), 'outside');
    await fse.symlink(this.uploads.outside, this.uploads.path('link'));
  }

  fail(): void {
    // faults of the disk are injected in specs of their own
  }

  heal(): void {
    // nothing to heal
  }
}
