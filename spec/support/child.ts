import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

export interface ChildOptions {
  readonly nodeOptions?: readonly string[];
  readonly stdin?: 'ignore' | 'pipe';
  /** For a failure that is expected. */
  readonly isQuiet?: boolean;
}

/** Starts a file of the specs, or a bundle of it, in a process of its own. */
export function startChild(
  file: string,
  args: readonly string[],
  { nodeOptions = [], stdin = 'ignore', isQuiet = false }: ChildOptions = {},
): ChildProcess {
  const transpiler = file.endsWith('.ts') ? ['-r', 'ts-node/register'] : [];
  const child = spawn(process.execPath, [...nodeOptions, ...transpiler, file, ...args], {
    cwd: ROOT,
    stdio: [stdin, 'pipe', 'pipe'],
  });
  if (!isQuiet) child.stderr!.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  return child;
}

/** What a child writes until it ends well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let [output, errors] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the child ended with ${String(code)}: ${errors}${output}`);
  return output.trim();
}
