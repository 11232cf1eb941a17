import type { KeptReason, RemovalOutcome } from '../providers/provider.js';
import type { DroppedFile } from '../removal/candidates.js';
import { identityOf, type Reading } from '../usage/meaning.js';
import { identityOfFile, type IntendedFile, type IntendedValue, type Intent } from './intent.js';

/** The result for a file as far as the journal is concerned. */
interface End {
  readonly is: 'settled' | 'again' | 'failed';
  readonly outcome?: string;
  readonly reason?: string;
  readonly error?: string;
}

/** Reasons for which a file is asked about again later, since it is not known yet whether it is used. */
const AGAIN = new Set<KeptReason>(['unanswered', 'closed', 'unknown commit', 'unacknowledged']);

/** The results for the files of one write. */
export class FileResults {
  readonly #ofFiles = new Map<string, End>();
  /** Results of derived files that are not settled, by their original. */
  readonly #ofDerived = new Map<string, End>();
  readonly #keepsSettled: boolean;

  constructor(keepsSettled: boolean) {
    this.#keepsSettled = keepsSettled;
  }

  note(file: DroppedFile, outcome: RemovalOutcome): void {
    const end = endOf(outcome);
    if (file.derivedFrom) {
      const original = identityOf({ asset: file.derivedFrom, provider: file.provider });
      if (end.is !== 'settled') this.#ofDerived.set(original, end);
    }
    // a large write has one value for every file
    else if (end.is !== 'settled' || this.#keepsSettled) this.#ofFiles.set(identityOf(file), end);
  }

  again(readings: readonly Reading[]): void {
    for (const reading of readings) this.#ofFiles.set(identityOf(reading), { is: 'again' });
  }

  refuse(files: readonly IntendedFile[], error: string): void {
    for (const file of files) this.#ofFiles.set(identityOfFile(file), { is: 'failed', error });
  }

  get areAllSettled(): boolean {
    return [...this.#ofFiles.values(), ...this.#ofDerived.values()].every(({ is }) => is === 'settled');
  }

  /** The values of an intent by their results. */
  split({ values }: Intent, isLastTry: boolean): Record<End['is'], IntendedValue[]> {
    const parts: Record<End['is'], IntendedValue[]> = { settled: [], again: [], failed: [] };
    for (const value of values) {
      const { is, ...end } = this.#endOf(value);
      // without the result of an earlier attempt
      const { outcome: _, reason: _reason, error: _error, ...noted } = value;
      parts[is === 'again' && isLastTry ? 'failed' : is].push({ ...noted, ...end });
    }
    return parts;
  }

  /** A value that led to no file at all stays for a reason that was reported at the write. */
  #endOf({ files }: IntendedValue): End {
    const identities = files.map(identityOfFile);
    const ends = [this.#ofFiles, this.#ofDerived].flatMap((all) =>
      identities.flatMap((one) => all.get(one) ?? []),
    );
    // if one reading may have to be tried again, the outcome of another reading does not settle the value
    return ends.find(({ is }) => is !== 'settled') ?? ends[0] ?? { is: 'settled', outcome: 'kept' };
  }
}

function endOf(outcome: RemovalOutcome): End {
  switch (outcome.outcome) {
    case 'failed':
      return { is: outcome.retryable ? 'again' : 'failed', error: outcome.error.message };
    case 'kept':
      return { is: AGAIN.has(outcome.reason) ? 'again' : 'settled', outcome: 'kept', reason: outcome.reason };
    default:
      return { is: 'settled', outcome: outcome.outcome };
  }
}
