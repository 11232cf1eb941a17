import {
  originalsFirst,
  refuseUnknown as refuseUnknownDerivatives,
  withoutDerived,
} from './derived-files.js';
import { scopeOf, type Scope } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { findOrphans } from './decision.js';
import { refuseForeign } from './foreign.js';
import { listStorage } from './listing.js';
import { withoutMentioned } from './mentions.js';
import { readSweepOptions, type CheckedSweepOptions, type SweepOptions } from './sweep-options.js';
import { noteUnread } from './other-collections.js';
import { readReferences } from './references.js';
import {
  noteOtherModels,
  refuseModelsNotGiven,
  refuseNothingUsed,
  refuseSwitchedOff,
  refuseTooMany,
} from './refusals.js';
import { removeOrphans, tellOrphans } from './remove-orphans.js';
import type { Refusal, SweepReport } from './report.js';
import { SweepRun, type Listed } from './run.js';
import { canBeListed, labelOf, ownersOf, storagesOf, type Owner } from './storages.js';

/**
 * Finds files that no document uses and, with `remove: true`, removes them. It first lists the storages of the models,
 * then reads all references, and asks again immediately before each removal whether the file is used now.
 *
 * ```ts
 * const report = await sweep({ models: [User, Post], olderThan: '24h', remove: false });
 * ```
 *
 * Resolves with a report even if it refuses to remove anything; `report.refusals` then says why, and what overrides it.
 *
 * @throws TypeError if an option is wrong, or if no provider of the models can list what it stores.
 */
export async function sweep(given: SweepOptions): Promise<SweepReport> {
  const options = readSweepOptions(given);
  const owners = ownersOf(options.models);
  const storages = storagesOf(owners);
  if (storages.length === 0) {
    const names = [...new Set(owners.map(({ provider }) => provider.name))].join(', ');
    throw new TypeError(
      `sweep: no provider of these models can list what it stores (${names}); a sweep needs a provider with "list"`,
    );
  }
  const { scope, refusal } = await scopeFor(options, owners);
  const run = new SweepRun(options, storages, scope);
  if (refusal) run.refusals.push(refusal);
  for (const { provider } of owners) {
    if (!canBeListed(provider))
      run.notes.push(`${labelOf(provider)} was not swept: its provider has no "list"`);
  }
  refuseModelsNotGiven(run);
  noteOtherModels(run);
  refuseSwitchedOff(run);
  if (run.refusals.length === 0) await findAndRemove(run);
  return reportOf(run);
}

async function findAndRemove(run: SweepRun): Promise<void> {
  await noteUnread(run);
  let orphans: Listed[] = [];
  for (const storage of run.storages) orphans.push(await listStorage(run, storage));
  if (isOver(run)) return;
  await readReferences(run, orphans);
  if (isOver(run)) return;
  // each result replaces its listing, which may be large
  for (const [index, one] of orphans.entries()) orphans[index] = await findOrphans(run, one);
  if (run.isStopped) return;
  orphans = await withoutMentioned(run, orphans);
  if (run.isStopped) return;
  orphans = orphans.map((one) => withoutDerived(run, one));
  refuseUnknownDerivatives(run);
  refuseNothingUsed(run, orphans);
  const explained = refuseForeign(run, orphans);
  refuseTooMany(run, explained);
  for (const one of orphans) {
    if (run.options.remove && run.refusals.length === 0) await removeInOrder(run, originalsFirst(run, one));
    else tellOrphans(run, one);
  }
}

/** A derived file stays until its original has an outcome. */
async function removeInOrder(run: SweepRun, parts: readonly Listed[]): Promise<void> {
  for (const part of parts) if (!(await removeOrphans(run, part))) return;
}

function isOver(run: SweepRun): boolean {
  return run.isStopped || run.refusals.length > 0;
}

/** The scope of the models, on connections that are open. Waits for a connection that is being opened. */
async function scopeFor(
  { models }: CheckedSweepOptions,
  owners: readonly Owner[],
): Promise<{ scope: Scope; refusal?: Refusal }> {
  const nothing = { collections: [], functions: [], models: [] };
  for (const { db, modelName } of models) {
    if (db.readyState === 2) await db.asPromise().catch(() => undefined);
    if ((db.readyState as number) === 1) continue;
    const message = `the connection of "${modelName}" is not open`;
    return { scope: nothing, refusal: { reason: 'unread-model', message, override: 'connect first' } };
  }
  try {
    const asking = owners.map(({ model, options: { references } }) => ({ model, references }));
    return { scope: scopeOf(asking) };
  } catch (thrown) {
    const error = asError(thrown);
    const override = 'register the model, or take it out of "references"';
    return { scope: nothing, refusal: { reason: 'unread-model', message: error.message, override, error } };
  }
}

function reportOf(run: SweepRun): SweepReport {
  const { startedAt, storages, collections, unread, mode, counts, bytes, refusals, notes } = run;
  const { files, unclear, missing } = run;
  return {
    status: statusOf(run),
    startedAt,
    durationMs: run.options.now().getTime() - startedAt.getTime(),
    storages: storages.map(({ label }) => label),
    collections,
    unread,
    mode,
    counts: { ...counts },
    bytes: { ...bytes },
    refusals,
    notes,
    files,
    unclear,
    missing,
  };
}

function statusOf({ refusals, isStopped, isIncomplete, counts, options }: SweepRun): SweepReport['status'] {
  if (isStopped) return 'stopped';
  if (refusals.length > 0) return 'refused';
  if (counts.orphans === 0) return 'clean';
  if (!options.remove) return 'orphans';
  return isIncomplete || counts.removed + counts.kept < counts.orphans ? 'incomplete' : 'removed';
}
