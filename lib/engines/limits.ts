/** How many intents of one journal are handed out at a time, so that the storage of an engine never holds more. */
export const AT_ONCE = 1000;

/** How long failed jobs are kept. */
export const KEPT_MS = 7 * 86_400_000;
export const KEPT_JOBS = 1000;
