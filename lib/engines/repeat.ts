/** Repeats an action at an interval, never twice at once, until it is stopped. Does not keep the process alive. */
export class Repeat {
  readonly #act: () => Promise<void>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `act` must not reject. It is called at once for the first time. */
  constructor(everyMs: number, act: () => Promise<void>) {
    this.#act = act;
    this.#everyMs = Math.min(everyMs, 2 ** 31 - 1);
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    await this.#act();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#run(), this.#everyMs).unref();
  }
}
