import type { ClientSession, mongo } from 'mongoose';
import { masked } from '../providers/masked.js';
import type { Candidate, WriteFacts } from '../removal/candidates.js';
import { groupBy } from '../shared/groups.js';
import { fingerprintsOf, type Fingerprint } from '../usage/fingerprints.js';
import { meaningOf, readingsIn, type Reading } from '../usage/meaning.js';
import { intendedFile, type IntendedValue, type NewIntent } from './intent.js';
import type { Journal } from './journal.js';

/** What an intent says besides its values. */
export interface Terms {
  readonly graceMs: number;
  /** Other models that may use the files, with their databases. */
  readonly alsoAsking?: readonly string[];
  /** The collections that may use the files, with their databases; read when an intent is stored. */
  readonly collections?: () => readonly string[] | undefined;
}

/** How many values one intent has: a MongoDB document holds 16 MB, and a worker takes an intent as a whole. */
const MOST_VALUES = 250;
/** How many ids of documents, which may be long, one intent has. */
const MOST_IDS = 2000;
/** How many intents one command stores. */
const MOST_HELD = 20;

/** Stores what one write drops as intents. */
export class Recording {
  readonly ids: mongo.ObjectId[] = [];
  /** With a grace period, the candidates that mean a file. */
  readonly recorded = new Set<Candidate>();
  readonly #journal: Journal;
  readonly #timeoutMs: number;
  readonly #terms: Terms;

  constructor(journal: Journal, timeoutMs: number, terms: Terms) {
    this.#journal = journal;
    this.#timeoutMs = timeoutMs;
    this.#terms = terms;
  }

  /**
   * Stores intents while the files of the next ones are read, so that a write over a million documents holds only a few
   * of its intents in memory. Rejects if they cannot be stored.
   */
  async record(
    candidates: Iterable<Candidate>,
    { write, session }: { write: WriteFacts; session?: ClientSession | undefined },
  ): Promise<void> {
    const facts = this.#factsOf(write);
    let held: NewIntent[] = [];
    let storing = Promise.resolve();
    try {
      for (const portion of portionsOf(candidates)) {
        held.push(...(await this.#intentsOf(portion, facts)));
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
    await this.#journal.write(intents, { session, timeoutMs: this.#timeoutMs });
    for (const { _id } of intents) this.ids.push(_id);
  }

  #factsOf({ model, operation, isDelete }: WriteFacts): Omit<NewIntent, '_id' | 'values'> {
    const { graceMs, alsoAsking } = this.#terms;
    const collections = this.#terms.collections?.();
    return {
      model: model.modelName,
      operation,
      isDelete,
      ...(alsoAsking && { alsoAsking }),
      ...(collections && { collections }),
      graceMs,
      tries: 0,
    };
  }

  /** One intent for each machine whose disk has files, and one for storages that all machines reach. */
  async #intentsOf(
    candidates: readonly Candidate[],
    facts: Omit<NewIntent, '_id' | 'values'>,
  ): Promise<NewIntent[]> {
    const values = await this.#valuesOf(candidates);
    return [...groupBy(values, ({ machine }) => machine)].map(([machine, own]) => ({
      _id: this.#journal.newId(),
      ...facts,
      ...(machine !== undefined && { machine }),
      values: own.map(({ intended }) => intended),
    }));
  }

  async #valuesOf(
    candidates: readonly Candidate[],
  ): Promise<{ machine: string | undefined; intended: IntendedValue }[]> {
    const known = candidates.flatMap((candidate) => {
      const readings = readingsIn(meaningOf(candidate.value, candidate.source.providers));
      return readings.length > 0 ? [{ candidate, readings }] : [];
    });
    const all = known.flatMap(({ readings }) => readings);
    const fingerprints = await fingerprintsOf(all, this.#timeoutMs);
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
    if (this.#terms.graceMs > 0) this.recorded.add(candidate);
    else if (!this.#terms.alsoAsking && !seen.some((one) => one instanceof Error)) candidate.seen = seen;
  }

  /** The fingerprint that is expected. A file that is announced by `removeUnused` before its upload does not exist yet. */
  #meantBy(fingerprint: Fingerprint): string | null | undefined {
    if (fingerprint instanceof Error) return undefined;
    return fingerprint === null && this.#terms.alsoAsking ? undefined : fingerprint;
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
