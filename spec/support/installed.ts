import fse from 'fs-extra';
import os from 'node:os';
import path from 'node:path';
import { appWithPackage } from './package.js';

const ROOT = path.resolve(__dirname, '../..');

/** The package as a user has it: built, and installed beside mongoose in an app of its own. */
export class InstalledPackage {
  readonly app: string;

  private constructor(app: string) {
    this.app = app;
  }

  static async create(): Promise<InstalledPackage> {
    const app = await fse.realpath(await fse.mkdtemp(path.join(os.tmpdir(), 'image-cleanup-app-')));
    const home = path.join(app, 'node_modules/mongoose-image-cleanup');
    const built = path.join((await appWithPackage()).folder, 'node_modules/mongoose-image-cleanup');
    await fse.copy(built, home);
    for (const name of ['mongoose', 'fs-extra', 'ts-node', 'tsx', 'typescript', '@types']) {
      await fse.symlink(path.join(ROOT, 'node_modules', name), path.join(app, 'node_modules', name));
    }
    return new InstalledPackage(app);
  }

  get command(): string {
    return path.join(this.app, 'node_modules/mongoose-image-cleanup/dist/cjs/cli/bin.js');
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files))
      await fse.outputFile(path.join(this.app, name), content);
  }

  async hide(name: string): Promise<() => Promise<void>> {
    const modules = path.join(this.app, 'node_modules');
    await fse.rename(path.join(modules, name), path.join(modules, `.${name}`));
    return () => fse.rename(path.join(modules, `.${name}`), path.join(modules, name));
  }

  async destroy(): Promise<void> {
    await fse.remove(this.app);
  }
}
