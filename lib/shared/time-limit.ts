import { setMaxListeners } from 'node:events';

/** Rejection of `withTimeLimit` when the time is up. */
export class TimeLimitError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${String(ms)} ms`);
    this.name = 'TimeLimitError';
  }
}

/** How long work may take after the abort to return partial results. */
const GRACE_MS = 50;

/**
 * Runs `act` for at most `ms` milliseconds. Then its signal is aborted; after a short time for partial results, its
 * result is ignored. A synchronous throw becomes a rejection.
 */
export async function withTimeLimit<T>(
  what: string,
  ms: number,
  act: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const controller = new AbortController();
  // A provider may add a listener for every file of a batch; Node would warn about a leak from the eleventh on.
  setMaxListeners(0, controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort(new TimeLimitError(what, ms));
      timer = setTimeout(() => {
        reject(new TimeLimitError(what, ms));
      }, GRACE_MS);
    }, ms);
  });
  let work: Promise<T> | T | undefined;
  try {
    work = act(controller.signal);
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    Promise.resolve(work).catch(() => undefined);
  }
}

/** Waits for `work`, but not longer than `ms`. The work continues. Never rejects. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}

/**
 * Resolves like the promise, or rejects with the signal's reason as soon as it is aborted. For clients without support
 * for signals: Cloudinary's Admin API calls never settle if a server accepts a request and does not answer, and
 * MongoDB's driver takes no signal for a deletion.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Converts anything that was thrown to an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`a non-error was thrown: ${describe(thrown)}`, { cause: thrown });
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'object' ? JSON.stringify(thrown).slice(0, 200) : String(thrown);
  } catch {
    return typeof thrown;
  }
}
