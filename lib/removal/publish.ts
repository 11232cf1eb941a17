import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { CleanupEvent } from '../schema/cleanup-event.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { KeptReason } from '../providers/provider.js';
import { isolated } from '../shared/isolated.js';

/** Reasons that are logged, since their cause needs attention. */
const LOGGED = new Set<KeptReason>([
  'unanswered',
  'no snapshot',
  'too many',
  'unknown commit',
  'unacknowledged',
  'unjournalled',
]);

const debug = debuglog('mongoose-image-cleanup');

/**
 * Publishes an event to all listeners; its value must be masked. Errors of a listener or a logger do not reach the
 * caller.
 */
export function publish(event: CleanupEvent, options: CleanupOptions): void {
  debug('%s %s %o', event.outcome, event.reason ?? '', event);
  isolated(() => log(event, options));
  isolated(() => options.onEvent?.(event));
  channel(`mongoose-image-cleanup:${event.outcome}`).publish(event);
}

/** Returns what the logger returns, since an asynchronous logger may reject. */
function log(event: CleanupEvent, { logger }: CleanupOptions): unknown {
  const where = placeOf(event);
  const what = event.asset ? `${event.asset.provider} ${event.asset.key}` : 'files';
  const why = event.error ? `: ${event.error.message}` : '';
  const told = (message: string): string => `mongoose-image-cleanup: ${what} of ${where} ${message}${why}`;
  switch (event.outcome) {
    case 'failed': {
      const tries = `${String(event.attempts)} attempt${event.attempts === 1 ? '' : 's'}`;
      return logger.error(told(`could not be removed after ${tries}`));
    }
    case 'missing':
      return logger.warn(told('was not there any more'));
    case 'removed':
      return logger.info?.(told('was removed'));
    case 'kept':
      if (event.reason === 'dry run') return logger.info?.(told('would have been removed (dry run)'));
      if (!event.reason || !LOGGED.has(event.reason)) return undefined;
      return logger.warn(
        `mongoose-image-cleanup: ${what} of ${where} kept (${event.reason})${why}; a sweep finds files that became orphans`,
      );
  }
}

function placeOf({ model, field, operation, documentId }: CleanupEvent): string {
  const document = documentId === null || documentId === undefined ? '' : `, document ${String(documentId)}`;
  return `${model}${field === null ? '' : `.${field}`} (${operation}${document})`;
}
