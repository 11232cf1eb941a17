import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const BUILT = path.join(ROOT, 'node_modules/.cache/image-cleanup-bench');

/** Plain JavaScript for children whose memory is measured: a compiler in the process would count as theirs. */
export function build(): string {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const how = ['--noEmit', 'false', '--noCheck', '--rootDir', ROOT, '--outDir', BUILT];
  execFileSync(process.execPath, [tsc, '-p', ROOT, ...how], { cwd: ROOT });
  return BUILT;
}
