import type { NamedIntents } from '../../journal/due-ids.js';
import { inBatches } from '../../shared/groups.js';

/**
 * How many intents one job has. Agenda looks for jobs only every `processEvery`, and takes five commands for each; jobs
 * that one process has locked are not available to others.
 */
const PACKET = 50;

/** Divides intents into jobs, without the intents that are already handed out. */
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
