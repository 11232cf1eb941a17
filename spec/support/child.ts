import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** Starts a file of the specs, or a bundle of it, in a process of its own. */
export function startChild(
  file: string,
  args: readonly string[],
  { nodeOptions = [], stdin = 'ignore' }: { nodeOptions?: readonly string[]; stdin?: 'ignore' | 'pipe' } = {},
): ChildProcess {
  const transpiler = file.endsWith('.ts') ? ['-r', 'ts-node/register'] : [];
  return spawn(process.execPath, [...nodeOptions, ...transpiler, file, ...args], {
    cwd: ROOT,
    stdio: [stdin, 'pipe', 'inherit'],
  });
}

/** What a child writes until it ends well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the child ended with ${String(code)}: ${output}`);
  return output.trim();
}
