import type { RemovalOutcome } from '../providers/provider.js';
import { inBatches, type Entry } from '../removal/candidates.js';
import { masked, report } from '../removal/events.js';
import { askScope } from '../removal/references.js';
import { attempt } from '../removal/remover.js';
import { asError } from '../removal/time-limit.js';
import { entryFor } from './entry.js';
import type { PackedAsset } from './packed-assets.js';
import type { FileDetails, SweptFile } from './report.js';
import { nameOf, type Listed, type SweepRun } from './run.js';
import type { Storage } from './storages.js';

/** Asked about in one question. */
const BATCH = 100;
/** Removed between two looks at the signal. */
const FEW = 8;

interface Orphan {
  readonly entry: Entry;
  readonly details: FileDetails;
}

/** Removes orphans, a batch at a time; the question whether somebody uses one by now is the last thing before. */
export async function removeOrphans(run: SweepRun, { storage, candidates }: Listed): Promise<void> {
  let done = 0;
  for (const batch of inBatches(candidates, BATCH)) {
    if (run.isStopped) return;
    const mustWait = await removeBatch(run, storage, batch);
    done += batch.length;
    run.progress({ stage: 'removal', what: storage.label, done, total: candidates.length });
    if (mustWait) {
      run.notes.push(
        `${storage.label} asks to wait until ${mustWait.toISOString()}; run the sweep again then`,
      );
      return;
    }
  }
}

/** Tells orphans without touching them. */
export function tellOrphans(run: SweepRun, { storage, candidates }: Listed): void {
  for (const one of candidates) {
    const orphan = orphanOf(one, storage);
    run.file({ ...fileOf(orphan), outcome: 'orphan' });
  }
}

async function removeBatch(
  run: SweepRun,
  storage: Storage,
  batch: readonly PackedAsset[],
): Promise<Date | undefined> {
  const orphans = new Map<Entry, Orphan>();
  for (const one of await Promise.all(batch.map((packed) => stillTheSame(run, orphanOf(packed, storage))))) {
    if (one) orphans.set(one.entry, one);
  }
  const unused: Entry[] = [];
  const verdicts = await askScope([...orphans.keys()], run.scope, { timeoutMs: run.timeoutMs });
  for (const [entry, verdict] of verdicts) {
    const orphan = orphans.get(entry)!;
    if (verdict === 'unused') unused.push(entry);
    else if (typeof verdict === 'object') {
      settle(run, orphan, { outcome: 'kept', reason: 'unanswered' }, verdict.unanswered);
    } else settle(run, orphan, { outcome: 'kept', reason: 'still used' });
  }
  let mustWait: Date | undefined;
  for (const few of inBatches(unused, FEW)) {
    if (run.isStopped || mustWait) break;
    for (const { entry, outcome } of await attempt(few, storage.owners[0]!.options)) {
      settle(run, orphans.get(entry)!, outcome);
      if (outcome.outcome === 'failed') mustWait ??= outcome.retryAt;
    }
  }
  return mustWait;
}

function orphanOf({ key, details }: PackedAsset, storage: Storage): Orphan {
  const known = { key, details: details! };
  return { entry: entryFor(known, storage), details: known.details };
}

/** Somebody may have written another file under the name since its age was read. */
async function stillTheSame(run: SweepRun, orphan: Orphan): Promise<Orphan | undefined> {
  const { provider, asset } = orphan.entry;
  const { find } = provider as { find?: (typeof run.storages)[number]['provider']['find'] };
  if (!find) return orphan;
  try {
    const now = await find.call(provider, asset);
    if (!now) settle(run, orphan, { outcome: 'missing' });
    else if (
      now.asset.key !== asset.key ||
      now.modifiedAt.getTime() !== orphan.details.modifiedAt.getTime()
    ) {
      settle(run, orphan, { outcome: 'kept', reason: 'changed' });
    } else return orphan;
  } catch (thrown) {
    settle(run, orphan, { outcome: 'kept', reason: 'unanswered' }, asError(thrown));
  }
  return undefined;
}

function settle(run: SweepRun, orphan: Orphan, outcome: RemovalOutcome, cause?: Error): void {
  const { entry, details } = orphan;
  const error = outcome.outcome === 'failed' ? outcome.error : cause;
  const reason = outcome.outcome === 'kept' ? outcome.reason : undefined;
  const told = { outcome: outcome.outcome, ...(reason && { reason }), ...(error && { error }) };
  if (outcome.outcome === 'removed') {
    run.counts.removed++;
    run.bytes.removed += details.size;
  } else if (outcome.outcome === 'failed') run.counts.failed++;
  else run.counts.kept++;
  run.isIncomplete ||= outcome.outcome === 'failed' || reason === 'unanswered';
  run.file({ ...fileOf(orphan), ...told });
  const { asset, model, documentId, operation, tracked } = entry;
  const value = masked(entry.value, entry.provider);
  const field = tracked.field.path;
  const attempts = outcome.outcome === 'kept' ? 0 : 1;
  report({ ...told, asset, value, field, model, documentId, operation, attempts }, tracked.options);
}

function fileOf({ entry: { asset, provider }, details }: Orphan): Omit<SweptFile, 'outcome'> {
  return { asset, name: nameOf(asset, provider), ...details };
}
