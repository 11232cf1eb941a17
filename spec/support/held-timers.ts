/** Timers longer than this are held; neither MongoDB's driver nor mocha starts such long ones. */
const LONG_MS = 600_000;

/** More than what lies between two retries that wait on one timer; else the second would wait in real time. */
const STEP_MS = 4 * 3_600_000;

/** Of `until`, in real time. */
const PATIENCE_MS = 15_000;

interface Held {
  readonly fire: () => void;
  readonly dueAt: number;
}

/**
 * A clock on which hours pass when a spec says so: long timers (retries that wait an hour or more) are held until
 * `advance`, and while they fire `Date.now` tells a later time. Everything else keeps its time: Mongoose takes a
 * connection for lost when hours seem to have passed since the last heartbeat.
 */
export class HeldTimers {
  readonly #held = new Map<object, Held>();
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;
  readonly #now = Date.now;
  #offset = 0;

  install(): this {
    Date.now = () => this.#now() + this.#offset;
    const hold = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): NodeJS.Timeout => {
      if (ms < LONG_MS) return this.#setTimeout(act, ms, ...args);
      const timer = { unref: () => timer, ref: () => timer, hasRef: () => false };
      this.#held.set(timer, {
        fire: () => {
          act(...args);
        },
        dueAt: Date.now() + ms,
      });
      return timer as unknown as NodeJS.Timeout;
    };
    globalThis.setTimeout = hold as typeof setTimeout;
    globalThis.clearTimeout = ((timer?: NodeJS.Timeout) => {
      if (!timer || !this.#held.delete(timer)) this.#clearTimeout(timer);
    }) as typeof clearTimeout;
    return this;
  }

  uninstall(): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
    Date.now = this.#now;
    this.#held.clear();
  }

  get size(): number {
    return this.#held.size;
  }

  /** The delays of the held timers, in milliseconds from now. */
  delays(): number[] {
    return [...this.#held.values()].map(({ dueAt }) => dueAt - Date.now());
  }

  /** Many hours pass: all held timers fire, and what they waited for is long due. */
  advance(): void {
    if (this.#held.size === 0) return;
    this.#offset = Math.max(...this.delays()) + STEP_MS;
    for (const [timer, { fire }] of [...this.#held]) if (this.#held.delete(timer)) fire();
    this.#offset = 0;
  }

  /** Lets time pass until the promise has settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const started = performance.now();
    const done = (): void => {
      state.isDone = true;
    };
    promise.then(done, done);
    while (!state.isDone) {
      if (performance.now() - started > PATIENCE_MS) throw new Error('what was waited for never comes');
      this.advance();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return promise;
  }
}
