import type { Cleaner } from '../removal/cleaner.js';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';
import type { Obstacle } from './redelivery.js';

/** An intent that this process cannot deliver is offered to others before it is looked at again. */
const LEFT_MS = 30_000;

/** Leaves intents to processes that can deliver them, and says why once for each cause. */
export class Obstacles {
  readonly #cleaners: () => readonly Cleaner[];
  readonly #told = new Set<Obstacle>();

  constructor(cleaners: () => readonly Cleaner[]) {
    this.#cleaners = cleaners;
  }

  async leave({ _id }: Intent, journal: Journal, obstacle: Obstacle): Promise<void> {
    this.#tell(obstacle);
    await journal.putBack([_id], LEFT_MS);
  }

  #tell(obstacle: Obstacle): void {
    if (this.#told.has(obstacle)) return;
    this.#told.add(obstacle);
    const message =
      `the journal has files that this process cannot remove: ${obstacle}; ` +
      'they wait for a process that can, or for the model, the field or the provider to come back';
    this.#cleaners()[0]?.reporter.warn(message);
  }
}
