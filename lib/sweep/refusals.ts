import type { AnyModel } from '../schema/options.js';
import { hasPlugin } from '../schema/model-fields.js';
import type { Listed, SweepRun } from './run.js';
import { modelsNotGiven, ownersOf } from './storages.js';

/* Reasons to remove nothing, which a report names together with what overrides them. */

export function refuseModelsNotGiven(run: SweepRun): void {
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
export function noteOtherModels({ options: { models }, notes, refusals }: SweepRun): void {
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

export function refuseSwitchedOff(run: SweepRun): void {
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

export function refuseNothingUsed(run: SweepRun, orphans: readonly Listed[]): void {
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
export function refuseTooMany({ counts, options, refusals }: SweepRun, orphans: number): void {
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
