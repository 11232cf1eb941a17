import { execFile } from 'node:child_process';
import fse from 'fs-extra';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

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
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const how = ['--noCheck', '--declaration', 'false', '--declarationMap', 'false', '--sourceMap', 'false'];
    const out = path.join(home, 'dist/cjs');
    await promisify(execFile)(process.execPath, [
      tsc,
      '-p',
      path.join(ROOT, 'tsconfig.build.json'),
      '--outDir',
      out,
      ...how,
    ]);
    const manifest = (await fse.readJson(path.join(ROOT, 'package.json'))) as {
      exports: Record<string, unknown>;
    };
    for (const one of Object.values(manifest.exports)) {
      // the ESM build is the packaging's own to prove
      if (typeof one === 'object' && one !== null && 'require' in one)
        Object.assign(one, { import: one.require });
    }
    await fse.writeJson(path.join(home, 'package.json'), manifest);
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
