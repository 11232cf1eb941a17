import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { CleanupEvent } from '../event.js';
import type { CleanupOptions } from '../options.js';
import type { KeptReason, StorageProvider } from '../providers/provider.js';

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
function log(event: CleanupEvent, options: CleanupOptions): unknown {
  const where = `${event.model}.${event.field} (${event.operation}, document ${String(event.documentId)})`;
  const what = event.asset ? `${event.asset.provider} ${event.asset.key}` : 'files';
  const why = event.error ? `: ${event.error.message}` : '';
  if (event.outcome === 'failed') {
    const tries = `${String(event.attempts)} attempt${event.attempts === 1 ? '' : 's'}`;
    return options.logger.error(
      `mongoose-image-cleanup: ${what} of ${where} could not be removed after ${tries}${why}`,
    );
  }
  if (event.outcome === 'missing') {
    warn(options, `${what} of ${where} was not there any more${why}`);
  } else if (event.reason && NOTEWORTHY.has(event.reason)) {
    warn(options, `${what} of ${where} kept (${event.reason})${why}; a sweep finds what became an orphan`);
  }
  return undefined;
}

/** As an event may tell it. */
export function masked(value: unknown, provider: StorageProvider | undefined): unknown {
  try {
    return provider?.mask ? provider.mask(value) : value;
  } catch {
    return '[value hidden: the provider could not mask it]';
  }
}

/** Runs foreign code whose failure, now or later, must not be anybody's problem but its own. */
export function isolated(act: () => unknown): void {
  try {
    const result = act();
    if (result instanceof Promise) result.catch(noteForeignError);
  } catch (error) {
    noteForeignError(error);
  }
}

function noteForeignError(error: unknown): void {
  debug('a listener or logger threw: %o', error);
}
