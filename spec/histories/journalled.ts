import fc from 'fast-check';
import { intentsOf } from '../support/journal.js';
import { histories } from './generators.js';
import { Broken } from './judge.js';
import type { History, Journalled, Operation, Step } from './steps.js';
import { GRACE_MS, type World } from './world.js';

const HOUR = 3_600_000;
/** Of intents that come back: more than the longest wait between two tries. */
const LONG_MS = 2 * GRACE_MS;
const MOST_ROUNDS = 15;

/** What one step of a history gets besides, where there is a journal. */
interface Mark extends Journalled {
  /** Time that passes after the step, in hours. */
  readonly hours?: number;
  readonly after?: number;
}

const mark: fc.Arbitrary<Mark> = fc.record(
  {
    grace: fc.constantFrom(0, HOUR, 48 * HOUR),
    cut: fc.constantFrom('before' as const, 'after' as const, 'after' as const),
    hours: fc.constantFrom(0, 1, 10, 10, 15, 25),
    after: fc.constantFrom(HOUR, 20 * HOUR),
  },
  { requiredKeys: [] },
);
const plainMark: fc.Arbitrary<Mark> = mark.map(({ hours = 0, after = HOUR }) => ({ hours, after }));

/** The same histories with a journal: grace periods, erasures, processes that die at a write, time that passes, and workers. */
export const journalHistories: fc.Arbitrary<History> = fc
  .tuple(
    histories,
    fc.constantFrom('now' as const, 'grace' as const, 'grace' as const, 'mixed' as const),
    fc.array(fc.oneof(mark, plainMark), { minLength: 1, maxLength: 8 }),
    fc.boolean(),
  )
  .map(([history, journal, marks, isPlain]) => {
    const steps = history.steps.flatMap((step, index) => {
      const own = marks[index % marks.length]!;
      // in a history without grace periods of calls no file may go before its time
      return marked(step, isPlain && journal === 'grace' ? { ...own, grace: undefined } : own);
    });
    return { ...history, journal, steps };
  });

function marked(
  step: Step,
  { grace, cut, hours = 0, after }: { [K in keyof Mark]: Mark[K] | undefined },
): Step[] {
  const pause: Step[] = hours > 0 ? [{ timePasses: hours * HOUR }] : [];
  if (!('operation' in step)) return [step, ...pause];
  const operation: Operation =
    step.operation.do === 'removeUnused' && after !== undefined
      ? { ...step.operation, after }
      : step.operation;
  const isPlain = step.fault === undefined && step.off === undefined;
  const call = { ...(grace !== undefined && { grace }), ...(isPlain && cut && { cut }) };
  return [{ ...step, operation, ...(step.off === 'option' ? {} : call) }, ...pause];
}

/** The shortest time for which every dropped file stays; 0: some may go at once. */
export function leastGraceOf({ journal, steps }: History): number {
  if (journal !== 'grace') return 0;
  const graces = steps.map((step) => {
    if (!('operation' in step)) return GRACE_MS;
    const { operation, grace = GRACE_MS } = step;
    return operation.do === 'removeUnused' ? (operation.after ?? 0) : grace;
  });
  const isAtOnce = JSON.stringify(steps).includes('"removeUnused","values"');
  return isAtOnce ? 0 : Math.min(GRACE_MS, ...graces);
}

/** Workers come until nothing waits any more. */
export async function drain(world: World): Promise<void> {
  for (let rounds = 0; ; rounds++) {
    const open = (await intentsOf(world.connection)).filter(({ dueAt }) => dueAt !== undefined);
    if (open.length === 0) return;
    if (rounds === MOST_ROUNDS) throw new Broken(`intents stay: ${JSON.stringify(open)}`);
    await world.pass(LONG_MS);
  }
}
