import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from './build.js';

const run = promisify(execFile);

export const ROOT = path.resolve(__dirname, '../..');

/** What npm says about a tarball that it packed. */
export interface Packed {
  readonly tarball: string;
  /** Bytes of the tarball, bytes of its content, and number of files. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
  /** Paths of the files. */
  readonly files: readonly string[];
}

/** Builds, and packs what would be published into a folder. */
export async function pack(folder: string): Promise<Packed> {
  await build();
  const out = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT);
  const told = JSON.parse(out) as unknown;
  // an array up to npm 11, an object by package name since npm 12
  const [about] = (Array.isArray(told) ? told : Object.values(told as object)) as {
    filename: string;
    size: number;
    unpackedSize: number;
    entryCount: number;
    files: { path: string }[];
  }[];
  if (!about) throw new Error(`npm pack said nothing about a tarball: ${out}`);
  const { filename, size, unpackedSize, entryCount } = about;
  const files = about.files.map((file) => file.path);
  return { tarball: path.join(folder, path.basename(filename)), size, unpackedSize, entryCount, files };
}

/** Runs npm in a folder and resolves with what it wrote. */
export async function npm(args: string[], cwd: string): Promise<string> {
  const { stdout } = await run('npm', args, {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      npm_config_loglevel: 'error',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    },
  });
  return stdout;
}
