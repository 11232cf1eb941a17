import { everyMilliseconds } from '../shared/duration.js';
import { FUNCTION, ANYTHING, checkOptions, integer, type Rule } from '../shared/option-rules.js';

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

/** A worker that an external job queue runs. */
export interface EngineWorker {
  /**
   * Stops the worker. Resolves when the intents that it has taken are done; the other jobs are handed out again. The
   * engine itself is not stopped.
   */
  stop(): Promise<void>;
}

/** The options of both workers, parsed. */
export interface EngineSettings {
  readonly everyMs: number;
  readonly concurrency: number;
  readonly onError: ((error: Error) => unknown) | undefined;
}

/** `own` are the rules of the options that only this engine has. @throws TypeError if an option is wrong. */
export function readEngineOptions(
  owner: string,
  options: EngineOptions,
  own: Readonly<Record<string, Rule>>,
): EngineSettings {
  checkOptions(owner, options, {
    every: ANYTHING,
    concurrency: integer(1, 100),
    onError: FUNCTION,
    ...own,
  });
  const { every = '10s', concurrency = 4, onError } = options;
  return { everyMs: Math.round(everyMilliseconds(owner, every, 100)), concurrency, onError };
}
