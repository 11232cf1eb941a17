/** Tracks work under way, for which `stop` waits. */
export class Running {
  readonly #all = new Set<Promise<unknown>>();

  async add<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work);
    try {
      return await work;
    } finally {
      this.#all.delete(work);
    }
  }

  /** Resolves when no work is under way any more, whether it succeeded or failed. */
  async ended(): Promise<void> {
    while (this.#all.size > 0) await Promise.allSettled(this.#all);
  }
}
