import { once } from 'node:events';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { startChild } from '../../support/child.js';
import { readTransactions } from '../left-transactions.js';
import { AT_WORK, IS_RIPE, type Task } from './task.js';

/** A process at its task. */
export interface Running {
  /** Resolves when it is connected, or dead. */
  readonly isAtWork: Promise<unknown>;
  /** Resolves when it may be killed, or is dead. */
  readonly isRipe: Promise<unknown>;
  /** Kills it if it lives. Rejects if it ended in another way. */
  kill(): Promise<Dead>;
}

export interface Dead {
  /** The step at which it killed itself before. */
  readonly step: string | undefined;
  /** The sessions of its transactions. */
  readonly sessions: readonly string[];
}

/** Processes that are started before they are needed, since to load the sources takes longer than they live. */
export class Standby {
  readonly #size: number;
  readonly #file: string;
  #waiting: ChildProcess[] = [];

  /** `file`: what the processes run, if it is not the source itself. */
  constructor(size: number, file = path.join(__dirname, 'child.ts')) {
    this.#size = size;
    this.#file = file;
    this.#fill();
  }

  start(task: Task): Running {
    const child = this.#waiting.shift() ?? this.#started();
    this.#fill();
    child.stdin!.on('error', () => undefined); // it may be dead before it has read all
    child.stdin!.write(`${JSON.stringify(task)}\n`);
    let told = '';
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    child.stdout!.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    const says = (line: string): Promise<unknown> =>
      Promise.race([
        ended,
        new Promise<void>((resolve) => {
          child.stdout!.on('data', () => {
            if (told.includes(line)) resolve();
          });
        }),
      ]);
    return {
      isAtWork: says(AT_WORK),
      isRipe: says(IS_RIPE),
      async kill() {
        child.kill('SIGKILL');
        const [code, signal] = await ended;
        if (signal !== 'SIGKILL') throw new Error(`the ${task.role} ended by itself with ${String(code)}`);
        const { sessions, rest } = readTransactions(told);
        return { sessions, step: rest.replace(AT_WORK, '').replace(IS_RIPE, '').trim() || undefined };
      },
    };
  }

  async close(): Promise<void> {
    const left = this.#waiting.splice(0);
    await Promise.all(
      left.map(async (child) => {
        const ended = once(child, 'close');
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #fill(): void {
    while (this.#waiting.length < this.#size) this.#waiting.push(this.#started());
  }

  #started(): ChildProcess {
    return startChild(this.#file, [], { stdin: 'pipe' });
  }
}
