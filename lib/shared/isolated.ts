import { debuglog } from 'node:util';

const debug = debuglog('mongoose-image-cleanup');

/** Runs code of the app, such as a listener or a logger. An error that it throws, now or later, affects nothing else. */
export function isolated(act: () => unknown): void {
  try {
    const result = act();
    if (result instanceof Promise) result.catch(noteForeignError);
  } catch (error) {
    noteForeignError(error);
  }
}

/** Logs a warning. */
export function warn({ logger }: { logger: { warn(message: string): unknown } }, message: string): void {
  isolated(() => logger.warn(`mongoose-image-cleanup: ${message}`));
}

function noteForeignError(error: unknown): void {
  debug('a listener or logger threw: %o', error);
}
