import type { NamedIntents } from '../journal/due-ids.js';

/** Reads the intents that a stored job names; `undefined` if it names none. Anybody may have written the job. */
export function readNamedIntents(data: unknown): NamedIntents | undefined {
  const { journal, ids } = (data ?? {}) as { journal?: unknown; ids?: unknown };
  if (typeof journal !== 'string' || !Array.isArray(ids)) return undefined;
  return { journal, ids: ids.filter((one): one is string => typeof one === 'string') };
}
