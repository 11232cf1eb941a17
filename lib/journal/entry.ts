import type { ClientSession, mongo } from 'mongoose';
import { masked } from '../providers/masked.js';
import type { KeptReason, RemovalOutcome } from '../providers/provider.js';
import type { Candidate, DroppedFile, NotedWrite, WriteFacts } from '../removal/candidates.js';
import { groupBy } from '../shared/groups.js';
import { fingerprintsOf, type Fingerprint } from '../usage/fingerprints.js';
import { identityOf, meaningOf, readingsIn, type Reading } from '../usage/reading.js';
import {
  identityOfFile,
  intendedFile,
  type IntendedFile,
  type IntendedValue,
  type Intent,
  type NewIntent,
} from './intent.js';
import { longestWriteMs, type Journal } from './journal.js';

/** What the entry of a write needs to know about it. */
export interface EntryOptions {
  readonly graceMs: number;
  readonly timeoutMs: number;
  /** How long settled intents are kept; 0: not at all. */
  readonly keepSettledMs: number;
  /** Called with the work of settling, which no write waits for. */
  readonly track: (work: Promise<void>) => unknown;
  /** The model has a grace period, but the files of this write are removed at once. */
  readonly isErasure?: boolean;
  /** Other models that may use the files, with their databases. */
  readonly alsoAsking?: readonly string[];
  /** The collections that may use the files, with their databases; read when an intent is stored. */
  readonly collections?: () => readonly string[] | undefined;
  /** Called with the values that failed for good, once the journal has recorded it. */
  readonly onFailed?: ((values: readonly IntendedValue[]) => void) | undefined;
}

/** The result for a file as far as the journal is concerned. */
interface End {
  readonly is: 'settled' | 'again' | 'failed';
  readonly outcome?: string;
  readonly reason?: string;
  readonly error?: string;
}

/** How many values one intent has: a MongoDB document holds 16 MB, and a worker takes an intent as a whole. */
const MOST_VALUES = 250;
/** How many ids of documents, which may be long, one intent has. */
const MOST_IDS = 2000;
/** How many intents one command stores. */
const MOST_HELD = 20;
/** Reasons for which a file is asked about again later, since it is not known yet whether it is used. */
const AGAIN = new Set<KeptReason>(['unanswered', 'closed', 'unknown commit', 'unacknowledged']);
/** How many times workers try an intent before it fails for good, and how long they wait between the attempts. */
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The intents of one write. They are stored before the write, and settled when each of its files has an outcome. */
export class JournalEntry implements NotedWrite {
  readonly graceMs: number;
  readonly #journal: Journal;
  readonly #options: EntryOptions;
  readonly #ids: mongo.ObjectId[] = [];
  readonly #noted = new Set<Candidate>();
  readonly #open = new Set<DroppedFile>();
  readonly #ends = new Map<string, End>();
  /** Results of derived files that are not settled, by their original. */
  readonly #derivedEnds = new Map<string, End>();
  readonly #removed = new Map<string, DroppedFile>();
  #tries = 0;
  #isDelivered = false;
  #areAllAgain = false;
  #finished: Promise<void> | undefined;
  #resolve!: () => void;
  /** Resolves when every file has an outcome and the intents are settled. */
  readonly done = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(journal: Journal, options: EntryOptions) {
    this.#journal = journal;
    this.#options = options;
    this.graceMs = options.graceMs;
  }

  /** Creates the entry of an intent that a worker has taken. */
  static of(journal: Journal, intent: Intent, options: Omit<EntryOptions, 'graceMs'>): JournalEntry {
    const entry = new JournalEntry(journal, { ...options, graceMs: 0 });
    entry.#ids.push(intent._id);
    entry.#tries = intent.tries + 1;
    return entry;
  }

  get isRedelivered(): boolean {
    return this.#tries > 0;
  }

  /** Whether no attempt follows this one. */
  get isLastTry(): boolean {
    return this.#tries >= MOST_TRIES;
  }

  get isDelayed(): boolean {
    return this.graceMs > 0;
  }

  /** Whether the value was recorded before the write. */
  has(candidate: Candidate): boolean {
    return this.#noted.has(candidate);
  }

  /** Stores the intents of these candidates. Rejects if that is not possible. */
  async open(
    candidates: Iterable<Candidate>,
    { write, session }: { write: WriteFacts; session?: ClientSession | undefined },
  ): Promise<void> {
    const { graceMs, alsoAsking } = this.#options;
    const collections = this.#options.collections?.();
    const facts = {
      model: write.model.modelName,
      operation: write.operation,
      isDelete: write.isDelete,
      ...(alsoAsking && { alsoAsking }),
      ...(collections && { collections }),
      graceMs,
      tries: 0,
    };
    const intentsOf = async (batch: readonly Candidate[]): Promise<NewIntent[]> => {
      const byMachine = groupBy(await this.#valuesOf(batch), ({ machine }) => machine);
      return [...byMachine].map(([machine, own]) => ({
        _id: this.#journal.newId(),
        ...facts,
        ...(machine !== undefined && { machine }),
        values: own.map(({ intended }) => intended),
      }));
    };
    await this.#storeAll(portionsOf(candidates), intentsOf, session);
  }

  /**
   * Stores intents while the files of the next ones are read, so that a write over a million documents holds only a few
   * of its intents in memory.
   */
  async #storeAll(
    portions: Iterable<Candidate[]>,
    intentsOf: (portion: readonly Candidate[]) => Promise<NewIntent[]>,
    session: ClientSession | undefined,
  ): Promise<void> {
    let held: NewIntent[] = [];
    let storing = Promise.resolve();
    try {
      for (const portion of portions) {
        held.push(...(await intentsOf(portion)));
        if (held.length < MOST_HELD) continue;
        await storing;
        storing = this.#store(held, session);
        storing.catch(() => undefined); // it is awaited below, and must not end the process until then
        held = [];
      }
    } finally {
      await storing;
    }
    if (held.length > 0) await this.#store(held, session);
  }

  async #store(intents: readonly NewIntent[], session: ClientSession | undefined): Promise<void> {
    await this.#journal.write(intents, { session, timeoutMs: this.#options.timeoutMs });
    for (const { _id } of intents) this.#ids.push(_id);
  }

  /**
   * Called when the write is over. Its files stay for `graceMs` from now on, even if that is shorter than a write can
   * last. Never rejects.
   */
  async written(): Promise<void> {
    if (this.graceMs >= longestWriteMs(this.#options.timeoutMs) || this.#ids.length === 0) return;
    // if it fails, the files stay a minute longer
    await this.#journal.endWait(this.#ids).catch(() => undefined);
  }

  /**
   * Called before these files are asked about; none if the write dropped nothing. No other files follow, unless it is
   * called again before all of them ended.
   */
  deliver(files: readonly DroppedFile[]): void {
    this.#isDelivered = true;
    for (const file of files) this.#open.add(file);
    this.#finishIfOver();
  }

  /** Called when a file has its outcome. */
  ended(file: DroppedFile, outcome: RemovalOutcome): void {
    if (!this.#open.delete(file)) return;
    const end = endOf(outcome);
    if (file.derivedFrom) {
      const original = identityOf({ asset: file.derivedFrom, provider: file.provider });
      if (end.is !== 'settled') this.#derivedEnds.set(original, end);
    }
    // a large write has one value for every file
    else if (end.is !== 'settled' || this.#options.keepSettledMs > 0) this.#ends.set(identityOf(file), end);
    if (outcome.outcome === 'removed' && this.#options.isErasure) this.#removed.set(identityOf(file), file);
    this.#finishIfOver();
  }

  /** Called if it is not known what these values mean, or whether their files may be removed. A worker asks again. */
  undecided(readings: readonly Reading[]): void {
    for (const reading of readings) this.#ends.set(identityOf(reading), { is: 'again' });
  }

  /** Called for a value whose file is not the one that the intent names. */
  refused(files: readonly IntendedFile[], error: string): void {
    for (const file of files) this.#ends.set(identityOfFile(file), { is: 'failed', error });
  }

  /** Leaves the files to a worker. */
  leave(): void {
    this.#areAllAgain = true;
    this.deliver([]);
  }

  async #valuesOf(
    candidates: readonly Candidate[],
  ): Promise<{ machine: string | undefined; intended: IntendedValue }[]> {
    const meant = candidates.map((candidate) => ({
      candidate,
      readings: readingsIn(meaningOf(candidate.value, candidate.source.providers)),
    }));
    const known = meant.filter(({ readings }) => readings.length > 0);
    const fingerprints = await fingerprintsOf(
      known.flatMap(({ readings }) => readings),
      this.#options.timeoutMs,
    );
    let next = 0;
    return known.map(({ candidate, readings }) => {
      const seen = fingerprints.slice(next, (next += readings.length));
      this.#note(candidate, seen);
      const { value, source, documentIds } = candidate;
      const intended = {
        value: masked(value, source.providers),
        field: source.field?.path ?? null,
        documentIds: [...documentIds],
        files: readings.map((reading, at) => intendedFile(reading, this.#meantBy(seen[at]))),
      };
      return { machine: machineOf(readings), intended };
    });
  }

  /**
   * Keeps the fingerprints from before the write, so that the files need not be looked at again after it, unless the
   * look failed or was for an upload to come.
   */
  #note(candidate: Candidate, seen: readonly Fingerprint[]): void {
    if (this.isDelayed) this.#noted.add(candidate);
    else if (!this.#options.alsoAsking && !seen.some((one) => one instanceof Error)) candidate.seen = seen;
  }

  /** The fingerprint that is expected. A file that is announced by `removeUnused` before its upload does not exist yet. */
  #meantBy(fingerprint: Fingerprint): string | null | undefined {
    if (fingerprint instanceof Error) return undefined;
    return fingerprint === null && this.#options.alsoAsking ? undefined : fingerprint;
  }

  #finishIfOver(): void {
    if (!this.#isDelivered || this.#open.size > 0 || this.#finished) return;
    this.#finished = this.#finish()
      .catch(() => undefined) // the intents stay, and a worker asks again
      .finally(this.#resolve);
    this.#options.track(this.#finished);
  }

  async #finish(): Promise<void> {
    if (this.#ids.length === 0) return;
    if (this.#areAllAgain) return;
    // this comes before the own intents are deleted, since they have the time of the removal
    if (this.#removed.size > 0) await this.#forgetOlder();
    const { keepSettledMs } = this.#options;
    const isAllSettled = [...this.#ends.values(), ...this.#derivedEnds.values()].every(
      (end) => end.is === 'settled',
    );
    if (isAllSettled && keepSettledMs === 0) await this.#journal.delete(this.#ids);
    else
      for (const intent of await this.#journal.read(this.#ids)) {
        const parts = this.#split(intent);
        await this.#journal.replace(intent, { ...parts, waitMs: waitAfter(this.#tries), keepSettledMs });
        if (parts.failed.length > 0) this.#options.onFailed?.(parts.failed);
      }
  }

  async #forgetOlder(): Promise<void> {
    const [own] = await this.#journal.read(this.#ids.slice(0, 1));
    if (!own) return;
    for (const [machine, removed] of groupBy(this.#removed, ([, { provider }]) => provider.machine))
      await this.#journal.forget(new Map(removed), { machine, before: own.writtenAt });
  }

  #split(intent: Intent): Record<End['is'], IntendedValue[]> {
    const parts: Record<End['is'], IntendedValue[]> = { settled: [], again: [], failed: [] };
    for (const value of intent.values) {
      const { is, ...end } = this.#endOf(value);
      // without the result of an earlier attempt
      const { outcome: _, reason: _reason, error: _error, ...noted } = value;
      parts[is].push({ ...noted, ...end });
    }
    return parts;
  }

  /** A value that led to no file at all stays for a reason that was reported at the write. */
  #endOf({ files }: IntendedValue): End {
    const identities = files.map(identityOfFile);
    const ends = [this.#ends, this.#derivedEnds].flatMap((all) =>
      identities.flatMap((one) => all.get(one) ?? []),
    );
    // if one reading may have to be tried again, the outcome of another reading does not settle the value
    const end = ends.find(({ is }) => is !== 'settled') ?? ends[0] ?? { is: 'settled', outcome: 'kept' };
    return end.is === 'again' && this.isLastTry ? { ...end, is: 'failed' } : end;
  }
}

function* portionsOf(candidates: Iterable<Candidate>): Generator<Candidate[]> {
  let [portion, ids]: [Candidate[], number] = [[], 0];
  for (const candidate of candidates) {
    portion.push(candidate);
    ids += candidate.documentIds.length;
    if (portion.length < MOST_VALUES && ids < MOST_IDS) continue;
    yield portion;
    [portion, ids] = [[], 0];
  }
  if (portion.length > 0) yield portion;
}

/** The machine whose disk a value is about; `undefined`: a storage that all machines reach. */
function machineOf(readings: readonly Reading[]): string | undefined {
  return readings.find(({ provider }) => provider.machine !== undefined)?.provider.machine;
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

function waitAfter(tries: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries - 1));
}
