import { refuse } from './option-rules.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const ALLOWED = "a time such as '24h', '90m' or '7d' (units ms, s, m, h, d, w), or a number of milliseconds";

/**
 * Parses `'24h'`, `'90m'` or `'1.5d'` (units ms, s, m, h, d, w) to milliseconds. A number is in milliseconds already.
 *
 * @throws TypeError that names the option, what was given and what is allowed.
 */
export function milliseconds(owner: string, option: string, given: unknown): number {
  if (typeof given === 'number' && Number.isFinite(given) && given >= 0) return given;
  const read = typeof given === 'string' ? /^(\d+(?:\.\d+)?)\s*(ms|[smhdw])$/.exec(given.trim()) : null;
  if (!read) {
    refuse({ owner, name: option, given, allowed: ALLOWED });
  }
  return Number(read[1]) * UNITS[read[2] as keyof typeof UNITS];
}

/**
 * Like `milliseconds`, for how long files or records are kept. Refuses numbers below 1,000: they are probably in
 * another unit, and files would be removed almost at once.
 *
 * @throws TypeError that names the option, what was given and what is allowed.
 */
export function lastingMilliseconds(owner: string, option: string, given: unknown): number {
  if (typeof given === 'number' && given > 0 && given < 1000) {
    const number = String(given);
    refuse({
      owner,
      name: option,
      given,
      because: 'a number of milliseconds below one second',
      allowed: `${ALLOWED} of at least 1,000`,
      advice: `write the unit: '${number}d', '${number}m', or '${number}ms' if that is meant`,
    });
  }
  return milliseconds(owner, option, given);
}

/**
 * Like `milliseconds`, for the option `every`: how often something is done.
 *
 * @throws TypeError if this is less than `least` milliseconds.
 */
export function everyMilliseconds(owner: string, given: unknown, least: number): number {
  const everyMs = milliseconds(owner, 'every', given);
  const allowed =
    least % 1000 === 0 ? `at least '${String(least / 1000)}s'` : `at least ${String(least)} milliseconds`;
  if (everyMs < least) refuse({ owner, name: 'every', given, allowed });
  return everyMs;
}
