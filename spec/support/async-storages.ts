import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Mongoose } from 'mongoose';

/*
 * In Node 20, a storage that was used makes every promise of the process slower until it is disabled, and a worker runs
 * one spec file after the other.
 */

type Storage = Pick<AsyncLocalStorage<unknown>, 'disable'>;

const OPT_OUTS = Symbol.for('mongoose-image-cleanup:without:1');

/** That of `withoutImageCleanup`. */
export function disableOptOuts(): void {
  (globalThis as { [OPT_OUTS]?: Storage })[OPT_OUTS]?.disable();
}

/** That of the sessions of `connection.transaction()`. */
export function disableSessions(mongoose: Mongoose): void {
  (mongoose as { transactionAsyncLocalStorage?: Storage }).transactionAsyncLocalStorage?.disable();
}
