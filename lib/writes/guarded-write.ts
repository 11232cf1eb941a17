import { Candidates, type Candidate, type StoredValue, type WriteFacts } from '../removal/candidates.js';
import { entryFor } from '../journal/entry-for.js';
import type { JournalEntry } from '../journal/entry.js';
import type { Cleaner } from '../removal/cleaner.js';
import { isInTransaction, tokenOf, UnitOfWork, whenCommitted } from '../removal/unit-of-work.js';
import { WritesUnderWay, type WriteUnderWay } from '../removal/writes-under-way.js';
import type { Why } from '../removal/reporter.js';
import { asError } from '../shared/time-limit.js';
import { failureOf, isCertain, readAnswer } from './answer.js';
import type { DriverCall } from './driver-call.js';
import { namesOneId, type Effect } from './effect.js';
import { nextDocumentsOf } from './next-documents.js';
import { takeSnapshot, type Snapshot } from './snapshot.js';
import { effectOf } from './read-effect.js';

/** Who guards a call of the driver. */
export interface Guard {
  readonly cleaner: Cleaner;
  /** The name of the Mongoose call. */
  readonly operation: string;
  /** The call's own option `imageCleanup`. */
  readonly option?: unknown;
}

/**
 * Reads the documents, makes the write with exactly its arguments, and then removes the files that nothing uses any
 * more. The result and every error of the write are returned unchanged. Errors of this library never reach the write,
 * except when a write must be recorded in a journal and cannot be.
 */
export async function guardedWrite(call: DriverCall, guard: Guard): Promise<unknown> {
  const write = begun(call, guard);
  if (!write) return call.run();
  const snapshot = await write.noted(await write.lookUp());
  let answer: unknown;
  try {
    answer = await call.run();
  } catch (error) {
    await write.failed(snapshot, error);
    throw error;
  }
  await write.succeeded(snapshot, answer);
  return answer;
}

/**
 * @throws TypeError for a grace period that is not valid, or without a journal. It is the app's own mistake, which
 * nothing else would report.
 */
function begun(call: DriverCall, guard: Guard): GuardedWrite | undefined {
  const entry = entryFor(guard.cleaner, guard.option);
  try {
    const effect = effectOf(call, guard.cleaner.tracked);
    return effect && new GuardedWrite(call, { ...guard, entry }, effect);
  } catch (thrown) {
    guard.cleaner.reporter.writeKept(guard.operation, { reason: 'no snapshot', error: asError(thrown) });
    return undefined;
  }
}

class GuardedWrite {
  readonly #call: DriverCall;
  readonly #cleaner: Cleaner;
  readonly #effect: Effect;
  readonly #facts: WriteFacts;
  readonly #underWay: WriteUnderWay;
  readonly #entry: JournalEntry | undefined;

  constructor(
    call: DriverCall,
    { cleaner, operation, entry }: Guard & { entry: JournalEntry | undefined },
    effect: Effect,
  ) {
    this.#call = call;
    this.#cleaner = cleaner;
    this.#effect = effect;
    this.#entry = entry;
    const { isDelete = false } = effect;
    this.#facts = {
      model: cleaner.model,
      operation,
      isDelete,
      since: performance.now(),
      journal: this.#entry,
    };
    this.#underWay = this.#register();
  }

  async lookUp(): Promise<Snapshot> {
    const [snapshot] = await Promise.all([
      takeSnapshot(this.#call, this.#effect, { write: this.#facts, limits: this.#cleaner.options }),
      WritesUnderWay.register.lookFurther(this.#underWay),
    ]);
    const { operation, model } = this.#facts;
    const isMissing =
      this.#effect.tracked.length > 0 && !snapshot.failure && snapshot.candidates.documents === 0;
    if (operation === 'save' && isMissing) {
      const id = String((this.#effect.targets[0]?.filter as { _id?: unknown })._id);
      this.#cleaner.reporter.warn(
        `save of "${model.modelName}" ${id}: there is no such document, so there is no file to remove`,
      );
    }
    return snapshot;
  }

  /**
   * Records in the journal what the write is about to drop. Rejects only if the app wants the write to be refused in
   * that case; otherwise, its files are kept.
   */
  async noted(snapshot: Snapshot): Promise<Snapshot> {
    const { candidates } = snapshot;
    if (!this.#entry || candidates.size === 0) return snapshot;
    const session = this.#call.options.session ?? undefined;
    try {
      await this.#entry.open(candidates.values(), { write: this.#facts, session });
      return snapshot;
    } catch (thrown) {
      const error = asError(thrown);
      if (this.#cleaner.options.journal?.isRequired) {
        WritesUnderWay.register.end(this.#underWay);
        throw error;
      }
      return { candidates, failure: { reason: 'unjournalled', error } };
    }
  }

  /**
   * Releases what a write has dropped that was acknowledged, or that was sent without waiting for an acknowledgement.
   * Never rejects.
   */
  async succeeded({ candidates, failure }: Snapshot, answer: unknown): Promise<void> {
    try {
      const { result, isAcknowledged, hasChanged, hasStored, original } = readAnswer(this.#call, answer);
      if (failure && (hasChanged || !isAcknowledged)) this.#keepCandidates(candidates, failure);
      if (!isAcknowledged) {
        WritesUnderWay.register.end(this.#underWay);
        if (!failure) this.#cleaner.reporter.allKept(candidates, { reason: 'unacknowledged' });
        return;
      }
      const dropped = hasChanged && !failure ? candidates : new Candidates(this.#facts);
      if (hasChanged) {
        for (const one of this.#effect.storedOnTheWay?.(result) ?? []) dropped.add(one);
        if (original) dropped.addDocument(original, this.#effect.tracked);
      }
      await this.#handOver(dropped, hasStored ? (this.#effect.stored?.(result) ?? []) : []);
    } catch (thrown) {
      this.#keepAll({ reason: 'unanswered', error: asError(thrown) });
    }
  }

  /**
   * A write that the server refused has dropped nothing. A bulk write, or a write over many documents, may have failed
   * half-way; the question finds out what it dropped before. After a lost connection the result is not known, so
   * everything is kept. Never rejects.
   */
  async failed(snapshot: Snapshot, error: unknown): Promise<void> {
    const { candidates } = snapshot;
    const { session } = this.#call.options;
    try {
      const failure = failureOf(error);
      if (failure === 'partly written' && !isInTransaction(session) && !this.#isUnjournalled(snapshot)) {
        await this.#handOver(candidates, this.#effect.storedDespite?.(error) ?? []);
        return;
      }
      // before any question: the write is over, and has stored nothing that is known
      WritesUnderWay.register.end(this.#underWay);
      if (this.#isUnjournalled(snapshot)) return;
      if (failure === 'unknown') {
        this.#cleaner.reporter.allKept(candidates, { reason: 'unacknowledged', error: asError(error) });
        return;
      }
      const { operation } = this.#facts;
      // the server stops at the first document that refuses the update; the documents before it are written
      const isOfMany = operation === 'updateMany' || operation === 'deleteMany';
      if (failure === 'partly written' || (isOfMany && !isInTransaction(session)))
        await this.#release(candidates);
      else if (!isInTransaction(session) && isCertain(error)) this.#entry?.cancel();
    } catch (thrown) {
      this.#keepAll({ reason: 'unanswered', error: asError(thrown) });
    } finally {
      WritesUnderWay.register.end(this.#underWay);
    }
  }

  /** Releases the values that were dropped, and those that overlapping writes may have replaced of each other. */
  async #handOver(dropped: Candidates, stored: readonly StoredValue[]): Promise<void> {
    const { session } = this.#call.options;
    const addDisplaced = (candidates: Candidates): Candidates => {
      for (const one of WritesUnderWay.register.acknowledge(this.#underWay, stored)) candidates.addGuess(one);
      return candidates;
    };
    if (!isInTransaction(session)) return this.#release(addDisplaced(dropped));
    await this.#release(dropped);
    const { journal: _, ...facts } = this.#facts;
    const forget = (): void => {
      WritesUnderWay.register.end(this.#underWay);
    };
    const { written } = this.#effect;
    UnitOfWork.of(session).add({
      // before the commit, no document has the values, as far as other sessions see
      release: () => this.#cleaner.release(addDisplaced(new Candidates(facts)), { written }),
      keep: forget,
      forget,
    });
  }

  async #release(candidates: Candidates): Promise<void> {
    const { session } = this.#call.options;
    if (this.#entry?.isDelayed) return this.#delay(this.#entry, candidates);
    return this.#cleaner.release(candidates, { session, written: this.#effect.written });
  }

  /** The dropped files have a grace period. Values that were not known before the write are recorded now. */
  async #delay(entry: JournalEntry, candidates: Candidates): Promise<void> {
    if (candidates.size === 0) {
      whenCommitted(this.#call.options.session, () => {
        entry.cancel();
      });
      return;
    }
    const others = [...candidates.values()].filter((one) => !entry.has(one));
    const session = this.#call.options.session ?? undefined;
    try {
      await entry.open(others, { write: this.#facts, session });
    } catch (thrown) {
      const kept = { reason: 'unjournalled', error: asError(thrown) } as const;
      for (const one of others) this.#cleaner.reporter.kept(one, this.#facts.operation, kept);
      return;
    }
    if (!isInTransaction(session)) await entry.written();
    await this.#tellRefused([...candidates.values()].filter((one) => !entry.has(one)));
  }

  /** Reports values that mean no file, which were not recorded. */
  async #tellRefused(refused: readonly Candidate[]): Promise<void> {
    if (refused.length === 0) return;
    const { journal: _, ...facts } = this.#facts;
    const candidates = new Candidates(facts);
    for (const { value, source, documentIds, isGuess } of refused) {
      for (const documentId of documentIds.length > 0 ? documentIds : [undefined]) {
        if (isGuess) candidates.addGuess({ value, source, documentId });
        else candidates.add({ value, source, documentId });
      }
    }
    await this.#cleaner.tellRefused(candidates);
  }

  #isUnjournalled({ failure }: Snapshot): boolean {
    return failure?.reason === 'unjournalled';
  }

  /** Keeps the files of values that may not even be known. */
  #keepCandidates(candidates: Candidates, why: Why): void {
    if (candidates.size === 0) this.#keepAll(why);
    else this.#cleaner.reporter.allKept(candidates, why);
  }

  #keepAll(why: Why): void {
    this.#cleaner.reporter.writeKept(this.#facts.operation, why);
  }

  #register(): WriteUnderWay {
    const { targets, written = [], insertedIds } = this.#effect;
    const { session } = this.#call.options;
    const { model, providers } = this.#cleaner;
    const transaction = isInTransaction(session) ? tokenOf(session) : undefined;
    const [target, ...others] = targets;
    const isOfOne = target !== undefined && others.length === 0 && namesOneId(target);
    const ids = insertedIds ?? (isOfOne ? [(target.filter as { _id?: unknown })._id] : [undefined]);
    return WritesUnderWay.register.begin({
      model,
      transaction,
      written,
      providers,
      documentIds: ids.includes(undefined) ? undefined : new Set(ids.map(String)),
      isInsert: insertedIds !== undefined,
      nextDocuments: nextDocumentsOf(this.#call, this.#effect, this.#cleaner.options),
    });
  }
}
