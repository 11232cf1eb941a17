import type { RemovalOutcome, SweepableProvider } from '../providers/provider.js';
import { inBatches } from '../shared/groups.js';
import { masked } from '../providers/masked.js';
import { publish } from '../removal/publish.js';
import { attempt } from '../removal/attempt.js';
import { identityOf, type Reading } from '../usage/meaning.js';
import { stillUsed } from '../usage/still-used.js';
import { mapOf } from '../shared/pool.js';
import { asError } from '../shared/time-limit.js';
import { stays } from './derived-files.js';
import { intendedAmong } from './intended.js';
import type { PackedAsset } from './packed-assets.js';
import type { FileDetails, SweptFile } from './report.js';
import { nameOf, type Listed, type SweepRun } from './run.js';
import type { Owner, Storage } from './storages.js';

/** How many files one question is about. */
const BATCH = 100;
/** How many files are looked at simultaneously. */
const FINDS = 16;
/** How many files are removed between two checks of the signal. */
const FEW = 8;

interface Orphan extends Reading {
  readonly details: FileDetails;
  /** Its options say who is notified. */
  readonly owner: Owner;
}

/**
 * Removes orphans in batches. The question whether something uses a file now is the last step before its removal.
 * Returns `false` if some orphans were not tried.
 */
export async function removeOrphans(run: SweepRun, { storage, candidates }: Listed): Promise<boolean> {
  let done = 0;
  for (const batch of inBatches(candidates, BATCH)) {
    if (run.isStopped) return false;
    const mustWait = await removeBatch(run, storage, batch);
    done += batch.length;
    run.progress({ stage: 'removal', what: storage.label, done, total: candidates.length });
    if (mustWait) {
      run.notes.push(
        `${storage.label} asks to wait until ${mustWait.toISOString()}; run the sweep again then`,
      );
      return false;
    }
  }
  return !run.isStopped;
}

/** Reports orphans without removing them. */
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
  const same = await mapOf(batch, FINDS, (packed) => stillTheSame(run, orphanOf(packed, storage)));
  const orphans = same.filter((one) => one !== undefined && !staysWithOriginal(run, one)) as Orphan[];
  const { timeoutMs, mentionsUpTo } = run;
  const unused: Orphan[] = [];
  for (const [orphan, verdict] of await stillUsed(orphans, run.scope, { timeoutMs, mentionsUpTo })) {
    if (verdict === 'unused') unused.push(orphan);
    else if (typeof verdict === 'object') {
      noteOutcome(run, orphan, unanswered(verdict.unanswered));
    } else {
      const reason = verdict === 'mentioned' ? verdict : 'still used';
      noteOutcome(run, orphan, { outcome: 'kept', reason });
    }
  }
  let mustWait: Date | undefined;
  for (const few of inBatches(await withoutIntended(run, unused), FEW)) {
    if (run.isStopped || mustWait) break;
    for (const { file, outcome } of await attempt(few, storage.owners[0]!.options.timeoutMs)) {
      noteOutcome(run, file, outcome);
      if (outcome.outcome === 'failed') mustWait ??= outcome.retryAt;
    }
  }
  return mustWait;
}

/** Whether an original of the file seemed to be an orphan, but stayed. */
function staysWithOriginal(run: SweepRun, orphan: Orphan): boolean {
  const isMade = run.derived.has(orphan);
  if (isMade) noteOutcome(run, orphan, { outcome: 'kept', reason: 'still used' });
  return isMade;
}

/** Must follow the question: a file that was dropped after its document was read has an intent from before that. */
async function withoutIntended(run: SweepRun, unused: readonly Orphan[]): Promise<Orphan[]> {
  try {
    const intended = await intendedAmong(run, unused);
    const isIntended = (one: Orphan): boolean => intended.has(identityOf(one));
    for (const one of unused.filter(isIntended))
      noteOutcome(run, one, { outcome: 'kept', reason: 'still used' });
    return unused.filter((one) => !isIntended(one));
  } catch (thrown) {
    for (const one of unused) noteOutcome(run, one, unanswered(asError(thrown)));
    return [];
  }
}

function orphanOf({ key, details }: PackedAsset, { provider, owners }: Storage): Orphan {
  return { asset: { provider: provider.name, key }, provider, details: details!, owner: owners[0]! };
}

/** Another file may have been written under the name since its age was read. */
async function stillTheSame(run: SweepRun, orphan: Orphan): Promise<Orphan | undefined> {
  const { asset } = orphan;
  const provider: SweepableProvider = orphan.provider;
  const { find } = provider;
  if (!find) return orphan;
  try {
    const now = await find.call(provider, asset);
    if (!now) noteOutcome(run, orphan, { outcome: 'missing' });
    else if (
      now.asset.key !== asset.key ||
      now.modifiedAt.getTime() !== orphan.details.modifiedAt.getTime()
    ) {
      noteOutcome(run, orphan, { outcome: 'kept', reason: 'changed' });
    } else return orphan;
  } catch (thrown) {
    noteOutcome(run, orphan, unanswered(asError(thrown)));
  }
  return undefined;
}

/** The outcome of a provider, or of a question. */
type Outcome = RemovalOutcome & { readonly error?: Error };

function unanswered(error: Error): Outcome {
  return { outcome: 'kept', reason: 'unanswered', error };
}

function noteOutcome(run: SweepRun, orphan: Orphan, outcome: Outcome): void {
  const { asset, provider, details, owner } = orphan;
  const { error } = outcome;
  const reason = outcome.outcome === 'kept' ? outcome.reason : undefined;
  const told = { outcome: outcome.outcome, ...(reason && { reason }), ...(error && { error }) };
  if (outcome.outcome === 'removed') {
    run.counts.removed++;
    run.bytes.removed += details.size;
  } else if (outcome.outcome === 'failed') run.counts.failed++;
  else run.counts.kept++;
  if (outcome.outcome !== 'removed' && outcome.outcome !== 'missing') stays(run, orphan);
  run.isIncomplete ||= outcome.outcome === 'failed' || reason === 'unanswered';
  run.file({ ...fileOf(orphan), ...told });
  publish(
    {
      ...told,
      asset,
      value: masked(asset.key, [provider]),
      field: null,
      model: owner.model.modelName,
      documentId: null,
      operation: 'sweep',
      attempts: outcome.outcome === 'kept' ? 0 : 1,
    },
    owner.options,
  );
}

function fileOf({ asset, provider, details }: Orphan): Omit<SweptFile, 'outcome'> {
  return { asset, name: nameOf(asset, provider), ...details };
}
