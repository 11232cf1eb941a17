import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cleaner } from '../removal/cleaner.js';

/** One storage for all copies of this package in the process, or a block of the one would not hold for the other. */
const STORAGE = Symbol.for('mongoose-image-cleanup:without:1');

function storage(): AsyncLocalStorage<true> {
  const home = globalThis as { [STORAGE]?: AsyncLocalStorage<true> };
  return (home[STORAGE] ??= new AsyncLocalStorage<true>());
}

/**
 * Runs `block` with all cleanup off: writes inside it, through every `await`, look up and remove nothing.
 * For fixtures, imports and migrations.
 */
export function withoutImageCleanup<T>(block: () => T): T {
  return storage().run(true, () => started(block()));
}

/** Mongoose runs a query when `then` is called, which for a returned one would be after the block. */
function started<T>(result: T): T {
  const { then } = (result ?? {}) as { then?: unknown };
  if (typeof then !== 'function' || result instanceof Promise) return result;
  return new Promise((resolve, reject) => {
    then.call(result, resolve, reject);
  }) as T;
}

/** Is the cleanup off for a write that starts now? `option` is its own `imageCleanup` option. */
export function isOptedOut(cleaner: Cleaner, option: unknown): boolean {
  return option === false || storage().getStore() === true || !cleaner.isEnabled();
}
