import type { NamedIntents } from '../../journal/due-ids.js';
import { inBatches } from '../../shared/groups.js';

/**
 * Intents in one job. Agenda looks for jobs every `processEvery` only, and takes five commands for each; what a process has locked
 * no other process can have.
 */
const PACKET = 50;

/** What one job each delivers; without those that are handed out already. */
export function packetsOf(due: readonly NamedIntents[], handedOut: ReadonlySet<string>): NamedIntents[] {
  return due.flatMap(({ journal, ids }) =>
    [
      ...inBatches(
        ids.filter((id) => !handedOut.has(id)),
        PACKET,
      ),
    ].map((batch) => ({ journal, ids: batch })),
  );
}
