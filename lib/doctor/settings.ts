import { isDeepStrictEqual } from 'node:util';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel, KeepRule } from '../schema/options.js';
import { modelsNotGiven, type Owner, type Storage } from '../sweep/storages.js';
import { trackedOf } from '../schema/model-fields.js';
import type { Examination } from './examination.js';

/** Why models with the same storage should have the same options. */
const REASONS = {
  enabled: 'whether a file that both name is removed depends on which model was written',
  dryRun: 'whether a file that both name is removed depends on which model was written',
  keep: 'a file that the rules of one model protect is removed when the other model drops it',
  removal: 'writes of one model wait for the storage, and writes of the other do not',
  mentionsUpTo: 'mentions that keep a file for one model do not keep it for the other',
  maxDocuments: 'the same write is too large for one model and not for the other',
} as const;

/** How many models one finding names. */
const MOST_NAMES = 5;

type Compared = Readonly<Record<keyof typeof REASONS, unknown>>;

/** Finds models with the same storage that would treat its files differently. */
export function compareSettings(run: Examination): void {
  run.begin('settings');
  for (const storage of run.storages) {
    compareIn(run, storage);
    findNarrowReferences(run, storage);
  }
}

function compareIn(run: Examination, { label, owners }: Storage): void {
  const [first, ...others] = firstOfEachModel(owners);
  if (!first) return;
  const known = comparedOf(first);
  for (const name of Object.keys(REASONS) as (keyof typeof REASONS)[]) {
    const other = others.find((one) => !isSameSetting(known[name], comparedOf(one)[name]));
    if (!other) continue;
    const [one, two] = [first, other].map(({ model }) => model.modelName);
    run.find({
      kind: 'differing-options',
      about: label,
      message: `the models "${one!}" and "${two!}" keep files in this storage and differ in the option "${name}": ${REASONS[name]}`,
      advice: `give both the same "${name}"`,
    });
  }
}

function firstOfEachModel(owners: readonly Owner[]): Owner[] {
  return owners.filter((owner, index) => owners.findIndex(({ model }) => model === owner.model) === index);
}

function comparedOf({ model, options }: Owner): Compared {
  const { given, removal, mentionsUpTo, maxDocuments } = options;
  const { enabled = true, dryRun = false } = given;
  return { enabled, dryRun, keep: keepOf(model), removal, mentionsUpTo, maxDocuments };
}

function keepOf(model: AnyModel): KeepRule[] {
  return [...new Set(trackedOf(model).flatMap(({ keep }) => keep))];
}

/** Rules in another order are equal, and so are functions with the same text, such as those of a factory. */
function isSameSetting(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable(setting: unknown): unknown {
  if (Array.isArray(setting)) return setting.map((one) => String(one)).sort();
  return typeof setting === 'function' ? String(setting) : setting;
}

/** `references` asks at most the models of the connection, unless others are named. */
function findNarrowReferences(run: Examination, storage: Storage): void {
  const owners = firstOfEachModel(storage.owners);
  const all = [...owners.map(({ model }) => model), ...modelsNotGiven([storage], run.models)];
  for (const { model, options } of owners) {
    const unasked = [...new Set(all)].filter((other) => !isAsked(other, model, options));
    if (unasked.length === 0) continue;
    const isElsewhere = options.references.scope === 'connection';
    run.find({
      kind: 'narrow-references',
      about: model.modelName,
      message:
        `${isElsewhere ? 'the models of another connection are not asked' : `references: '${options.references.scope}' leaves out models`}, ` +
        `and ${namesOf(unasked)} also keep${unasked.length === 1 ? 's' : ''} files in ${storage.label}: a file that both name would be lost`,
      advice: isElsewhere
        ? 'add the models themselves to "references" (not their names), or give each connection a folder of its own'
        : 'leave "references" out (the whole connection is asked), or add the models to it',
      count: unasked.length,
    });
  }
}

function namesOf(models: readonly AnyModel[]): string {
  const names = models.slice(0, MOST_NAMES).map(({ modelName, db }) => `"${modelName}" (${db.name})`);
  const left = models.length - names.length;
  return names.join(', ') + (left > 0 ? ` and ${String(left)} more` : '');
}

function isAsked(other: AnyModel, model: AnyModel, { references }: CleanupOptions): boolean {
  const isSameConnection = other.db === model.db;
  if (isSameConnection && references.scope === 'connection') return true;
  if (isSameConnection && other.collection.name === model.collection.name) return true;
  return references.sources.some((source) => {
    const named = typeof source === 'object' ? source.model : source;
    return named === other || (isSameConnection && named === other.modelName);
  });
}
