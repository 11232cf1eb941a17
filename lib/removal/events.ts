import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { CleanupEvent } from '../schema/event.js';
import type { CleanupOptions } from '../schema/options.js';
import type { KeptReason, StorageProvider } from '../providers/provider.js';
import { isolated } from '../shared/isolated.js';

/** Reasons that point to something an operator should look at; the others are everyday. */
const NOTEWORTHY = new Set<KeptReason>([
  'unanswered',
  'no snapshot',
  'too many',
  'unknown commit',
  'unacknowledged',
]);

const debug = debuglog('mongoose-image-cleanup');

/** Tells everybody who listens; the value must be masked. Nothing that a listener or a logger does reaches the caller. */
export function report(event: CleanupEvent, options: CleanupOptions): void {
  debug('%s %s %o', event.outcome, event.reason ?? '', event);
  isolated(() => log(event, options));
  isolated(() => options.onEvent?.(event));
  channel(`mongoose-image-cleanup:${event.outcome}`).publish(event);
}

export function warn(options: CleanupOptions, message: string): void {
  isolated(() => options.logger.warn(`mongoose-image-cleanup: ${message}`));
}

/** Returns what the logger returns: an asynchronous one may reject. */
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
      if (!event.reason || !NOTEWORTHY.has(event.reason)) return undefined;
      return logger.warn(
        `mongoose-image-cleanup: ${what} of ${where} kept (${event.reason})${why}; a sweep finds what became an orphan`,
      );
  }
}

function placeOf({ model, field, operation, documentId }: CleanupEvent): string {
  const document = documentId === null || documentId === undefined ? '' : `, document ${String(documentId)}`;
  return `${model}${field === null ? '' : `.${field}`} (${operation}${document})`;
}

/** As an event may tell it. */
export function masked(value: unknown, providers: readonly StorageProvider[]): unknown {
  try {
    return providers.reduce((shown, provider) => (provider.mask ? provider.mask(shown) : shown), value);
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}
