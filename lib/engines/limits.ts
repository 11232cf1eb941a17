/** Intents of one journal that one look hands out at most. An engine's storage never holds more of them. */
export const AT_ONCE = 1000;

/** Failed jobs stay for so long, and at most so many of them where the engine counts. */
export const KEPT_MS = 7 * 86_400_000;
export const KEPT_JOBS = 1000;
