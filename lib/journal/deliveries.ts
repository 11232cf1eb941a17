import { randomUUID } from 'node:crypto';
import type { Cleaner } from '../removal/cleaner.js';
import { claimThese, dueIds, nameOfJournal, retryFailedParts, type NamedIntents } from './due-ids.js';
import type { IntendedValue, Intent } from './intent.js';
import { journalsOf, machinesOf } from './journal-of.js';
import type { Journal } from './journal.js';
import { Obstacles } from './obstacles.js';
import { redeliver } from './redelivery.js';

/** What became of intents that an engine's job named. Of those that are not counted, others have them, or nothing is left. */
export interface Delivery {
  /** Intents whose files have an outcome, or are tried again when the journal says so. */
  readonly delivered: number;
  /** Intents left to a process that can deliver them. */
  readonly left: number;
  /** One for each value for which no more try follows. */
  readonly errors: readonly string[];
}

/** How a job delivers. */
interface Delivering {
  /** Somebody wants what failed for good to be tried anew. */
  readonly isRetry?: boolean;
  /** Asked between two intents; the rest is put back. */
  readonly isStopped?: () => boolean;
}

/** For how long others leave an intent alone unless that is renewed. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 20_000;

/** Delivers intents that an engine of others hands out. */
export class Deliveries {
  readonly #cleaners: () => readonly Cleaner[];
  readonly #obstacles: Obstacles;

  constructor(cleaners: () => readonly Cleaner[]) {
    this.#cleaners = cleaners;
    this.#obstacles = new Obstacles(cleaners);
  }

  /** Is there a journal at all? */
  get areAny(): boolean {
    return journalsOf(this.#cleaners()).size > 0;
  }

  /** What is due in the journals of the models that this process knows: at most so many intents of each. */
  async due(limit: number): Promise<NamedIntents[]> {
    const due: NamedIntents[] = [];
    const machines = machinesOf(this.#cleaners());
    for (const journal of journalsOf(this.#cleaners())) {
      const lacking = this.#obstacles.lackingIn(journal);
      due.push({ journal: nameOfJournal(journal), ids: await dueIds(journal, { limit, machines, lacking }) });
    }
    return due;
  }

  /** Takes those that are due and delivers them, one after the other. */
  async deliver(named: NamedIntents, how: Delivering = {}): Promise<Delivery> {
    const sum = { delivered: 0, left: 0, errors: [] as string[] };
    for (const journal of journalsOf(this.#cleaners())) {
      if (nameOfJournal(journal) !== named.journal) continue;
      const failed = how.isRetry ? await retryFailedParts(journal, named.ids) : [];
      const claim = randomUUID();
      const taking = { claim, leaseMs: LEASE_MS, machines: machinesOf(this.#cleaners()) };
      const intents = await claimThese(journal, [...named.ids, ...failed], taking);
      const ids = intents.map(({ _id }) => _id);
      const renewal = setInterval(() => {
        journal.renew(claim, ids, LEASE_MS).catch(() => undefined);
      }, RENEWAL_MS).unref();
      try {
        while (intents.length > 0 && how.isStopped?.() !== true)
          await this.#deliverOne(journal, intents.shift()!, sum);
      } finally {
        clearInterval(renewal);
        const rest = intents.map(({ _id }) => _id);
        if (rest.length > 0) await journal.putBack(rest, 0).catch(() => undefined);
      }
    }
    return sum;
  }

  async #deliverOne(
    journal: Journal,
    intent: Intent,
    sum: { delivered: number; left: number; errors: string[] },
  ): Promise<void> {
    const onFailed = (values: readonly IntendedValue[]): void => {
      sum.errors.push(...values.map(describe));
    };
    const obstacle = await redeliver(intent, { journal, cleaners: this.#cleaners(), onFailed });
    if (obstacle === undefined) sum.delivered++;
    else {
      sum.left++;
      await this.#obstacles.leave(intent, journal, obstacle);
    }
  }
}

function describe({ value, error }: IntendedValue): string {
  const stored = typeof value === 'string' ? value : JSON.stringify(value);
  return `${stored}: ${error ?? 'no cause is known'}`;
}
