import { refuse } from './option-rules.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * Milliseconds of `'24h'`, `'90m'`, `'1.5d'` (units ms, s, m, h, d, w); a number is milliseconds already.
 *
 * @throws TypeError that names the option, what was given and what is allowed.
 */
export function milliseconds(owner: string, option: string, given: unknown): number {
  if (typeof given === 'number' && Number.isFinite(given) && given >= 0) return given;
  const read = typeof given === 'string' ? /^(\d+(?:\.\d+)?)\s*(ms|[smhdw])$/.exec(given.trim()) : null;
  if (!read) {
    const allowed = "a time such as '24h', '90m' or '7d', or milliseconds";
    refuse({ owner, name: option, given, allowed });
  }
  return Number(read[1]) * UNITS[read[2] as keyof typeof UNITS];
}
