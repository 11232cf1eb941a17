import { entryFor } from '../journal/entry-for.js';
import type { Cleaner } from '../removal/cleaner.js';
import { isInTransaction, tokenOf } from '../removal/unit-of-work.js';
import { WritesUnderWay } from '../removal/writes-under-way.js';
import { asError } from '../shared/time-limit.js';
import { afterFailure, afterSuccess, type BegunWrite } from './after-write.js';
import type { DriverCall } from './driver-call.js';
import { documentIdsOf } from './effect.js';
import { effectOf } from './call-effect.js';
import { nextDocumentsOf, takeSnapshot, type Snapshot } from './snapshot.js';

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
  const snapshot = await noted(write, await lookUp(write));
  let answer: unknown;
  try {
    answer = await call.run();
  } catch (error) {
    await afterFailure(write, snapshot, error);
    throw error;
  }
  await afterSuccess(write, snapshot, answer);
  return answer;
}

/**
 * @throws TypeError for a grace period that is not valid, or without a journal. It is the app's own mistake, which
 * nothing else would report.
 */
function begun(call: DriverCall, guard: Guard): BegunWrite | undefined {
  const { cleaner, operation } = guard;
  const entry = entryFor(cleaner, guard.option);
  try {
    const session = call.options.session ?? undefined;
    const effect = effectOf(call, cleaner.tracked);
    return effect && registered({ call, session, cleaner, effect, entry }, operation);
  } catch (thrown) {
    cleaner.reporter.writeKept(operation, { reason: 'no snapshot', error: asError(thrown) });
    return undefined;
  }
}

function registered(write: Omit<BegunWrite, 'facts' | 'underWay'>, operation: string): BegunWrite {
  const { call, session, effect, entry: journal } = write;
  const { model, providers, options } = write.cleaner;
  const { isDelete = false, insertedIds, written = [] } = effect;
  const facts = { model, operation, isDelete, since: performance.now(), journal };
  const underWay = WritesUnderWay.register.begin({
    model,
    written,
    providers,
    transaction: isInTransaction(session) ? tokenOf(session) : undefined,
    documentIds: documentIdsOf(effect),
    isInsert: insertedIds !== undefined,
    nextDocuments: nextDocumentsOf(call, effect, options),
  });
  return { ...write, facts, underWay };
}

async function lookUp({ call, cleaner, effect, facts, underWay }: BegunWrite): Promise<Snapshot> {
  const [snapshot] = await Promise.all([
    takeSnapshot(call, effect, { write: facts, limits: cleaner.options }),
    WritesUnderWay.register.lookFurther(underWay),
  ]);
  const { candidates, failure } = snapshot;
  const isMissing = effect.tracked.length > 0 && !failure && candidates.documents === 0;
  if (facts.operation === 'save' && isMissing) {
    const id = String((effect.targets[0]?.filter as { _id?: unknown })._id);
    cleaner.reporter.warn(
      `save of "${facts.model.modelName}" ${id}: there is no such document, so there is no file to remove`,
    );
  }
  return snapshot;
}

/**
 * Records in the journal what the write is about to drop. Rejects only if the app wants the write to be refused in that
 * case; otherwise, its files are kept.
 */
async function noted(write: BegunWrite, snapshot: Snapshot): Promise<Snapshot> {
  const { cleaner, entry, facts, session, underWay } = write;
  const { candidates } = snapshot;
  if (!entry || candidates.size === 0) return snapshot;
  try {
    await entry.open(candidates.values(), { write: facts, session });
    return snapshot;
  } catch (thrown) {
    const error = asError(thrown);
    if (!cleaner.options.journal?.isRequired)
      return { candidates, failure: { reason: 'unjournalled', error } };
    WritesUnderWay.register.end(underWay);
    throw error;
  }
}
