import type { IntentName } from '../../journal/due-ids.js';
import { groupBy, inBatches } from '../../shared/groups.js';

/** What one job of Agenda delivers, one after the other. */
export interface Packet {
  readonly journal: string;
  /** Ids in hex digits. */
  readonly intents: readonly string[];
}

/**
 * Intents in one job. Agenda looks for jobs every `processEvery` only, and takes five commands for each; what a process has locked
 * no other process can have.
 */
const PACKET = 50;

export function packetsOf(names: readonly IntentName[]): Packet[] {
  return [...groupBy(names, ({ journal }) => journal)].flatMap(([journal, own]) =>
    [...inBatches(own, PACKET)].map((batch) => ({ journal, intents: batch.map(({ intent }) => intent) })),
  );
}

/** What a stored job says, which anybody may have written; `undefined`: it is no packet. */
export function readPacket(data: unknown): Packet | undefined {
  const { journal, intents } = (data ?? {}) as { journal?: unknown; intents?: unknown };
  if (typeof journal !== 'string' || !Array.isArray(intents)) return undefined;
  return { journal, intents: intents.filter((one): one is string => typeof one === 'string') };
}
