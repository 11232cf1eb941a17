import type { AnyModel } from '../schema/options.js';
import { originalsFirst, refuseUnknown as refuseUnknownDerivatives, withoutDerived } from './derived.js';
import { hasPlugin } from '../schema/tracked.js';
import { scopeOf, type Scope } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { findOrphans } from './decision.js';
import { refuseForeign } from './foreign.js';
import { listStorage } from './listing.js';
import { withoutMentioned } from './mentions.js';
import { readSweepOptions, type CheckedSweepOptions, type SweepOptions } from './sweep-options.js';
import { noteUnread } from './other-collections.js';
import { readReferences } from './references.js';
import { removeOrphans, tellOrphans } from './remove-orphans.js';
import type { Refusal, SweepReport } from './report.js';
import { SweepRun, type Listed } from './run.js';
import { canBeListed, labelOf, ownersOf, storagesOf, modelsNotGiven, type Owner } from './storages.js';

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

function refuseModelsNotGiven(run: SweepRun): void {
  const others = modelsNotGiven(run.storages, run.options.models);
  if (others.length === 0) return;
  const names = [...new Set(others.map(({ modelName }) => `"${modelName}"`))].join(', ');
  run.refusals.push({
    reason: 'shared-storage',
    message: `${names} ${others.length === 1 ? 'keeps its files in the same storage and was' : 'keep their files in the same storage and were'} not given`,
    override: [...new Set(others.map(({ modelName }) => `--model ${modelName}`))].join(' '),
  });
}

/** Names the other models, whose files are not swept. Otherwise, the sweep may be taken for one of everything. */
function noteOtherModels({ options: { models }, notes, refusals }: SweepRun): void {
  if (refusals.length > 0) return;
  const given = new Set(models.map(({ db, collection: { name } }) => `${db.id}/${name}`));
  const others = [...new Set(models.map(({ db }) => db))]
    .flatMap((db) => Object.values(db.models) as AnyModel[])
    .filter((model) => hasPlugin(model) && !given.has(`${model.db.id}/${model.collection.name}`));
  for (const { modelName } of others) {
    notes.push(
      `the files of "${modelName}" were not swept because the model was not given; --model ${modelName} includes it`,
    );
  }
}

function refuseSwitchedOff(run: SweepRun): void {
  if (!run.options.remove) return;
  const off = run.options.models.filter((model) =>
    ownersOf([model]).some(({ options }) => !isEnabled(options)),
  );
  if (off.length === 0) return;
  const names = off.map(({ modelName }) => `"${modelName}"`).join(', ');
  run.refuse('switched-off', `the option "enabled" of ${names} is off`);
}

function isEnabled(options: { isEnabled: () => boolean }): boolean {
  try {
    return options.isEnabled();
  } catch {
    return false;
  }
}

function refuseNothingUsed(run: SweepRun, orphans: readonly Listed[]): void {
  for (const { storage, candidates } of orphans) {
    if (candidates.length === 0 || run.used.of(storage).isUsed) continue;
    const where =
      run.storages.length === 1 ? `the ${String(run.counts.listed)} files` : `the files of ${storage.label}`;
    run.refuse(
      'no-references',
      `no document uses any of ${where}; check that this is the right database and the right folder`,
    );
  }
}

/** `orphans`: without those that are refused for what they are. */
function refuseTooMany({ counts, options, refusals }: SweepRun, orphans: number): void {
  if (orphans === 0) return;
  const share = orphans / counts.listed;
  if (share <= options.maxShare) return;
  const percent = (part: number): string => `${(part * 100).toFixed(part * 100 < 10 ? 1 : 0)} %`;
  refusals.push({
    reason: 'max-share',
    message:
      `${String(orphans)} of ${String(counts.listed)} files (${percent(share)}) seem to be orphans, ` +
      `more than ${percent(options.maxShare)}`,
    override: `--max-share ${String(Math.min(1, Math.ceil(share * 100) / 100))}`,
  });
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
