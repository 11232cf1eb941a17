import type { RetryOptions } from '../schema/options.js';
import type { DroppedFile } from './candidates.js';

interface Waiting {
  readonly file: DroppedFile;
  readonly error: Error;
  dueAt: number;
}

/** How many files may wait at the same time, at about 500 bytes each. Further files fail at once. */
const MOST_WAITING = 10_000;
/** How many files are attempted in one go, and how many goes run at the same time. */
const BATCH = 500;
const CONCURRENCY = 4;

/** Removals that wait for another attempt, with one timer. It keeps the process alive only while a caller waits for it. */
export class RetryQueue {
  readonly #retry: Required<RetryOptions>;
  readonly #run: (files: DroppedFile[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = 0;
  #isOver = false;
  #waiters: (() => void)[] = [];

  constructor(retry: Required<RetryOptions>, run: (files: DroppedFile[]) => Promise<void>) {
    this.#retry = retry;
    this.#run = run;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Returns `false` if no attempts are left, or if the queue is full. */
  add(file: DroppedFile, error: Error, retryAt?: Date): boolean {
    if (this.#isOver || file.attempts >= this.#retry.attempts || this.#waiting.length >= MOST_WAITING) {
      return false;
    }
    const dueAt = Math.max(Date.now() + this.#delay(file.attempts), retryAt?.getTime() ?? 0);
    this.#waiting.push({ file, error, dueAt });
    this.#schedule();
    return true;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      this.#schedule();
    });
  }

  hurry(): void {
    for (const waiting of this.#waiting) waiting.dueAt = 0;
    this.#schedule();
  }

  /** Ends all waiting, now and later. Returns the removals that were given up, with the error of their last attempt. */
  giveUp(): readonly { file: DroppedFile; error: Error }[] {
    this.#isOver = true;
    const left = this.#waiting;
    this.#waiting = [];
    this.#schedule();
    return left;
  }

  /** Doubled each time. Half of it is random, so that many failures at once are not attempted again at the same time. */
  #delay(attempts: number): number {
    const { minDelayMs, maxDelayMs } = this.#retry;
    return Math.min(maxDelayMs, minDelayMs * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) for (const resolve of this.#waiters.splice(0)) resolve();
    if (this.#waiting.length === 0 || this.#running >= CONCURRENCY) return;
    const next = this.#waiting.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Infinity);
    this.#timer = setTimeout(
      () => {
        this.#start();
      },
      Math.min(Math.max(0, next - Date.now()), 2 ** 31 - 1),
    );
    if (this.#waiters.length === 0) this.#timer.unref();
  }

  #start(): void {
    const now = Date.now();
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= now).slice(0, BATCH);
    if (due.length > 0) {
      const started = new Set(due);
      this.#waiting = this.#waiting.filter((one) => !started.has(one));
      this.#running++;
      void this.#run(due.map(({ file }) => file)).finally(() => {
        this.#running--;
        this.#schedule();
      });
    }
    this.#schedule();
  }
}
