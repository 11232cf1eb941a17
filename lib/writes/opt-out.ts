import { AsyncLocalStorage } from 'node:async_hooks';
import { cleanerOf, type Cleaner } from '../removal/cleaner.js';
import type { AnyModel } from '../schema/options.js';

/** One storage for all copies of this package in the process, so that a block of one copy also applies to the others. */
const STORAGE = Symbol.for('mongoose-image-cleanup:without:1');

function storage(): AsyncLocalStorage<true> {
  const home = globalThis as { [STORAGE]?: AsyncLocalStorage<true> };
  return (home[STORAGE] ??= new AsyncLocalStorage<true>());
}

/**
 * Runs `block` with the cleanup switched off. Writes inside it, also after an `await`, look up nothing and remove
 * nothing. Use it for fixtures, imports and migrations. Returns what `block` returns.
 *
 * ```ts
 * await withoutImageCleanup(() => Album.deleteMany({}));
 * ```
 */
export function withoutImageCleanup<T>(block: () => T): T {
  return storage().run(true, () => started(block()));
}

/** Mongoose runs a query when `then` is called. For a query that `block` returns, that would be after the block. */
function started<T>(result: T): T {
  const { then } = (result ?? {}) as { then?: unknown };
  if (typeof then !== 'function' || result instanceof Promise) return result;
  return new Promise((resolve, reject) => {
    then.call(result, resolve, reject);
  }) as T;
}

/** Whether the cleanup is off for a write that starts now. `option` is the write's own `imageCleanup` option. */
export function isOptedOut(cleaner: Cleaner, option: unknown): boolean {
  return option === false || storage().getStore() === true || !cleaner.isEnabled();
}

/** The cleaner of a model for a write that starts now; `undefined` if there is none or the cleanup is off for the write. */
export function activeCleanerOf(model: AnyModel, option: unknown): Cleaner | undefined {
  const cleaner = cleanerOf(model);
  return cleaner && !isOptedOut(cleaner, option) ? cleaner : undefined;
}
