import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What an entry point of an installed package loads, and how large its own files are. */
export interface Entry {
  readonly bytes: number;
  readonly files: number;
  /** Packages of others. */
  readonly packages: readonly string[];
}

/** Loads it in a process of its own. */
const LOADING = (name: string): string => `
  require(${JSON.stringify(name)});
  const packages = new Set();
  let [bytes, files] = [0, 0];
  for (const file of Object.keys(require.cache)) {
    const [, found] = /.*node_modules[\\\\/]((?:@[^\\\\/]+[\\\\/])?[^\\\\/]+)/.exec(file) ?? [];
    if (found === 'mongoose-image-cleanup') [bytes, files] = [bytes + require('fs').statSync(file).size, files + 1];
    else if (found) packages.add(found);
  }
  console.log(JSON.stringify({ bytes, files, packages: [...packages] }))`;

export async function entryOf(app: string, name: string): Promise<Entry> {
  const { stdout } = await run(process.execPath, ['-e', LOADING(name)], { cwd: app });
  return JSON.parse(stdout) as Entry;
}

/** Without the SDK the provider says what to install, when it is made and not when it is loaded. */
export async function checkWithoutSdk(app: string): Promise<void> {
  const code = `
    const { s3Provider } = require('mongoose-image-cleanup/s3');
    try { s3Provider({ client: { send() {}, config: {} }, bucket: 'photos' }) } catch (error) { console.log(error.message) }`;
  const { stdout } = await run(process.execPath, ['-e', code], { cwd: path.resolve(app) });
  if (!stdout.includes('npm install @aws-sdk/client-s3@3'))
    throw new Error(`s3Provider without the SDK said: ${stdout.trim() || 'nothing'}`);
}
