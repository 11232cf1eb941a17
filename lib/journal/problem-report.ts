import type { Cleaner } from '../removal/cleaner.js';
import { isolated } from '../shared/isolated.js';
import { asError } from '../shared/time-limit.js';

export const NO_JOURNAL =
  'no model in this process has the option "journal", so nothing can be removed; ' +
  'load the models in this process, or give the plugin the option "journal": true';

/** Where problems are reported. */
interface Listeners {
  /** The function that the app calls. */
  readonly owner: string;
  readonly cleaners: () => readonly Cleaner[];
  readonly onError: ((error: Error) => unknown) | undefined;
}

/** Reports problems between the journal and its workers, each once until something has worked again. */
export class ProblemReport {
  readonly #listeners: Listeners;
  readonly #told = new Set<string>();

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  tell(thrown: unknown): void {
    const error = asError(thrown);
    if (this.#told.has(error.message)) return;
    this.#told.add(error.message);
    const { owner, cleaners, onError } = this.#listeners;
    const message = `${owner}: ${error.message}`;
    isolated(() => {
      if (onError) return onError(error);
      const reporter = cleaners()[0]?.reporter;
      // before the first model is registered
      if (reporter) reporter.warn(message);
      else console.warn(`mongoose-image-cleanup: ${message}`);
      return undefined;
    });
  }

  /** Called when something has worked, so that the same problem is reported again. */
  isOver(): void {
    this.#told.clear();
  }
}
