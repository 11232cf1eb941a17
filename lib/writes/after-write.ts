import type { ClientSession } from 'mongoose';
import { delay } from '../journal/delay.js';
import type { JournalEntry } from '../journal/entry.js';
import { Candidates, type StoredValue, type WriteFacts } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { isInTransaction, UnitOfWork } from '../removal/unit-of-work.js';
import type { WriteUnderWay } from '../removal/write-under-way.js';
import { WritesUnderWay } from '../removal/writes-under-way.js';
import { asError } from '../shared/time-limit.js';
import { failureOf, isCertain, readAnswer } from './driver-answer.js';
import type { DriverCall } from './driver-call.js';
import type { Effect } from './effect.js';
import type { Snapshot } from './snapshot.js';

export interface BegunWrite {
  readonly call: DriverCall;
  readonly session: ClientSession | undefined;
  readonly cleaner: Cleaner;
  readonly effect: Effect;
  readonly facts: WriteFacts;
  readonly underWay: WriteUnderWay;
  /** Where the journal has its files; `undefined` without a journal. */
  readonly entry: JournalEntry | undefined;
}

/**
 * Releases what a write has dropped that was acknowledged, or that was sent without waiting for an acknowledgement.
 * Never rejects.
 */
export async function afterSuccess(
  write: BegunWrite,
  { candidates, failure }: Snapshot,
  answer: unknown,
): Promise<void> {
  const { call, effect, facts } = write;
  const { reporter } = write.cleaner;
  try {
    const { result, isAcknowledged, hasChanged, hasStored, original } = readAnswer(call, answer);
    if (failure && (hasChanged || !isAcknowledged)) {
      if (candidates.size === 0) reporter.writeKept(facts.operation, failure);
      else reporter.allKept(candidates, failure);
    }
    if (!isAcknowledged) {
      WritesUnderWay.register.end(write.underWay);
      if (!failure) reporter.allKept(candidates, { reason: 'unacknowledged' });
      return;
    }
    const dropped = hasChanged && !failure ? candidates : new Candidates(facts);
    if (hasChanged) {
      for (const one of effect.storedOnTheWay?.(result) ?? []) dropped.add(one);
      if (original) dropped.addDocument(original, effect.tracked);
    }
    await handOver(write, dropped, hasStored ? (effect.stored?.(result) ?? []) : []);
  } catch (thrown) {
    reporter.writeKept(facts.operation, { reason: 'unanswered', error: asError(thrown) });
  }
}

/**
 * A write that the server refused has dropped nothing. A bulk write, or a write over many documents, may have failed
 * half-way; the question finds out what it dropped before. After a lost connection the result is not known, so
 * everything is kept. Never rejects.
 */
export async function afterFailure(
  write: BegunWrite,
  { candidates, failure: lack }: Snapshot,
  error: unknown,
): Promise<void> {
  const { cleaner, effect, entry, session, underWay } = write;
  const { operation } = write.facts;
  const isInOne = isInTransaction(session);
  try {
    if (lack?.reason === 'unjournalled') return;
    const failure = failureOf(error);
    if (failure === 'partly written' && !isInOne) {
      await handOver(write, candidates, effect.storedDespite?.(error) ?? []);
      return;
    }
    // before any question: the write is over, and has stored nothing that is known
    WritesUnderWay.register.end(underWay);
    // the server stops at the first document that refuses the update; the documents before it are written
    const isOfMany = operation === 'updateMany' || operation === 'deleteMany';
    if (failure === 'unknown')
      cleaner.reporter.allKept(candidates, { reason: 'unacknowledged', error: asError(error) });
    else if (failure === 'partly written' || (isOfMany && !isInOne)) await release(write, candidates);
    else if (!isInOne && isCertain(error)) entry?.deliver([]);
  } catch (thrown) {
    cleaner.reporter.writeKept(operation, { reason: 'unanswered', error: asError(thrown) });
  } finally {
    WritesUnderWay.register.end(underWay);
  }
}

/** Releases the values that were dropped, and those that overlapping writes may have replaced of each other. */
async function handOver(
  write: BegunWrite,
  dropped: Candidates,
  stored: readonly StoredValue[],
): Promise<void> {
  const { cleaner, effect, entry, session, underWay } = write;
  const addDisplaced = (candidates: Candidates): Candidates => {
    for (const one of WritesUnderWay.register.acknowledge(underWay, stored)) candidates.add(one, true);
    return candidates;
  };
  if (!isInTransaction(session)) return release(write, addDisplaced(dropped));
  await release(write, dropped);
  const { journal: _, ...facts } = write.facts;
  const releaseDisplaced = async (): Promise<void> => {
    const displaced = addDisplaced(new Candidates(facts));
    if (!entry?.isDelayed) return cleaner.release(displaced, { written: effect.written });
    if (displaced.size > 0) await delay(entry, displaced, { cleaner, session: undefined });
  };
  UnitOfWork.of(session).add((ending) => {
    // before the commit, no document has the values, as far as other sessions see
    if (ending === 'committed') return releaseDisplaced();
    WritesUnderWay.register.end(underWay);
    return undefined;
  });
}

async function release({ cleaner, session, effect, entry }: BegunWrite, dropped: Candidates): Promise<void> {
  if (entry?.isDelayed) return delay(entry, dropped, { cleaner, session });
  return cleaner.release(dropped, { session, written: effect.written });
}
