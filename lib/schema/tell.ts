import type { CleanupOptions } from './options.js';

/** A warning about a setting. A logger that throws, now or later, is nobody's problem but its own. */
export function tell({ logger }: Pick<CleanupOptions, 'logger'>, message: string): void {
  try {
    const told: unknown = logger.warn(`mongoose-image-cleanup: ${message}`);
    if (told instanceof Promise) told.catch(() => undefined);
  } catch {
    // see above
  }
}
