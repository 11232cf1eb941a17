import { randomUUID } from 'node:crypto';
import type { Cleaner } from '../removal/cleaner.js';
import { claimThese, dueIds, nameOfJournal, retryFailedParts, type NamedIntents } from './due-ids.js';
import type { IntendedValue, Intent } from './intent.js';
import { journalsOf, machinesOf } from './journal-of.js';
import type { Journal } from './journal.js';
import { Undeliverable } from './undeliverable.js';
import { redeliver } from './redelivery.js';

/**
 * What became of intents that the job of an engine named. Intents that are not counted are taken by others, or have no
 * files left.
 */
export interface Delivery {
  /** Intents whose files have an outcome, or are tried again when the journal says so. */
  readonly delivered: number;
  /** Intents left to a process that can deliver them. */
  readonly left: number;
  /** One error for each value that the journal will not try again. */
  readonly errors: readonly string[];
}

/** How a job delivers its intents. */
interface Delivering {
  /** Whether intents that failed for good are to be tried again. */
  readonly isRetry?: boolean;
  /** Asked between two intents; if it returns true, the remaining intents are put back. */
  readonly isStopped?: () => boolean;
}

/** For how long other workers leave an intent alone, unless the claim is renewed. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 20_000;

/** Delivers intents that an external job queue hands out. */
export class Deliveries {
  readonly #cleaners: () => readonly Cleaner[];
  readonly #obstacles: Undeliverable;

  constructor(cleaners: () => readonly Cleaner[]) {
    this.#cleaners = cleaners;
    this.#obstacles = new Undeliverable(cleaners);
  }

  /** Whether any model has a journal. */
  get areAny(): boolean {
    return journalsOf(this.#cleaners()).size > 0;
  }

  /** Due intents in the journals of the models that this process knows, at most `limit` of each journal. */
  async due(limit: number): Promise<NamedIntents[]> {
    const due: NamedIntents[] = [];
    const machines = machinesOf(this.#cleaners());
    for (const journal of journalsOf(this.#cleaners())) {
      const lacking = this.#obstacles.lackingIn(journal);
      due.push({ journal: nameOfJournal(journal), ids: await dueIds(journal, { limit, machines, lacking }) });
    }
    return due;
  }

  /** Takes the intents that are due, and delivers them one after another. */
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
