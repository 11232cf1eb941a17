/** Options of `agendaWorker` and `bullmqWorker`. */
export interface EngineOptions {
  /**
   * How often one of the processes looks for due intents: `'10s'`, or a number of milliseconds of at least 100. Default
   * `'10s'`.
   */
  every?: string | number;
  /** How many intents this process handles at the same time. Default 4. */
  concurrency?: number;
  /**
   * Called with errors that are not about files: the engine or MongoDB cannot be reached, or the driver has a wrong
   * version. The same message comes once, until something has worked again. Default: the `logger` of the plugin's
   * options.
   */
  onError?: (error: Error) => unknown;
}

/**
 * A worker that an external job queue runs.
 *
 * ```ts
 * const worker = agendaWorker(agenda, mongoose);
 * await worker.stop(); // before the engine is stopped
 * ```
 */
export interface EngineWorker {
  /**
   * Stops the worker. Resolves when the intents that it has taken are done; the other jobs are handed out again. The
   * engine itself is not stopped.
   */
  stop(): Promise<void>;
}
