import { setMaxListeners } from 'node:events';

/** Rejection of `withTimeLimit` when time is up. */
export class TimeLimitError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${String(ms)} ms`);
    this.name = 'TimeLimitError';
  }
}

/** How long somebody who was told to stop may take to hand over what is finished. */
const GRACE_MS = 50;

/**
 * Runs `act` for at most `ms`; then its signal is aborted and, after a short grace for handing over what is done, the
 * result is given up and whatever it does later is ignored. A synchronous throw becomes a rejection.
 */
export async function withTimeLimit<T>(
  what: string,
  ms: number,
  act: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const controller = new AbortController();
  // a provider may listen once for every file of a batch; Node would warn of a leak from the eleventh
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

/** Waits for `work`, but not longer than `ms`; the work goes on. Never rejects. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}

/** Whatever somebody threw, as an Error. */
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
