import type { NamedIntents } from '../journal/due-ids.js';

/** What a stored job says, which anybody may have written; `undefined`: it names no intents. */
export function readNamedIntents(data: unknown): NamedIntents | undefined {
  const { journal, ids } = (data ?? {}) as { journal?: unknown; ids?: unknown };
  if (typeof journal !== 'string' || !Array.isArray(ids)) return undefined;
  return { journal, ids: ids.filter((one): one is string => typeof one === 'string') };
}
