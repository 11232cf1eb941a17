import { randomUUID } from 'node:crypto';
import type { Cleaner } from '../removal/cleaner.js';
import { claimById, dueIds, nameOfJournal, retryFailed, type IntentName } from './due-ids.js';
import type { IntendedValue } from './intent.js';
import { journalsOf } from './journal-of.js';
import type { Journal } from './journal.js';
import { Obstacles } from './obstacles.js';
import { redeliver } from './redelivery.js';

/** What became of an intent that an engine's job named. */
export interface Delivery {
  /**
   * `delivered`: its files have an outcome, or the journal says when they are tried again. `left`: to a process that can.
   * `not due`: others have it, or nothing is left of it. `failed`: no more try follows for some of its files.
   */
  readonly is: 'delivered' | 'left' | 'not due' | 'failed';
  /** One for each value that failed. */
  readonly errors: readonly string[];
}

/** For how long others leave an intent alone unless that is renewed. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 20_000;

/** Delivers intents that an engine of others hands out, one by one. */
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
  async due(limit: number): Promise<IntentName[]> {
    const names: IntentName[] = [];
    for (const journal of journalsOf(this.#cleaners())) {
      const name = nameOfJournal(journal);
      for (const intent of await dueIds(journal, limit)) names.push({ journal: name, intent });
    }
    return names;
  }

  /** Takes the intent and delivers it. `isRetry`: somebody wants what failed for good of it to be tried anew. */
  async deliver(name: IntentName, isRetry = false): Promise<Delivery> {
    const journals = [...journalsOf(this.#cleaners())].filter((one) => nameOfJournal(one) === name.journal);
    if (journals.length === 0) return { is: 'left', errors: [] };
    const all: Delivery[] = [];
    for (const journal of journals) {
      const ids = [name.intent, ...(isRetry ? await retryFailed(journal, name.intent) : [])];
      for (const id of ids) all.push(await this.#deliverOne(journal, id));
    }
    const errors = all.flatMap((one) => one.errors);
    if (errors.length > 0) return { is: 'failed', errors };
    return all.find(({ is }) => is !== 'not due') ?? { is: 'not due', errors };
  }

  async #deliverOne(journal: Journal, id: string): Promise<Delivery> {
    const claim = randomUUID();
    const intent = await claimById(journal, id, { claim, leaseMs: LEASE_MS });
    if (!intent) return { is: 'not due', errors: [] };
    const renewal = setInterval(() => {
      journal.renew(claim, LEASE_MS).catch(() => undefined);
    }, RENEWAL_MS).unref();
    const errors: string[] = [];
    const onFailed = (values: readonly IntendedValue[]): void => {
      errors.push(...values.map(describe));
    };
    try {
      const obstacle = await redeliver(intent, { journal, cleaners: this.#cleaners(), onFailed });
      if (obstacle === undefined) return { is: errors.length > 0 ? 'failed' : 'delivered', errors };
      await this.#obstacles.leave(intent, journal, obstacle);
      return { is: 'left', errors };
    } finally {
      clearInterval(renewal);
    }
  }
}

function describe({ value, error }: IntendedValue): string {
  const stored = typeof value === 'string' ? value : JSON.stringify(value);
  return `${stored}: ${error ?? 'no cause is known'}`;
}
