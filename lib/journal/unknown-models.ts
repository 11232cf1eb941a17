import type { Cleaner } from '../removal/cleaner.js';
import { fullNameOf } from './entry-for.js';
import type { Intent } from './intent.js';
import type { Journal } from './journal.js';

/** How long a worker leaves the intents of unknown models alone before it looks whether the models are registered now. */
const LEFT_MS = 30_000;

/**
 * Models that a worker does not know. For a while, the worker takes none of their intents, so that others can take them
 * at once, even another connection of the same process.
 */
export class UnknownModels {
  readonly #untilOf = new Map<Journal, Map<string, number>>();

  /** Returns `true` if a model is missing, which is noted; `false` if there is another obstacle. */
  note(intent: Intent, journal: Journal, cleaners: readonly Cleaner[]): boolean {
    const own = cleaners.filter(({ model }) => model.db === journal.connection);
    const names = new Set([...own.map(({ model }) => model.modelName), ...cleaners.map(fullNameOf)]);
    const missing = [intent.model, ...(intent.alsoAsking ?? [])].filter((name) => !names.has(name));
    const untilOf = this.#untilOf.get(journal) ?? new Map<string, number>();
    this.#untilOf.set(journal, untilOf);
    for (const name of missing) untilOf.set(name, performance.now() + LEFT_MS);
    return missing.length > 0;
  }

  of(journal: Journal): string[] {
    const now = performance.now();
    const untilOf = this.#untilOf.get(journal) ?? new Map<string, number>();
    for (const [name, until] of untilOf) if (until <= now) untilOf.delete(name);
    return [...untilOf.keys()];
  }
}
