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

/** What the entry of a write needs to know of it. */
export interface EntryOptions {
  readonly graceMs: number;
  readonly timeoutMs: number;
  /** How long settled intents are kept; 0: not at all. */
  readonly keepSettledMs: number;
  /** Gets the work of settling, which nobody's write waits for. */
  readonly track: (work: Promise<void>) => unknown;
  /** Files of this model go after a while, and those of this write at once. */
  readonly isErasure?: boolean;
  /** Models besides that may use the files, with their databases. */
  readonly alsoAsking?: readonly string[];
  /** The collections that may use the files, with their databases; looked up when an intent is stored. */
  readonly collections?: () => readonly string[] | undefined;
  /** Gets the values that stay as failed, once the journal knows it. */
  readonly onFailed?: ((values: readonly IntendedValue[]) => void) | undefined;
}

/** What became of a file as far as the journal is concerned. */
interface End {
  readonly is: 'settled' | 'again' | 'failed';
  readonly outcome?: string;
  readonly reason?: string;
  readonly error?: string;
}

/** Values in one intent: a document of MongoDB holds 16 MB, and a worker takes an intent as a whole. */
const MOST_VALUES = 250;
/** Ids of documents, which may be long, among them. */
const MOST_IDS = 2000;
/** Intents that one command stores. */
const MOST_HELD = 20;
/** A file is asked about again in a while where nobody knows yet. */
const AGAIN = new Set<KeptReason>(['unanswered', 'closed', 'unknown commit', 'unacknowledged']);
/** Tries of workers before an intent stays as failed, and how long they wait between them. */
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The intents of one write: stored before it, settled when each of its files has an outcome. */
export class JournalEntry implements NotedWrite {
  readonly graceMs: number;
  readonly #journal: Journal;
  readonly #options: EntryOptions;
  readonly #ids: mongo.ObjectId[] = [];
  readonly #noted = new Set<Candidate>();
  readonly #open = new Set<DroppedFile>();
  readonly #ends = new Map<string, End>();
  /** Of what is made from a file, by that one: what is not settled. */
  readonly #derivedEnds = new Map<string, End>();
  readonly #removed = new Map<string, DroppedFile>();
  #tries = 0;
  #isDelivered = false;
  #areAllAgain = false;
  #finished: Promise<void> | undefined;
  #resolve!: () => void;
  /** When every file has an outcome and the intents are settled. */
  readonly done = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(journal: Journal, options: EntryOptions) {
    this.#journal = journal;
    this.#options = options;
    this.graceMs = options.graceMs;
  }

  /** The entry of an intent that a worker has taken. */
  static of(journal: Journal, intent: Intent, options: Omit<EntryOptions, 'graceMs'>): JournalEntry {
    const entry = new JournalEntry(journal, { ...options, graceMs: 0 });
    entry.#ids.push(intent._id);
    entry.#tries = intent.tries + 1;
    return entry;
  }

  get isRedelivered(): boolean {
    return this.#tries > 0;
  }

  /** No more tries after this one. */
  get isLastTry(): boolean {
    return this.#tries >= MOST_TRIES;
  }

  get isDelayed(): boolean {
    return this.graceMs > 0;
  }

  /** Was the value noted before the write? */
  has(candidate: Candidate): boolean {
    return this.#noted.has(candidate);
  }

  /** Stores the intents of these candidates. Rejects where that is not possible. */
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

  /** A write over a million documents holds a few of its intents: some are stored while the files of the next ones are looked at. */
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
        storing.catch(() => undefined); // it is awaited below, and is not to end the process until then
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

  /** The write is over, and its files stay for `graceMs`, however short that is. Never rejects. */
  async written(): Promise<void> {
    if (this.graceMs >= longestWriteMs(this.#options.timeoutMs) || this.#ids.length === 0) return;
    // otherwise they stay a minute longer
    await this.#journal.endWait(this.#ids).catch(() => undefined);
  }

  /** These files are about to be asked about. Nothing else will be, unless another call says so before they all ended. */
  deliver(files: readonly DroppedFile[]): void {
    this.#isDelivered = true;
    for (const file of files) this.#open.add(file);
    this.#finishIfOver();
  }

  /** A file has its outcome. */
  ended(file: DroppedFile, outcome: RemovalOutcome): void {
    if (!this.#open.delete(file)) return;
    const end = endOf(outcome);
    if (file.derivedFrom) {
      const original = identityOf({ asset: file.derivedFrom, provider: file.provider });
      if (end.is !== 'settled') this.#derivedEnds.set(original, end);
    }
    // a large write has one for every file
    else if (end.is !== 'settled' || this.#options.keepSettledMs > 0) this.#ends.set(identityOf(file), end);
    if (outcome.outcome === 'removed' && this.#options.isErasure) this.#removed.set(identityOf(file), file);
    this.#finishIfOver();
  }

  /** Nobody could tell what these values mean, or whether they may go: a worker asks again. */
  undecided(readings: readonly Reading[]): void {
    for (const reading of readings) this.#ends.set(identityOf(reading), { is: 'again' });
  }

  /** A file of a value that is not what the intent says. */
  refused(files: readonly IntendedFile[], error: string): void {
    for (const file of files) this.#ends.set(identityOfFile(file), { is: 'failed', error });
  }

  /** What becomes of the files is left to a worker. */
  leave(): void {
    this.#areAllAgain = true;
    this.deliver([]);
  }

  /** The write dropped nothing. */
  cancel(): void {
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

  /** What was stored before the write need not be looked at again after it, unless the look failed or was for an upload to come. */
  #note(candidate: Candidate, seen: readonly Fingerprint[]): void {
    if (this.isDelayed) this.#noted.add(candidate);
    else if (!this.#options.alsoAsking && !seen.some((one) => one instanceof Error)) candidate.seen = seen;
  }

  /** Which content is meant. A file that is about to be uploaded is not there yet when it is announced by `removeUnused`. */
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
    // before the own intents are gone, which say when that was
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
      // without what an earlier try came to
      const { outcome: _, reason: _reason, error: _error, ...noted } = value;
      parts[is].push({ ...noted, ...end });
    }
    return parts;
  }

  /** A value that came to no file at all stays for a reason that was told at the write. */
  #endOf({ files }: IntendedValue): End {
    const identities = files.map(identityOfFile);
    const ends = [this.#ends, this.#derivedEnds].flatMap((all) =>
      identities.flatMap((one) => all.get(one) ?? []),
    );
    // what may have to be tried again is not settled by what became of another reading
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

/** Whose disk a value is about; `undefined`: a storage that all machines reach. */
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
