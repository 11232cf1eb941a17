import type { Cleaner } from '../removal/cleaner.js';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';
import { UnknownModels } from './unknown-models.js';
import type { Obstacle } from './redelivery.js';

/** How long an intent that this process cannot deliver is left to others before this process looks at it again. */
const LEFT_MS = 30_000;

/** Leaves intents to processes that can deliver them, and logs the reason once for each cause. */
export class Undeliverable {
  readonly #cleaners: () => readonly Cleaner[];
  readonly #told = new Set<Obstacle>();
  readonly #lacking = new UnknownModels();

  constructor(cleaners: () => readonly Cleaner[]) {
    this.#cleaners = cleaners;
  }

  async leave(intent: Intent, journal: Journal, obstacle: Obstacle): Promise<void> {
    this.#tell(obstacle);
    const isLacking = this.#lacking.note(intent, journal, this.#cleaners());
    await journal.putBack([intent._id], isLacking ? 0 : LEFT_MS);
  }

  /** Models whose intents this process leaves alone for a while. */
  lackingIn(journal: Journal): string[] {
    return this.#lacking.of(journal);
  }

  #tell(obstacle: Obstacle): void {
    if (this.#told.has(obstacle)) return;
    this.#told.add(obstacle);
    const message =
      `the journal has files that this process cannot remove: ${obstacle}; ` +
      'they stay in the journal until a process that can remove them takes them';
    this.#cleaners()[0]?.reporter.warn(message);
  }
}
