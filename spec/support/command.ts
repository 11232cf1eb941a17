import { fork, spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { InstalledPackage } from './installed.js';

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const env = { ...process.env, NODE_OPTIONS: '' };

/** The command of the installed package. */
export class InstalledCommand {
  readonly installed: InstalledPackage;
  #shared: ChildProcess | undefined;

  private constructor(installed: InstalledPackage) {
    this.installed = installed;
  }

  static async create(): Promise<InstalledCommand> {
    return new InstalledCommand(await InstalledPackage.create());
  }

  /** Starts it in a process of its own, for signals, loaders and whatever else is about the process. */
  start(...args: string[]): ChildProcess {
    const { app, command } = this.installed;
    return spawn(process.execPath, [command, ...args], { cwd: app, env });
  }

  /** Runs it in a process of its own. */
  runAlone(...args: string[]): Promise<Ended> {
    return endOf(this.start(...args));
  }

  /** Runs it in a process that all calls share, one after the other. Only models files in CommonJS are loaded anew. */
  async run(...args: string[]): Promise<Ended> {
    const child = (this.#shared ??= fork(path.join(__dirname, 'command-child.cjs'), {
      cwd: this.installed.app,
      env,
      execArgv: [],
    }));
    child.send(args);
    return answerOf(child);
  }

  async destroy(): Promise<void> {
    this.#shared?.kill();
    await this.installed.destroy();
  }
}

/** Resolves when a process has ended. */
export function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject).once('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

function answerOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`the process of the commands ended with ${String(code)}`));
    };
    child.once('exit', onExit).once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as Ended);
    });
  });
}
