import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const START_MS = 120_000;

/** What the processes of one app have in common. */
export interface Surroundings {
  readonly node: string;
  /** Where the app is installed and compiled. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the app ends itself by the signal that asked it to end. */
  readonly endsBySignal: boolean;
}

/** An app that listens on an address of this machine. */
export class RunningApp {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #endsBySignal: boolean;

  private constructor(child: ChildProcess, url: string, endsBySignal: boolean) {
    this.#child = child;
    this.#endsBySignal = endsBySignal;
    this.url = url;
  }

  static async start(surroundings: Surroundings, command: readonly string[]): Promise<RunningApp> {
    const child = spawnIn(surroundings, command);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    try {
      return new RunningApp(child, await addressOf(child), surroundings.endsBySignal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the app to end, as a process manager does, and fails if it does not end well. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null)
      throw new Error(`The app ended by itself, with code ${String(this.#child.exitCode)}.`);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), START_MS);
    const exited = once(this.#child, 'exit') as Promise<[number | null, string | null]>;
    this.#child.kill('SIGTERM');
    const [code, signal] = await exited;
    clearTimeout(timer);
    // Windows knows no other end
    const mayBeSignal = this.#endsBySignal || process.platform === 'win32';
    if (code !== 0 && !(mayBeSignal && (signal === 'SIGTERM' || code === 143)))
      throw new Error(`The app did not end on SIGTERM: code ${String(code)}, signal ${String(signal)}.`);
  }
}

/** Runs a script of the app to its end. */
export async function runScript(surroundings: Surroundings, name: string): Promise<void> {
  const child = spawnIn(surroundings, [name]);
  child.stdout!.pipe(process.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${name} failed, see above.`);
}

function spawnIn({ node, folder, env }: Surroundings, command: readonly string[]): ChildProcess {
  return spawn(node, [...command], {
    cwd: folder,
    env: { ...process.env, ...env, PORT: '0', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The address that the app prints once it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const [, address] = /(?:listening on|Local:) +(http:\S+)\n/.exec(output) ?? [];
      if (address) resolve(address.replace('[::1]', '127.0.0.1'));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The app ended before it listened, with code ${String(code)}: ${output}`));
    });
  });
}
