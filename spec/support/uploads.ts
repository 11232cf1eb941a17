import fse from 'fs-extra';
import os from 'node:os';
import path from 'node:path';

/** A folder of uploads for one spec, inside a temporary folder that also has room for things outside the root. */
export class Uploads {
  readonly outside: string;
  readonly root: string;

  private constructor(outside: string) {
    this.outside = outside;
    this.root = path.join(outside, 'uploads');
  }

  static async create(): Promise<Uploads> {
    const uploads = new Uploads(
      await fse.realpath(await fse.mkdtemp(path.join(os.tmpdir(), 'image-cleanup-'))),
    );
    await fse.ensureDir(uploads.root);
    return uploads;
  }

  /** Writes files; each holds its own name. Returns the names. */
  async put(...names: string[]): Promise<string[]> {
    for (const name of names) await fse.outputFile(path.join(this.root, name), name);
    return names;
  }

  /** Names of all files below the root, sorted, with `/`. */
  async names(folder = ''): Promise<string[]> {
    const found: string[] = [];
    for (const entry of await fse.readdir(path.join(this.root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) found.push(...(await this.names(name)));
      else found.push(name);
    }
    return found.sort();
  }

  async has(name: string): Promise<boolean> {
    return (await this.names()).includes(name);
  }

  /** Removes all files. */
  async empty(): Promise<void> {
    await fse.emptyDir(this.root);
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  async destroy(): Promise<void> {
    await fse.remove(this.outside);
  }
}
